// The middle of values of which some are known only to be large.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// Quartiles of a sample; nothing where it is known only that the quartile is above the limit.
struct CensoredQuartiles {
  std::optional<double> lower, median, upper;
  std::size_t censored = 0;  ///< values above the limit
};

/// The quartiles of values that were observed up to a limit only: the queries until the best cell was found, say, in
/// runs that ended at a budget. Between two values of the sample they are interpolated linearly (Hyndman and Fan,
/// "Sample Quantiles in Statistical Packages", 1996, definition 7, as in R and NumPy); with a censored one there is no
/// between.
///
/// @param values  (N) N >= 1; those above the limit, or infinite, are censored.
/// @param limit   infinity: all finite values were observed.
/// @throws std::invalid_argument if there are no values, if the limit or a value is NaN, or if a value is minus
/// infinity. Complexity: O(N log N).
inline CensoredQuartiles censored_quartiles(std::span<const double> values,
                                            double limit = std::numeric_limits<double>::infinity()) {
  if (values.empty()) throw invalid_value("censored_quartiles: number of values", values.size(), "at least 1");
  if (std::isnan(limit)) throw invalid_value("censored_quartiles: limit", limit, "a number");
  std::vector<double> observed;
  for (const double value : values) {
    if (!(value > -std::numeric_limits<double>::infinity())) {
      throw invalid_value("censored_quartiles: a value", value, "a number or infinity");
    }
    if (value <= limit && !std::isinf(value)) observed.push_back(value);
  }
  std::sort(observed.begin(), observed.end());

  const auto quartile = [&](double quarters) -> std::optional<double> {
    const double place = quarters / 4 * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double part = place - static_cast<double>(below);
    const std::size_t above = part > 0 ? below + 1 : below;
    if (above >= observed.size()) return std::nullopt;
    return observed[below] + part * (observed[above] - observed[below]);
  };
  return {quartile(1), quartile(2), quartile(3), values.size() - observed.size()};
}

}  // namespace gptnas
