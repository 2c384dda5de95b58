// Pooling: the largest or the mean value of each window, or of the whole image.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <gptnas/network/layers/channel_lanes.hpp>
#include <gptnas/network/layers/window.hpp>
#include <gptnas/network/network.hpp>

namespace gptnas::layers {

/// The largest value of each window of images (B,H,W,C); of equal ones the first, in rows, takes the gradient. A NaN
/// counts as the largest.
template <class Scalar>
class MaxPool {
 public:
  /// @param count  images that one call handles at most.
  MaxPool(const TensorShape& from, const TensorShape& to, const operations::MaxPool& options, std::size_t count)
      : window_(from, to, options.kernel, options.stride), largest_(count * result_size()) {}

  std::size_t scratch_size() const { return window_.padded_size(); }

  /// result (B,H',W',C) = maxima of images (B,H,W,C).
  void forward(const Scalar* images, Scalar* result, std::size_t count, Scalar* scratch) {
    for_part([&](auto part) {
      for (std::size_t image = 0; image < count; ++image) {
        const Scalar* padded = padded_image(window_, images + image * window_.image_size(), scratch,
                                            -std::numeric_limits<Scalar>::infinity());
        for_channel_blocks(window_.channels, [&](auto width, std::size_t channel) {
          forward_block<part(), width()>(padded + channel, result + image * result_size() + channel,
                                         largest_.data() + image * result_size() + channel);
        });
      }
    });
  }

  /// After `forward` on the same images: image_gradients = or += theirs.
  void backward(const Scalar* result_gradients, Scalar* image_gradients, Update update, std::size_t count,
                Scalar* scratch) const {
    const std::size_t channels = window_.channels;
    for (std::size_t image = 0; image < count; ++image) {
      std::fill_n(scratch, window_.padded_size(), Scalar{});
      for (std::size_t y = 0; y < window_.result_height; ++y) {
        for (std::size_t x = 0; x < window_.result_width; ++x) {
          const std::size_t at = image * result_size() + (y * window_.result_width + x) * channels;
          Scalar* origin = scratch + window_.origin(y, x);
          for (std::size_t c = 0; c < channels; ++c) origin[largest_[at + c] + c] += result_gradients[at + c];
        }
      }
      unpad(window_, scratch, image_gradients + image * window_.image_size(), update);
    }
  }

 private:
  /// As wide as a value, so that a vector of values and one of their places have as many lanes.
  using Place = std::conditional_t<sizeof(Scalar) == sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;

  std::size_t result_size() const { return window_.result_pixels() * window_.channels; }

  /// Calls `function(part)` with the side of the part of a window that is handled at once: all of a usual kernel, else
  /// a single tap.
  template <class Function>
  void for_part(Function function) const {
    switch (window_.kernel) {
      case 2: return function(std::integral_constant<std::size_t, 2>{});
      case 3: return function(std::integral_constant<std::size_t, 3>{});
      default: return function(std::integral_constant<std::size_t, 1>{});
    }
  }

  /// The loops over a part lie inside that over channels: else GCC unrolls the latter instead of vectorising it.
  template <std::size_t Part, int Count>
  void forward_block(const Scalar* padded, Scalar* result, Place* largest) const {
    for (std::size_t y = 0; y < window_.result_height; ++y) {
      for (std::size_t x = 0; x < window_.result_width; ++x) {
        const Scalar* origin = padded + window_.origin(y, x);
        Scalar best[Count];
        Place where[Count];
        std::fill_n(best, Count, -std::numeric_limits<Scalar>::infinity());
        std::fill_n(where, Count, static_cast<Place>(window_.tap(window_.padding(), window_.padding())));
        for (std::size_t row = 0; row < window_.kernel; row += Part) {
          for (std::size_t column = 0; column < window_.kernel; column += Part) {
            for (std::size_t lane = 0; lane < Count; ++lane) {
              for (std::size_t ky = 0; ky < Part; ++ky) {
                for (std::size_t kx = 0; kx < Part; ++kx) {
                  const std::size_t tap = window_.tap(row + ky, column + kx);
                  const Scalar value = origin[tap + lane];
                  const bool larger = (value > best[lane]) | (value != value);
                  best[lane] = larger ? value : best[lane];
                  where[lane] = larger ? static_cast<Place>(tap) : where[lane];
                }
              }
            }
          }
        }
        const std::size_t at = (y * window_.result_width + x) * window_.channels;
        std::copy_n(best, Count, result + at);
        std::copy_n(where, Count, largest + at);
      }
    }
  }

  Window window_;
  std::vector<Place> largest_;  // where in its window each result lay; a tap
};

/// The mean of each window of images (B,H,W,C).
template <class Scalar>
class AveragePool {
 public:
  AveragePool(const TensorShape& from, const TensorShape& to, const operations::AveragePool& options)
      : window_(from, to, options.kernel, options.stride), count_padding_(options.count_padding) {}

  std::size_t scratch_size() const { return window_.padded_size(); }

  /// result (B,H',W',C) = means of images (B,H,W,C).
  void forward(const Scalar* images, Scalar* result, std::size_t count, Scalar* scratch) const {
    for (std::size_t image = 0; image < count; ++image) {
      const Scalar* padded = padded_image(window_, images + image * window_.image_size(), scratch);
      for_windows([&](auto width, std::size_t origin, std::size_t at, Scalar weight) {
        Lanes<Scalar, width()> sum = Lanes<Scalar, width()>::Zero();
        for_taps([&](std::size_t tap) { sum += lanes<width()>(padded + origin + tap); });
        lanes<width()>(result + image * result_size() + at) = sum * weight;
      });
    }
  }

  /// image_gradients = or += theirs.
  void backward(const Scalar* result_gradients, Scalar* image_gradients, Update update, std::size_t count,
                Scalar* scratch) const {
    for (std::size_t image = 0; image < count; ++image) {
      std::fill_n(scratch, window_.padded_size(), Scalar{});
      for_windows([&](auto width, std::size_t origin, std::size_t at, Scalar weight) {
        const Lanes<Scalar, width()> gradient = lanes<width()>(result_gradients + image * result_size() + at) * weight;
        for_taps([&](std::size_t tap) { lanes<width()>(scratch + origin + tap) += gradient; });
      });
      unpad(window_, scratch, image_gradients + image * window_.image_size(), update);
    }
  }

 private:
  std::size_t result_size() const { return window_.result_pixels() * window_.channels; }

  /// Calls `function(width, origin in the padded image, place in the result, weight of a value)` for blocks of
  /// channels.
  template <class Function>
  void for_windows(Function function) const {
    for (std::size_t y = 0; y < window_.result_height; ++y) {
      for (std::size_t x = 0; x < window_.result_width; ++x) {
        const std::size_t values =
            count_padding_ ? window_.kernel * window_.kernel : inside(y, window_.height) * inside(x, window_.width);
        const Scalar weight = Scalar{1} / static_cast<Scalar>(values);
        for_channel_blocks(window_.channels, [&](auto width, std::size_t channel) {
          function(width, window_.origin(y, x) + channel, (y * window_.result_width + x) * window_.channels + channel,
                   weight);
        });
      }
    }
  }

  template <class Function>
  void for_taps(Function function) const {
    for (std::size_t y = 0; y < window_.kernel; ++y) {
      for (std::size_t x = 0; x < window_.kernel; ++x) function(window_.tap(y, x));
    }
  }

  /// Rows (or columns) of a window that lie in the image and not in its padding.
  std::size_t inside(std::size_t position, std::size_t size) const {
    const std::size_t first = std::max(position * window_.stride, window_.padding());
    const std::size_t last = std::min(position * window_.stride + window_.kernel, size + window_.padding());
    return last - first;
  }

  Window window_;
  bool count_padding_;
};

/// The mean of each channel: (B,P,C) to (B,C).
template <class Scalar>
class GlobalAveragePool {
 public:
  explicit GlobalAveragePool(const TensorShape& from) : channels_(from.channels), pixels_(from.pixels()) {}

  void forward(const Scalar* images, Scalar* result, std::size_t count) const {
    const Scalar weight = Scalar{1} / static_cast<Scalar>(pixels_);
    for_channel_blocks(channels_, [&](auto width, std::size_t channel) {
      for (std::size_t image = 0; image < count; ++image) {
        const Scalar* from = images + image * pixels_ * channels_ + channel;
        Lanes<Scalar, width()> sum = Lanes<Scalar, width()>::Zero();
        for (std::size_t pixel = 0; pixel < pixels_; ++pixel) sum += lanes<width()>(from + pixel * channels_);
        lanes<width()>(result + image * channels_ + channel) = sum * weight;
      }
    });
  }

  /// image_gradients = or += theirs.
  void backward(const Scalar* result_gradients, Scalar* image_gradients, Update update, std::size_t count) const {
    const Scalar weight = Scalar{1} / static_cast<Scalar>(pixels_);
    for (std::size_t pixel = 0; pixel < count * pixels_; ++pixel) {
      const Scalar* from = result_gradients + pixel / pixels_ * channels_;
      Scalar* to = image_gradients + pixel * channels_;
      for (std::size_t c = 0; c < channels_; ++c) {
        to[c] = from[c] * weight + (update == Update::add ? to[c] : Scalar{});
      }
    }
  }

 private:
  std::size_t channels_, pixels_;
};

}  // namespace gptnas::layers
