// How often the one is better than the other.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/refuse_nan.hpp>

namespace gptnas {

/// The effect size A12 (Vargha and Delaney, "A Critique and Improvement of the CL Common Language Effect Size
/// Statistics of McGraw and Wong", 2000): how likely a value of the first sample is larger than one of the second, ties
/// counted one half. 0.5 says that neither is; 1 that every one is.
///
/// @param first   (M) no NaN, M >= 1; infinities are larger or smaller than all else.
/// @param second  (N) no NaN, N >= 1; it need not have as many.
/// @throws std::invalid_argument if a sample is empty or has a NaN. Complexity: O((M + N) log N).
inline double vargha_delaney(std::span<const double> first, std::span<const double> second) {
  for (const std::span<const double> sample : {first, second}) {
    if (sample.empty()) throw invalid_value("vargha_delaney: values of a sample", sample.size(), "at least 1");
    detail::refuse_nan("vargha_delaney: a value", sample);
  }
  std::vector<double> sorted(second.begin(), second.end());
  std::sort(sorted.begin(), sorted.end());
  std::size_t halves = 0;  // two for each pair in which the first is larger, one for a tie
  for (const double value : first) {
    const auto [begin, end] = std::equal_range(sorted.begin(), sorted.end(), value);
    halves += static_cast<std::size_t>((begin - sorted.begin()) + (end - sorted.begin()));
  }
  return static_cast<double>(halves) / (2 * static_cast<double>(first.size()) * static_cast<double>(second.size()));
}

}  // namespace gptnas
