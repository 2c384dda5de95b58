// Stochastic gradient descent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/network/weights.hpp>

namespace gptnas {

struct SgdOptions {
  double momentum = 0.9;       ///< in [0, 1) as a float
  double weight_decay = 1e-3;  ///< finite as a float, at least 0; of the weights of convolutions and linear layers only

  /// @throws std::invalid_argument if an option is outside its domain.
  void check() const {
    if (!(momentum >= 0 && static_cast<float>(momentum) < 1)) {
      throw invalid_value("SgdOptions::momentum", momentum, "in [0, 1) as a float");
    }
    if (!(weight_decay >= 0 && is_finite(static_cast<float>(weight_decay)))) {
      throw invalid_value("SgdOptions::weight_decay", weight_decay, "finite as a float, at least 0");
    }
  }
};

/// Stochastic gradient descent with Nesterov momentum and weight decay, as in PyTorch:
/// d = g + decay w; v = momentum v + d; w -= rate (d + momentum v).
template <class Scalar>
class Sgd {
 public:
  /// @throws std::invalid_argument if an option is outside its domain.
  Sgd(const Network& network, const SgdOptions& options)
      : momentum_(static_cast<Scalar>(options.momentum)),
        velocity_(network.parameters()),
        decay_(network.parameters()) {
    options.check();
    for (const ParameterBlock& block : parameter_blocks(network)) {
      if (block.kind != ParameterBlock::Kind::weight) continue;
      std::fill_n(decay_.begin() + static_cast<std::ptrdiff_t>(block.offset), block.size,
                  static_cast<Scalar>(options.weight_decay));
    }
  }

  /// One step of the parameters [first, first + size).
  ///
  /// @param parameters, gradients  (all parameters)
  void step(std::span<Scalar> parameters, std::span<const Scalar> gradients, double rate, std::size_t first,
            std::size_t size) {
    const Scalar step_size = static_cast<Scalar>(rate);
    for (std::size_t i = first; i < first + size; ++i) {
      const Scalar gradient = gradients[i] + decay_[i] * parameters[i];
      velocity_[i] = momentum_ * velocity_[i] + gradient;
      parameters[i] -= step_size * (gradient + momentum_ * velocity_[i]);
    }
  }

 private:
  Scalar momentum_;
  std::vector<Scalar> velocity_, decay_;
};

}  // namespace gptnas
