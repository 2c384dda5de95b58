// Operations that look at one value or one pixel at a time: ReLU, sums, joined channels.
#pragma once

#include <algorithm>
#include <cstddef>

#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// result = max(values, 0)
template <class Scalar>
void relu(const Scalar* values, Scalar* result, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) result[i] = values[i] > 0 ? values[i] : Scalar{};
}

/// value_gradients = or += result_gradients where the result is positive.
template <class Scalar>
void relu_backward(const Scalar* result, const Scalar* result_gradients, Scalar* value_gradients, Update update,
                   std::size_t size) {
  if (update == Update::assign) {
    for (std::size_t i = 0; i < size; ++i) value_gradients[i] = result[i] > 0 ? result_gradients[i] : Scalar{};
  } else {
    for (std::size_t i = 0; i < size; ++i) value_gradients[i] += result[i] > 0 ? result_gradients[i] : Scalar{};
  }
}

/// to = or += from
template <class Scalar>
void accumulate(const Scalar* from, Scalar* to, Update update, std::size_t size) {
  if (update == Update::assign) {
    std::copy_n(from, size, to);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] += from[i];
  }
}

/// to = or += from, for each row of two matrices that others share: row r lies at r * stride.
template <class Scalar>
void accumulate_rows(const Scalar* from, std::size_t from_stride, Scalar* to, std::size_t to_stride, Update update,
                     std::size_t rows, std::size_t columns) {
  for (std::size_t row = 0; row < rows; ++row) {
    accumulate(from + row * from_stride, to + row * to_stride, update, columns);
  }
}

}  // namespace gptnas::layers
