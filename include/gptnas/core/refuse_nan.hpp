// Values that can be put in order.
#pragma once

#include <cmath>
#include <span>
#include <string_view>

#include <gptnas/core/errors.hpp>

namespace gptnas::detail {

/// @param name  of the value, for the error.
/// @throws std::invalid_argument if it is NaN.
inline void refuse_nan(std::string_view name, double value) {
  if (std::isnan(value)) throw invalid_value(name, value, "a number");
}

/// @param name  of each of the values, for the error.
/// @throws std::invalid_argument if there is a NaN. Complexity: O(values).
inline void refuse_nan(std::string_view name, std::span<const double> values) {
  for (const double value : values) refuse_nan(name, value);
}

}  // namespace gptnas::detail
