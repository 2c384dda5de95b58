// The training loss of a classifier.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace gptnas::layers {

/// Softmax cross-entropy with label smoothing (Szegedy et al., 2016, section 7): the target is 1 - smoothing at the
/// label plus smoothing / classes everywhere.
///
/// @param logits          (B,classes)
/// @param labels          (B) below `classes`
/// @param smoothing       in [0, 1); 0: the label alone.
/// @param weight          of one image in the loss: 1 / batch for a mean.
/// @param logit_gradients (B,classes) = the gradient of the weighted loss.
/// @return the weighted sum of the losses.
template <class Scalar>
double softmax_cross_entropy(const Scalar* logits, std::span<const std::uint8_t> labels, std::size_t classes,
                             double smoothing, double weight, Scalar* logit_gradients) {
  double loss = 0;
  const double background = smoothing / static_cast<double>(classes);
  for (const std::uint8_t label : labels) {
    const double largest = static_cast<double>(*std::max_element(logits, logits + classes));
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(logits[c]) - largest);
    const double log_sum = std::log(sum) + largest;
    for (std::size_t c = 0; c < classes; ++c) {
      const double target = background + (c == label ? 1 - smoothing : 0);
      const double log_probability = static_cast<double>(logits[c]) - log_sum;
      loss -= weight * target * log_probability;
      logit_gradients[c] = static_cast<Scalar>(weight * (std::exp(log_probability) - target));
    }
    logits += classes;
    logit_gradients += classes;
  }
  return loss;
}

}  // namespace gptnas::layers
