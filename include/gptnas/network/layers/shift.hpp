// Images moved by some pixels.
#pragma once

#include <algorithm>
#include <cstddef>

#include <gptnas/network/layers/elementwise.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// Images (B,H,W,C) moved up and left; zeros come in.
template <class Scalar>
class Shift {
 public:
  Shift(const TensorShape& shape, const operations::Shift& options)
      : row_(shape.width * shape.channels),
        height_(shape.height),
        rows_(options.rows),
        side_(options.columns * shape.channels) {}

  /// result (B,H,W,C) = moved images (B,H,W,C).
  void forward(const Scalar* images, Scalar* result, std::size_t count) const {
    for_rows(count, [&](std::size_t from, std::size_t to) {
      std::fill_n(std::copy_n(images + from + side_, row_ - side_, result + to), side_, Scalar{});
    });
    for_lost_rows(count, [&](std::size_t, std::size_t to) { std::fill_n(result + to, row_, Scalar{}); });
  }

  /// image_gradients = or += theirs.
  void backward(const Scalar* result_gradients, Scalar* image_gradients, Update update, std::size_t count) const {
    const auto lost = [&](std::size_t at, std::size_t size) {
      if (update == Update::assign) std::fill_n(image_gradients + at, size, Scalar{});
    };
    for_rows(count, [&](std::size_t from, std::size_t to) {
      lost(from, side_);
      accumulate(result_gradients + to, image_gradients + from + side_, update, row_ - side_);
    });
    for_lost_rows(count, [&](std::size_t from, std::size_t) { lost(from, row_); });
  }

 private:
  /// Calls `function(row of the images, row of the result)` for each pair of rows.
  template <class Function>
  void for_rows(std::size_t count, Function function) const {
    for (std::size_t image = 0; image < count; ++image) {
      for (std::size_t y = rows_; y < height_; ++y) {
        function((image * height_ + y) * row_, (image * height_ + y - rows_) * row_);
      }
    }
  }

  /// Calls `function(row of the images that goes, row of the result that comes in)`.
  template <class Function>
  void for_lost_rows(std::size_t count, Function function) const {
    for (std::size_t image = 0; image < count; ++image) {
      for (std::size_t y = 0; y < rows_; ++y) {
        function((image * height_ + y) * row_, (image * height_ + height_ - rows_ + y) * row_);
      }
    }
  }

  std::size_t row_, height_;  // values of a row, rows of an image
  std::size_t rows_, side_;   // rows and values of a row that go
};

}  // namespace gptnas::layers
