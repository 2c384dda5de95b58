// Many tests at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// The p values of a family of tests, adjusted (Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979):
/// who rejects where the adjusted one is at most a level errs anywhere in the family with at most that probability,
/// however the tests depend on each other.
///
/// @param p  (N) in [0, 1], N >= 1: the whole family, as named before the data were seen.
/// @return (N) in the same order, none smaller than before.
/// @throws std::invalid_argument if there is none, or one is outside [0, 1]. Complexity: O(N log N).
inline std::vector<double> holm(std::span<const double> p) {
  if (p.empty()) throw invalid_value("holm: number of p values", p.size(), "at least 1");
  for (const double value : p) {
    if (!(value >= 0 && value <= 1)) throw invalid_value("holm: a p value", value, "in [0, 1]");
  }
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double least = 0;  // what is not rejected holds back all that is less significant
  for (std::size_t place = 0; place < order.size(); ++place) {
    least = std::max(least, std::min(1.0, static_cast<double>(order.size() - place) * p[order[place]]));
    adjusted[order[place]] = least;
  }
  return adjusted;
}

}  // namespace gptnas
