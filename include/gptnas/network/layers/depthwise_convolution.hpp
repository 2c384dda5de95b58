// Depthwise convolution: one filter a channel, computed directly, many channels at once.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

#include <gptnas/network/layers/channel_lanes.hpp>
#include <gptnas/network/layers/window.hpp>
#include <gptnas/network/network.hpp>

namespace gptnas::layers {

/// Convolution of images (B,H,W,C) to (B,H',W',C), each channel by its own filter, without bias.
///
/// Weights: (kernel, kernel, C). Kernels of 3, 5 and 7 keep a filter in registers.
template <class Scalar>
class DepthwiseConvolution {
 public:
  DepthwiseConvolution(const TensorShape& from, const TensorShape& to, const operations::Convolution& options)
      : window_(from, to, options.kernel, options.stride, options.dilation) {}

  /// Scalars of scratch that forward and backward need.
  std::size_t scratch_size() const { return 2 * window_.padded_size(); }

  /// result (B,H',W',C) = convolution of images (B,H,W,C).
  void forward(const Scalar* images, const Scalar* weights, Scalar* result, std::size_t count, Scalar* scratch) const {
    for_kernel([&](auto kernel) {
      for (std::size_t image = 0; image < count; ++image) {
        const Scalar* padded = padded_image(window_, images + image * window_.image_size(), scratch);
        for_channel_blocks(window_.channels, [&](auto width, std::size_t channel) {
          forward_block<kernel(), width()>(padded + channel, weights + channel,
                                           result + image * result_size() + channel);
        });
      }
    });
  }

  /// weight_gradients = their gradient; image_gradients = or += theirs, unless it is null.
  void backward(const Scalar* images, const Scalar* weights, const Scalar* result_gradients, Scalar* image_gradients,
                Update update, Scalar* weight_gradients, std::size_t count, Scalar* scratch) const {
    Scalar* const padded_gradients = scratch + window_.padded_size();
    std::fill_n(weight_gradients, window_.column_size(), Scalar{});
    for_kernel([&](auto kernel) {
      for (std::size_t image = 0; image < count; ++image) {
        const Scalar* gradients = result_gradients + image * result_size();
        const Scalar* padded = padded_image(window_, images + image * window_.image_size(), scratch);
        std::fill_n(padded_gradients, window_.padded_size(), Scalar{});
        for_channel_blocks(window_.channels, [&](auto width, std::size_t channel) {
          backward_weights<kernel(), width()>(padded + channel, gradients + channel, weight_gradients + channel);
          if (image_gradients != nullptr) {
            backward_image<kernel(), width()>(gradients + channel, weights + channel, padded_gradients + channel);
          }
        });
        if (image_gradients != nullptr) {
          unpad(window_, padded_gradients, image_gradients + image * window_.image_size(), update);
        }
      }
    });
  }

 private:
  std::size_t result_size() const { return window_.result_pixels() * window_.channels; }

  /// Calls `function(kernel)` with the kernel as a constant where it is a usual one, else with 0.
  template <class Function>
  void for_kernel(Function function) const {
    switch (window_.kernel) {
      case 3: return function(std::integral_constant<std::size_t, 3>{});
      case 5: return function(std::integral_constant<std::size_t, 5>{});
      case 7: return function(std::integral_constant<std::size_t, 7>{});
      default: return function(std::integral_constant<std::size_t, 0>{});
    }
  }

  /// Calls `function(tap number, offset of the tap in the padded image)` for each tap of a window.
  template <std::size_t Kernel, class Function>
  void for_taps(Function function) const {
    const std::size_t kernel = Kernel > 0 ? Kernel : window_.kernel;
    for (std::size_t y = 0; y < kernel; ++y) {
      for (std::size_t x = 0; x < kernel; ++x) function(y * kernel + x, window_.tap(y, x));
    }
  }

  /// Calls `function(origin of the window, number of the pixel)` for each pixel of a result.
  template <class Function>
  void for_pixels(Function function) const {
    for (std::size_t y = 0; y < window_.result_height; ++y) {
      for (std::size_t x = 0; x < window_.result_width; ++x) {
        function(window_.origin(y, x), y * window_.result_width + x);
      }
    }
  }

  template <std::size_t Kernel, int Count>
  void forward_block(const Scalar* padded, const Scalar* weights, Scalar* result) const {
    const std::size_t channels = window_.channels;
    for_pixels([&](std::size_t origin, std::size_t pixel) {
      Lanes<Scalar, Count> sum = Lanes<Scalar, Count>::Zero();
      for_taps<Kernel>([&](std::size_t tap, std::size_t offset) {
        sum += lanes<Count>(padded + origin + offset) * lanes<Count>(weights + tap * channels);
      });
      lanes<Count>(result + pixel * channels) = sum;
    });
  }

  template <std::size_t Kernel, int Count>
  void backward_weights(const Scalar* padded, const Scalar* gradients, Scalar* weight_gradients) const {
    const std::size_t channels = window_.channels;
    const auto accumulate = [&](auto& sums) {
      for_pixels([&](std::size_t origin, std::size_t pixel) {
        const Lanes<Scalar, Count> gradient = lanes<Count>(gradients + pixel * channels);
        for_taps<Kernel>([&](std::size_t tap, std::size_t offset) {
          sums(tap) += lanes<Count>(padded + origin + offset) * gradient;
        });
      });
    };
    if constexpr (Kernel > 0) {
      std::array<Lanes<Scalar, Count>, Kernel * Kernel> sums;
      sums.fill(Lanes<Scalar, Count>::Zero());
      auto in_registers = [&sums](std::size_t tap) -> auto& { return sums[tap]; };
      accumulate(in_registers);
      for (std::size_t tap = 0; tap < sums.size(); ++tap) {
        lanes<Count>(weight_gradients + tap * channels) += sums[tap];
      }
    } else {
      auto in_memory = [&](std::size_t tap) { return lanes<Count>(weight_gradients + tap * channels); };
      accumulate(in_memory);
    }
  }

  template <std::size_t Kernel, int Count>
  void backward_image(const Scalar* gradients, const Scalar* weights, Scalar* padded_gradients) const {
    const std::size_t channels = window_.channels;
    for_pixels([&](std::size_t origin, std::size_t pixel) {
      const Lanes<Scalar, Count> gradient = lanes<Count>(gradients + pixel * channels);
      for_taps<Kernel>([&](std::size_t tap, std::size_t offset) {
        lanes<Count>(padded_gradients + origin + offset) += lanes<Count>(weights + tap * channels) * gradient;
      });
    });
  }

  Window window_;
};

}  // namespace gptnas::layers
