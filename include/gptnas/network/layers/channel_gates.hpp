// Channels times gates, as in squeeze-and-excitation.
#pragma once

#include <cstddef>

#include <gptnas/network/layers/channel_lanes.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// Images (B,P,C) times gates (B,C).
template <class Scalar>
class ChannelGates {
 public:
  explicit ChannelGates(const TensorShape& shape) : channels_(shape.channels), pixels_(shape.pixels()) {}

  /// result (B,P,C) = images (B,P,C) gates (B,C)
  void forward(const Scalar* images, const Scalar* gates, Scalar* result, std::size_t count) const {
    for_blocks(count, [&](auto width, std::size_t at, std::size_t gate_at) {
      const Lanes<Scalar, width()> gate = lanes<width()>(gates + gate_at);
      for (std::size_t i = at; i < at + pixels_ * channels_; i += channels_) {
        lanes<width()>(result + i) = lanes<width()>(images + i) * gate;
      }
    });
  }

  /// image_gradients = or += theirs.
  void backward_images(const Scalar* gates, const Scalar* result_gradients, Scalar* image_gradients, Update update,
                       std::size_t count) const {
    for_blocks(count, [&](auto width, std::size_t at, std::size_t gate_at) {
      const Lanes<Scalar, width()> gate = lanes<width()>(gates + gate_at);
      for (std::size_t i = at; i < at + pixels_ * channels_; i += channels_) {
        const Lanes<Scalar, width()> gradient = lanes<width()>(result_gradients + i) * gate;
        accumulate<width()>(gradient, image_gradients + i, update);
      }
    });
  }

  /// gate_gradients = or += theirs.
  void backward_gates(const Scalar* images, const Scalar* result_gradients, Scalar* gate_gradients, Update update,
                      std::size_t count) const {
    for_blocks(count, [&](auto width, std::size_t at, std::size_t gate_at) {
      Lanes<Scalar, width()> sum = Lanes<Scalar, width()>::Zero();
      for (std::size_t i = at; i < at + pixels_ * channels_; i += channels_) {
        sum += lanes<width()>(result_gradients + i) * lanes<width()>(images + i);
      }
      accumulate<width()>(sum, gate_gradients + gate_at, update);
    });
  }

 private:
  /// Calls `function(width, first value of the channels, their first gate)` for each image and block of channels.
  template <class Function>
  void for_blocks(std::size_t count, Function function) const {
    for (std::size_t image = 0; image < count; ++image) {
      for_channel_blocks(channels_, [&](auto width, std::size_t channel) {
        function(width, image * pixels_ * channels_ + channel, image * channels_ + channel);
      });
    }
  }

  std::size_t channels_, pixels_;
};

}  // namespace gptnas::layers
