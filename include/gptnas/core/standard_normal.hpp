// Normally distributed random numbers.
#pragma once

#include <cmath>

#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// A standard normal number (Box and Muller, 1958); two uniforms a call. No member of `RandomStream`, as programs that do
/// without it need not read <cmath>.
inline double standard_normal(RandomStream& random) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform()));
  return radius * std::cos(6.283185307179586 * random.uniform());
}

}  // namespace gptnas
