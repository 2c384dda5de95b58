// Normally distributed random numbers.
#pragma once

#include <cmath>

#include <gptnas/core/random_stream.hpp>

namespace gptnas {

inline double RandomStream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(6.283185307179586 * uniform());
}

}  // namespace gptnas
