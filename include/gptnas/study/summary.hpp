// What many runs have in common.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// The mean of a sample and how far it may be from the truth.
struct Summary {
  std::size_t count = 0;
  double mean = 0;
  double standard_error = 0;  ///< of the mean: the sample's standard deviation by the root of its size; of one value, 0
};

/// Summarises the results of runs over different seeds.
///
/// @param values  (N) finite, N >= 1.
/// @throws std::invalid_argument if there are none. Complexity: O(N).
inline Summary summarize(std::span<const double> values) {
  if (values.empty()) throw invalid_value("summarize: values", values.size(), "at least 1");
  const auto count = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / count;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double variance = values.size() > 1 ? squares / (count - 1) : 0;
  return {values.size(), mean, std::sqrt(variance / count)};
}

}  // namespace gptnas
