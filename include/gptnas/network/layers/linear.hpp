// A dense layer.
#pragma once

#include <algorithm>
#include <cstddef>

#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// result (B,F) = values (B,N) weights (N,F) + biases (F). Weights: (N,F), then the biases if it has them.
template <class Scalar>
class Linear {
 public:
  Linear(std::size_t inputs, std::size_t features, bool bias) : inputs_(inputs), features_(features), bias_(bias) {}

  void forward(const Scalar* values, const Scalar* weights, Scalar* result, std::size_t count) const {
    const Scalar* bias = weights + inputs_ * features_;
    for (std::size_t row = 0; row < count; ++row) {
      if (bias_) {
        std::copy_n(bias, features_, result + row * features_);
      } else {
        std::fill_n(result + row * features_, features_, Scalar{});
      }
    }
    matrix_product<Scalar>(MatrixView<const Scalar>(values, count, inputs_),
                           MatrixView<const Scalar>(weights, inputs_, features_),
                           MatrixView<Scalar>(result, count, features_), Update::add);
  }

  /// weight_gradients = their gradient; value_gradients = or += theirs, unless it is null.
  void backward(const Scalar* values, const Scalar* weights, const Scalar* result_gradients, Scalar* value_gradients,
                Update update, Scalar* weight_gradients, std::size_t count) const {
    const MatrixView<const Scalar> gradients(result_gradients, count, features_);
    matrix_product<Scalar>(transposed(MatrixView<const Scalar>(values, count, inputs_)), gradients,
                           MatrixView<Scalar>(weight_gradients, inputs_, features_), Update::assign);
    if (bias_) {
      Scalar* bias = weight_gradients + inputs_ * features_;
      std::fill_n(bias, features_, Scalar{});
      for (std::size_t row = 0; row < count; ++row) {
        for (std::size_t f = 0; f < features_; ++f) bias[f] += result_gradients[row * features_ + f];
      }
    }
    if (value_gradients != nullptr) {
      matrix_product<Scalar>(gradients, transposed(MatrixView<const Scalar>(weights, inputs_, features_)),
                             MatrixView<Scalar>(value_gradients, count, inputs_), update);
    }
  }

 private:
  std::size_t inputs_, features_;
  bool bias_;
};

}  // namespace gptnas::layers
