// Whether the networks of a space can be trained.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/network/engine.hpp>
#include <gptnas/network/layers/softmax_cross_entropy.hpp>
#include <gptnas/network/sgd.hpp>

namespace gptnas_test {

/// Trains a network on four random images for a few steps.
///
/// @return whether every loss and at last every parameter was finite, and whether the parameters moved.
inline bool trains(const gptnas::Network& network) {
  const std::vector<std::uint8_t> labels{0, 1, 1, 0};
  gptnas::RandomStream random(5);
  const auto initial = gptnas::initial_weights<float>(network, random);
  auto weights = initial;
  std::vector<float> gradients(weights.parameters.size());
  gptnas::NetworkEngine<float> engine(network, labels.size());
  gptnas::Sgd<float> sgd(network, {});
  for (float& value : engine.images()) value = static_cast<float>(standard_normal(random));
  for (int step = 0; step < 3; ++step) {
    engine.forward(weights, labels.size(), gptnas::Phase::training);
    const double loss = gptnas::layers::softmax_cross_entropy(engine.logits().data(), labels, network.task().classes,
                                                              0.1, 0.25, engine.logit_gradients().data());
    if (!std::isfinite(loss)) return false;
    engine.backward(weights, labels.size(), gradients);
    sgd.step(weights.parameters, gradients, 0.01, 0, gradients.size());
  }
  for (const float value : weights.parameters) {
    if (!std::isfinite(value)) return false;
  }
  return weights.parameters != initial.parameters;
}

}  // namespace gptnas_test
