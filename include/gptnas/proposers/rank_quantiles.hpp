// Outcomes as a model learns them: by their ranks.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <gptnas/core/refuse_nan.hpp>

namespace gptnas {

/// The ranks of some values as quantiles of the logistic distribution, scaled to a variance of about 1: neither their
/// unit matters, nor how bad the worst of them are. Equal values share the mean of their ranks.
///
/// @param values  (N) no NaN.
/// @throws std::invalid_argument if there is a NaN. Complexity: O(N log N).
inline std::vector<double> rank_quantiles(std::span<const double> values) {
  detail::refuse_nan("rank_quantiles: a value", values);
  const std::size_t size = values.size();
  std::vector<std::size_t> order(size);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> quantiles(size);
  for (std::size_t first = 0, end = 0; first < size; first = end) {
    while (end < size && values[order[end]] == values[order[first]]) ++end;
    const double share = static_cast<double>(first + end) / 2 / static_cast<double>(size);
    for (std::size_t i = first; i < end; ++i) quantiles[order[i]] = std::log(share / (1 - share)) / 1.8;
  }
  return quantiles;
}

}  // namespace gptnas
