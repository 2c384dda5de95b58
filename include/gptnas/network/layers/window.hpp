// Windows that slide over an image: padding, and the matrix of all windows (im2col) with its transpose (col2im).
#pragma once

#include <algorithm>
#include <cstddef>

#include <gptnas/network/layers/channel_lanes.hpp>
#include <gptnas/network/layers/elementwise.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// Square windows over an image (H,W,C), padded by dilation * (kernel - 1) / 2 on each side, so that no window leaves
/// the image.
struct Window {
  std::size_t channels, height, width;  ///< of the image
  std::size_t kernel, stride, dilation;
  std::size_t result_height, result_width;

  Window(const TensorShape& from, const TensorShape& to, std::size_t kernel_size, std::size_t step,
         std::size_t tap_step = 1)
      : channels(from.channels),
        height(from.height),
        width(from.width),
        kernel(kernel_size),
        stride(step),
        dilation(tap_step),
        result_height(to.height),
        result_width(to.width) {}

  std::size_t padding() const { return dilation * (kernel - 1) / 2; }
  std::size_t padded_height() const { return height + 2 * padding(); }
  std::size_t padded_width() const { return width + 2 * padding(); }
  std::size_t image_size() const { return height * width * channels; }
  std::size_t padded_size() const { return padded_height() * padded_width() * channels; }
  std::size_t result_pixels() const { return result_height * result_width; }
  std::size_t column_size() const { return kernel * kernel * channels; }  ///< values in one window

  /// Where a pixel of the padded image lies.
  std::size_t pixel(std::size_t row, std::size_t column) const { return (row * padded_width() + column) * channels; }
  /// Where in the padded image the window of a result pixel begins.
  std::size_t origin(std::size_t row, std::size_t column) const { return pixel(row, column) * stride; }
  /// Where, seen from there, row `row` and column `column` of the window lie.
  std::size_t tap(std::size_t row, std::size_t column) const { return pixel(row, column) * dilation; }
};

/// Copies an image (H,W,C) into the middle of a padded one, whose border becomes `border`.
template <class Scalar>
void pad(const Window& window, const Scalar* image, Scalar* padded, Scalar border = Scalar{}) {
  const std::size_t row = window.width * window.channels, side = window.padding() * window.channels;
  Scalar* out = std::fill_n(padded, window.padding() * window.padded_width() * window.channels, border);
  for (std::size_t y = 0; y < window.height; ++y) {
    out = std::fill_n(out, side, border);
    out = std::copy_n(image + y * row, row, out);
    out = std::fill_n(out, side, border);
  }
  std::fill_n(out, window.padding() * window.padded_width() * window.channels, border);
}

/// The image with its padding: itself where there is none, else a copy in `scratch`, of padded size.
template <class Scalar>
const Scalar* padded_image(const Window& window, const Scalar* image, Scalar* scratch, Scalar border = Scalar{}) {
  if (window.padding() == 0) return image;
  pad(window, image, scratch, border);
  return scratch;
}

/// The middle of a padded image becomes the image, or is added to it.
template <class Scalar>
void unpad(const Window& window, const Scalar* padded, Scalar* image, Update update) {
  const std::size_t row = window.width * window.channels;
  for (std::size_t y = 0; y < window.height; ++y) {
    accumulate(padded + window.pixel(y + window.padding(), window.padding()), image + y * row, update, row);
  }
}

/// Writes each window of a padded image as one row: columns (result pixels, kernel * kernel * channels).
///
/// @param offset, channels  the part of the image's channels that is taken, for grouped convolution.
template <class Scalar>
void windows_to_rows(const Window& window, const Scalar* padded, std::size_t offset, std::size_t channels,
                     Scalar* rows) {
  const bool whole = channels == window.channels && window.dilation == 1;  // a row of a window lies in one piece
  const auto copy = [&rows](const Scalar* from, std::size_t count) {  // the runs are too short for calls of memmove
    for_channel_blocks(
        count, [&](auto width, std::size_t first) { lanes<width()>(rows + first) = lanes<width()>(from + first); });
    rows += count;
  };
  for (std::size_t y = 0; y < window.result_height; ++y) {
    for (std::size_t x = 0; x < window.result_width; ++x) {
      const Scalar* origin = padded + window.origin(y, x) + offset;
      for (std::size_t ky = 0; ky < window.kernel; ++ky) {
        const Scalar* from = origin + window.tap(ky, 0);
        if (whole) {
          copy(from, window.kernel * channels);
        } else {
          for (std::size_t kx = 0; kx < window.kernel; ++kx) copy(from + window.tap(0, kx), channels);
        }
      }
    }
  }
}

/// Adds each row to the window that it stands for; the transpose of `windows_to_rows`.
template <class Scalar>
void add_rows_to_windows(const Window& window, const Scalar* rows, std::size_t offset, std::size_t channels,
                         Scalar* padded) {
  const bool whole = channels == window.channels && window.dilation == 1;  // a row of a window lies in one piece
  const auto add = [&rows](Scalar* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) to[i] += rows[i];
    rows += count;
  };
  for (std::size_t y = 0; y < window.result_height; ++y) {
    for (std::size_t x = 0; x < window.result_width; ++x) {
      Scalar* origin = padded + window.origin(y, x) + offset;
      for (std::size_t ky = 0; ky < window.kernel; ++ky) {
        Scalar* to = origin + window.tap(ky, 0);
        if (whole) {
          add(to, window.kernel * channels);
        } else {
          for (std::size_t kx = 0; kx < window.kernel; ++kx) add(to + window.tap(0, kx), channels);
        }
      }
    }
  }
}

}  // namespace gptnas::layers
