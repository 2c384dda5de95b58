// Operations that move values: sums, joined and shuffled channels.
#pragma once

#include <algorithm>
#include <cstddef>

#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

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

/// to = or += from, where each pixel's channels are a table of `rows` x `columns`, transposed on the way.
template <class Scalar>
void accumulate_transposed(const Scalar* from, Scalar* to, Update update, std::size_t pixels, std::size_t rows,
                           std::size_t columns) {
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column) {
        Scalar& value = to[column * rows + row];
        value = from[row * columns + column] + (update == Update::add ? value : Scalar{});
      }
    }
    from += rows * columns;
    to += rows * columns;
  }
}

}  // namespace gptnas::layers
