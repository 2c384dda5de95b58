// Activations: functions of one value, applied to many values at once.
#pragma once

#include <concepts>
#include <cstddef>

#include <gptnas/network/layers/channel_lanes.hpp>
#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// A function of one value and its derivative, on several values side by side.
template <class Type>
concept Activation = requires(const Lanes<float, 1>& x) {
  { Type::value(x) } -> std::same_as<Lanes<float, 1>>;
  { Type::derivative(x) } -> std::same_as<Lanes<float, 1>>;
};

/// 1 where x is positive, else 0: what a comparison says, in operations that Eigen vectorises.
template <class Values>
Values step(const Values& x) {
  return x.max(0).min(1).ceil();
}

/// max(x, 0)
struct Relu {
  template <class Values>
  static Values value(const Values& x) {
    return x.max(0);
  }
  template <class Values>
  static Values derivative(const Values& x) {
    return step(x);
  }
};

/// 1 / (1 + exp(-x))
struct Sigmoid {
  template <class Values>
  static Values value(const Values& x) {
    return x.logistic();
  }
  template <class Values>
  static Values derivative(const Values& x) {
    const Values value = x.logistic();
    return value * (1 - value);
  }
};

/// min(max(x + 3, 0), 6) / 6
struct HardSigmoid {
  template <class Values>
  static Values value(const Values& x) {
    return (x + 3).max(0).min(6) / 6;
  }
  template <class Values>
  static Values derivative(const Values& x) {
    return step<Values>(x + 3) * step<Values>(3 - x) / 6;
  }
};

/// x sigmoid(x)
struct Swish {
  template <class Values>
  static Values value(const Values& x) {
    return x * x.logistic();
  }
  template <class Values>
  static Values derivative(const Values& x) {
    const Values sigmoid = x.logistic();
    return sigmoid * (1 + x * (1 - sigmoid));
  }
};

/// x hard sigmoid(x)
struct HardSwish {
  template <class Values>
  static Values value(const Values& x) {
    return x * HardSigmoid::value(x);
  }
  template <class Values>
  static Values derivative(const Values& x) {
    return HardSigmoid::value(x) + x * HardSigmoid::derivative(x);
  }
};

/// result = function of values
template <Activation Function, class Scalar>
void activate(const Scalar* values, Scalar* result, std::size_t size) {
  for_channel_blocks(size, [&](auto width, std::size_t first) {
    const Lanes<Scalar, width()> x = lanes<width()>(values + first);
    lanes<width()>(result + first) = Function::value(x);
  });
}

/// value_gradients = or += derivative at values times result_gradients
template <Activation Function, class Scalar>
void activate_backward(const Scalar* values, const Scalar* result_gradients, Scalar* value_gradients, Update update,
                       std::size_t size) {
  for_channel_blocks(size, [&](auto width, std::size_t first) {
    const Lanes<Scalar, width()> x = lanes<width()>(values + first);
    const Lanes<Scalar, width()> gradient = lanes<width()>(result_gradients + first) * Function::derivative(x);
    accumulate<width()>(gradient, value_gradients + first, update);
  });
}

}  // namespace gptnas::layers
