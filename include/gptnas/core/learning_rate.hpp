// How the learning rate goes over the steps of a fit.
#pragma once

#include <cmath>
#include <cstddef>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>

namespace gptnas {

/// A linear warm-up to the peak, then half a cosine down to a part of it (Loshchilov and Hutter, "SGDR", 2017).
struct LearningRate {
  double peak = 3e-3;             ///< finite, at least 0
  std::size_t warm_up_steps = 0;  ///< step s of the warm-up has (s + 1) / (warm_up_steps + 1) of the peak; 0 is none
  double last = 1.0;              ///< part of the peak that the cosine ends at, in [0, 1]; 1 keeps the rate constant

  /// The rate at a step, counted from 0, of so many.
  double at(std::size_t step, std::size_t steps) const {
    if (step < warm_up_steps) return peak * static_cast<double>(step + 1) / static_cast<double>(warm_up_steps + 1);
    const double progress = static_cast<double>(step - warm_up_steps) / static_cast<double>(steps - warm_up_steps);
    return peak * (last + (1 - last) * 0.5 * (1 + std::cos(3.141592653589793 * progress)));
  }

  /// @throws std::invalid_argument if a member is outside its domain.
  void check() const {
    if (!(peak >= 0 && is_finite(peak))) throw invalid_value("LearningRate::peak", peak, "finite, at least 0");
    if (!(last >= 0 && last <= 1)) throw invalid_value("LearningRate::last", last, "in [0, 1]");
  }
};

}  // namespace gptnas
