// Convolution by matrix products over the rows of windows (im2col).
#pragma once

#include <algorithm>
#include <cstddef>

#include <gptnas/network/layers/window.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// Convolution of images (B,H,W,C) to (B,H',W',C'), dense or in groups.
///
/// Weights: (kernel, kernel, C / groups, C'), then (C') biases if it has them. The windows of a few images at a time
/// are written as rows, few enough to stay in the L2 cache. Groups are handled one after the other: many groups of few
/// channels make many small products and are slow (`DepthwiseConvolution` is not).
template <class Scalar>
class Convolution {
 public:
  Convolution(const TensorShape& from, const TensorShape& to, const operations::Convolution& options)
      : window_(from, to, options.kernel, options.stride, options.dilation),
        channels_(to.channels),
        groups_(options.groups),
        bias_(options.bias) {}

  /// Scalars of scratch that forward and backward need.
  std::size_t scratch_size() const {
    return is_pointwise() ? 0 : window_.padded_size() + chunk_images() * window_.result_pixels() * row_size();
  }

  /// result (B,H',W',C') = convolution of images (B,H,W,C).
  void forward(const Scalar* images, const Scalar* weights, Scalar* result, std::size_t count, Scalar* scratch) const {
    for_chunks(
        images, count, scratch, [&](const Scalar* rows, std::size_t first, std::size_t pixels, std::size_t group) {
          matrix_product<Scalar>(MatrixView<const Scalar>(rows, pixels, row_size()), group_weights(weights, group),
                                 group_result(result, first, pixels, group), Update::assign);
        });
    if (bias_) {
      const Scalar* bias = weights + row_size() * channels_;
      for (Scalar* pixel = result; pixel != result + count * window_.result_pixels() * channels_; pixel += channels_) {
        for (std::size_t c = 0; c < channels_; ++c) pixel[c] += bias[c];
      }
    }
  }

  /// weight_gradients = their gradient; image_gradients = or += theirs, unless it is null.
  void backward(const Scalar* images, const Scalar* weights, const Scalar* result_gradients, Scalar* image_gradients,
                Update update, Scalar* weight_gradients, std::size_t count, Scalar* scratch) const {
    std::fill_n(weight_gradients, row_size() * channels_ + (bias_ ? channels_ : 0), Scalar{});
    for_chunks(images, count, scratch,
               [&](const Scalar* rows, std::size_t first, std::size_t pixels, std::size_t group) {
                 matrix_product<Scalar>(transposed(MatrixView<const Scalar>(rows, pixels, row_size())),
                                        group_result(result_gradients, first, pixels, group),
                                        group_weights(weight_gradients, group), Update::add);
               });
    if (bias_) {
      Scalar* bias = weight_gradients + row_size() * channels_;
      const Scalar* end = result_gradients + count * window_.result_pixels() * channels_;
      for (const Scalar* pixel = result_gradients; pixel != end; pixel += channels_) {
        for (std::size_t c = 0; c < channels_; ++c) bias[c] += pixel[c];
      }
    }
    if (image_gradients != nullptr) {
      backward_images(weights, result_gradients, image_gradients, update, count, scratch);
    }
  }

 private:
  std::size_t group_channels() const { return window_.channels / groups_; }
  std::size_t row_size() const { return window_.kernel * window_.kernel * group_channels(); }

  /// A 1x1 window with stride 1 reads the images as they lie.
  bool is_pointwise() const { return window_.kernel == 1 && window_.stride == 1 && groups_ == 1; }

  /// Images whose windows fill about 512 KiB, at least one.
  std::size_t chunk_images() const {
    constexpr std::size_t chunk_size = (std::size_t{512} << 10) / sizeof(Scalar);
    return std::max<std::size_t>(1, chunk_size / (window_.result_pixels() * row_size()));
  }

  /// Calls `function(rows, first pixel, pixels, group)` for the windows of all images, a chunk at a time.
  template <class Function>
  void for_chunks(const Scalar* images, std::size_t count, Scalar* scratch, Function function) const {
    if (is_pointwise()) return function(images, 0, count * window_.result_pixels(), 0);
    Scalar* const padded = scratch;
    Scalar* const rows = scratch + window_.padded_size();
    const std::size_t image_rows = window_.result_pixels() * row_size();
    for (std::size_t first = 0; first < count; first += chunk_images()) {
      const std::size_t chunk = std::min(chunk_images(), count - first);
      for (std::size_t group = 0; group < groups_; ++group) {
        for (std::size_t i = 0; i < chunk; ++i) {
          const Scalar* image = padded_image(window_, images + (first + i) * window_.image_size(), padded);
          windows_to_rows(window_, image, group * group_channels(), group_channels(), rows + i * image_rows);
        }
        function(rows, first * window_.result_pixels(), chunk * window_.result_pixels(), group);
      }
    }
  }

  void backward_images(const Scalar* weights, const Scalar* result_gradients, Scalar* image_gradients, Update update,
                       std::size_t count, Scalar* scratch) const {
    if (is_pointwise()) {
      const std::size_t pixels = count * window_.result_pixels();
      return matrix_product<Scalar>(group_result(result_gradients, 0, pixels, 0), transposed(group_weights(weights, 0)),
                                    MatrixView<Scalar>(image_gradients, pixels, window_.channels), update);
    }
    Scalar* const padded = scratch;
    Scalar* const rows = scratch + window_.padded_size();
    for (std::size_t image = 0; image < count; ++image) {
      std::fill_n(padded, window_.padded_size(), Scalar{});
      for (std::size_t group = 0; group < groups_; ++group) {
        const std::size_t pixels = window_.result_pixels();
        matrix_product<Scalar>(group_result(result_gradients, image * pixels, pixels, group),
                               transposed(group_weights(weights, group)), MatrixView<Scalar>(rows, pixels, row_size()),
                               Update::assign);
        add_rows_to_windows(window_, rows, group * group_channels(), group_channels(), padded);
      }
      unpad(window_, padded, image_gradients + image * window_.image_size(), update);
    }
  }

  /// (row size, channels of the group)
  template <class Value>
  MatrixView<Value> group_weights(Value* weights, std::size_t group) const {
    const std::size_t columns = channels_ / groups_;
    return {weights + group * columns, row_size(), columns, channels_};
  }

  /// (pixels, channels of the group)
  template <class Value>
  MatrixView<Value> group_result(Value* result, std::size_t first, std::size_t pixels, std::size_t group) const {
    const std::size_t columns = channels_ / groups_;
    return {result + first * channels_ + group * columns, pixels, columns, channels_};
  }

  Window window_;
  std::size_t channels_, groups_;
  bool bias_;
};

}  // namespace gptnas::layers
