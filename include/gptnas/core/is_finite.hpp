// Finite or not.
#pragma once

namespace gptnas {

/// Whether a number is neither infinite nor NaN, without <cmath>, which takes long to read.
constexpr bool is_finite(double value) { return value - value == 0; }

}  // namespace gptnas
