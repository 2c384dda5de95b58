// Finite or not.
#pragma once

namespace gptnas {

/// Whether a number is neither infinite nor NaN. It spares programs <cmath>, whose special functions take long to read.
constexpr bool is_finite(double value) { return value - value == 0; }

}  // namespace gptnas
