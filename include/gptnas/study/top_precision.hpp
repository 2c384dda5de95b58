// How many of the best are found at the top.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/refuse_nan.hpp>

namespace gptnas {

/// Top-k precision of scores: of the k things of largest score, the share that is among the k of largest value, where a
/// value that equals the k-th largest is one of them. Of equal scores at the edge none is preferred: each place that is
/// left for them counts as the mean over all of them. Random scores have k / N of different values.
///
/// @param scores, values  (N) of the same things, no NaN, N >= k; larger is better.
/// @param top             k, at least 1.
/// @throws std::invalid_argument if k is 0 or larger than N, if there are not as many of both, or if one is NaN.
///   Complexity: O(N) on average.
inline double top_precision(std::span<const double> scores, std::span<const double> values, std::size_t top) {
  if (scores.size() != values.size()) {
    throw invalid_value("top_precision: number of values", values.size(),
                        joined({"as many as scores, ", scores.size()}));
  }
  if (top == 0 || top > scores.size()) {
    throw invalid_value("top_precision: top", top, joined({"1 to ", scores.size()}));
  }
  const auto largest = [top](const char* name, std::span<const double> sample) {
    detail::refuse_nan(name, sample);
    std::vector<double> sorted(sample.begin(), sample.end());
    const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(top - 1);
    std::nth_element(sorted.begin(), place, sorted.end(), std::greater<>());
    return *place;
  };
  const double least_score = largest("top_precision: a score", scores);
  const double least_value = largest("top_precision: a value", values);
  std::size_t above = 0, hits_above = 0, tied = 0, hits_tied = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool hit = values[i] >= least_value;
    above += scores[i] > least_score;
    hits_above += scores[i] > least_score && hit;
    tied += scores[i] == least_score;
    hits_tied += scores[i] == least_score && hit;
  }
  const auto real = [](std::size_t number) { return static_cast<double>(number); };
  return (real(hits_above) + real(top - above) * real(hits_tied) / real(tied)) / real(top);
}

}  // namespace gptnas
