// Batch normalisation, with the ReLU that follows it where there is one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gptnas/network/layers/channel_lanes.hpp>
#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// Normalisation of each channel over batch and pixels, scale, shift and, if wished, ReLU (Ioffe and Szegedy, 2015,
/// Algorithms 1 and 2).
///
/// Weights: (C) scales, (C) shifts. Statistics: (C) means, (C) variances. In training the biased variance of the batch
/// normalises and the unbiased one is reported for the running statistics, as in PyTorch. Sums are taken over the
/// differences to the first pixel, so that a mean far from 0 costs no digits (Chan, Golub and LeVeque, 1983).
template <class Scalar>
class BatchNorm {
 public:
  static constexpr double epsilon = 1e-5;

  BatchNorm(std::size_t channels, bool relu) : channels_(channels), relu_(relu), state_(channels), sums_(channels) {}

  /// result (N,C) = normalised values (N,C), by the batch's own statistics, which `statistics` (2C) receives.
  void forward_training(const Scalar* values, const Scalar* weights, Scalar* result, Scalar* statistics,
                        std::size_t pixels) {
    std::fill(sums_.begin(), sums_.end(), Sums{});
    for_blocks(pixels, [&](auto width, std::size_t first, std::size_t last, std::size_t channel) {
      using ChannelLanes = Lanes<Scalar, width()>;
      const ChannelLanes origin = lanes<width()>(values + channel);
      ChannelLanes sum = ChannelLanes::Zero(), squares = ChannelLanes::Zero();
      for (std::size_t pixel = first; pixel < last; ++pixel) {
        const ChannelLanes difference = lanes<width()>(values + pixel * channels_ + channel) - origin;
        sum += difference;
        squares += difference * difference;
      }
      add_sums<width()>(channel, sum, squares);
    });
    const double count = static_cast<double>(pixels);
    for (std::size_t c = 0; c < channels_; ++c) {
      const double difference = sums_[c].first / count;
      const double mean = static_cast<double>(values[c]) + difference;
      const double variance = std::max(0.0, sums_[c].second / count - difference * difference);
      statistics[c] = static_cast<Scalar>(mean);
      statistics[channels_ + c] = static_cast<Scalar>(pixels > 1 ? variance * count / (count - 1) : variance);
      prepare(c, weights, mean, variance);
    }
    normalise(values, result, pixels);
  }

  /// result (N,C) = normalised values (N,C), by the given statistics (2C).
  void forward_evaluation(const Scalar* values, const Scalar* weights, Scalar* result, const Scalar* statistics,
                          std::size_t pixels) {
    for (std::size_t c = 0; c < channels_; ++c) {
      prepare(c, weights, static_cast<double>(statistics[c]), static_cast<double>(statistics[channels_ + c]));
    }
    normalise(values, result, pixels);
  }

  /// After `forward_training` on the same values: weight_gradients (2C) = their gradient; value_gradients (N,C) = or +=
  /// theirs, unless it is null.
  void backward(const Scalar* values, const Scalar* result_gradients, Scalar* value_gradients, Update update,
                Scalar* weight_gradients, std::size_t pixels) {
    std::fill(sums_.begin(), sums_.end(), Sums{});
    for_blocks(pixels, [&](auto width, std::size_t first, std::size_t last, std::size_t channel) {
      using ChannelLanes = Lanes<Scalar, width()>;
      const ChannelLanes mean = lanes<width()>(state_.mean.data() + channel);
      const Affine<width()> affine(state_, channel);
      ChannelLanes sum = ChannelLanes::Zero(), products = ChannelLanes::Zero();
      for (std::size_t pixel = first; pixel < last; ++pixel) {
        const std::size_t at = pixel * channels_ + channel;
        const ChannelLanes value = lanes<width()>(values + at);
        const ChannelLanes gradient = masked(affine, value, result_gradients + at);
        sum += gradient;
        products += gradient * (value - mean);
      }
      add_sums<width()>(channel, sum, products);
    });
    // dx = scale (dy - mean(dy) - xhat mean(dy xhat)) with xhat = (x - mean) / deviation,
    // thus scale dy + slope x + offset.
    const double count = static_cast<double>(pixels);
    for (std::size_t c = 0; c < channels_; ++c) {
      const double inverse = static_cast<double>(state_.inverse_deviation[c]);
      const double scale = static_cast<double>(state_.scale[c]);
      const double slope = -scale * inverse * inverse * sums_[c].second / count;
      weight_gradients[c] = static_cast<Scalar>(sums_[c].second * inverse);
      weight_gradients[channels_ + c] = static_cast<Scalar>(sums_[c].first);
      state_.slope[c] = static_cast<Scalar>(slope);
      state_.offset[c] =
          static_cast<Scalar>(-scale * sums_[c].first / count - slope * static_cast<double>(state_.mean[c]));
    }
    if (value_gradients == nullptr) return;
    for_blocks(pixels, [&](auto width, std::size_t first, std::size_t last, std::size_t channel) {
      using ChannelLanes = Lanes<Scalar, width()>;
      const ChannelLanes slope = lanes<width()>(state_.slope.data() + channel);
      const ChannelLanes offset = lanes<width()>(state_.offset.data() + channel);
      const Affine<width()> affine(state_, channel);
      for (std::size_t pixel = first; pixel < last; ++pixel) {
        const std::size_t at = pixel * channels_ + channel;
        const ChannelLanes value = lanes<width()>(values + at);
        const ChannelLanes gradient =
            affine.scale * masked(affine, value, result_gradients + at) + (slope * value + offset);
        accumulate<width()>(gradient, value_gradients + at, update);
      }
    });
  }

 private:
  struct Sums {
    double first = 0, second = 0;
  };

  /// What the last forward and backward know of each channel.
  struct State {
    explicit State(std::size_t channels)
        : mean(channels),
          inverse_deviation(channels),
          scale(channels),
          shift(channels),
          slope(channels),
          offset(channels) {}
    std::vector<Scalar> mean, inverse_deviation;
    std::vector<Scalar> scale, shift;   // result = scale * value + shift
    std::vector<Scalar> slope, offset;  // value gradient = scale * result gradient + slope * value + offset
  };

  template <int Count>
  struct Affine {
    Affine(const State& state, std::size_t channel)
        : scale(lanes<Count>(state.scale.data() + channel)), shift(lanes<Count>(state.shift.data() + channel)) {}
    Lanes<Scalar, Count> scale, shift;
  };

  /// Calls `function(width, first pixel, last pixel, channel)` for blocks that together cover all values and are small
  /// enough for the L1 cache and for sums without double.
  template <class Function>
  void for_blocks(std::size_t pixels, Function function) const {
    constexpr std::size_t block = 64;
    for (std::size_t first = 0; first < pixels; first += block) {
      const std::size_t last = std::min(pixels, first + block);
      for_channel_blocks(channels_, [&](auto width, std::size_t channel) { function(width, first, last, channel); });
    }
  }

  template <int Count>
  void add_sums(std::size_t channel, const Lanes<Scalar, Count>& first, const Lanes<Scalar, Count>& second) {
    for (int lane = 0; lane < Count; ++lane) {
      Sums& sums = sums_[channel + static_cast<std::size_t>(lane)];
      sums.first += static_cast<double>(first[lane]);
      sums.second += static_cast<double>(second[lane]);
    }
  }

  void prepare(std::size_t c, const Scalar* weights, double mean, double variance) {
    const double inverse = 1 / std::sqrt(variance + epsilon), scale = static_cast<double>(weights[c]) * inverse;
    state_.mean[c] = static_cast<Scalar>(mean);
    state_.inverse_deviation[c] = static_cast<Scalar>(inverse);
    state_.scale[c] = static_cast<Scalar>(scale);
    state_.shift[c] = static_cast<Scalar>(static_cast<double>(weights[channels_ + c]) - mean * scale);
  }

  void normalise(const Scalar* values, Scalar* result, std::size_t pixels) const {
    for_blocks(pixels, [&](auto width, std::size_t first, std::size_t last, std::size_t channel) {
      const Affine<width()> affine(state_, channel);
      for (std::size_t pixel = first; pixel < last; ++pixel) {
        const std::size_t at = pixel * channels_ + channel;
        const Lanes<Scalar, width()> value = affine.scale * lanes<width()>(values + at) + affine.shift;
        lanes<width()>(result + at) = relu_ ? Lanes<Scalar, width()>(value.max(Scalar{})) : value;
      }
    });
  }

  /// The gradient before ReLU: 0 where ReLU gave 0.
  template <int Count>
  Lanes<Scalar, Count> masked(const Affine<Count>& affine, const Lanes<Scalar, Count>& value,
                              const Scalar* gradients) const {
    const Lanes<Scalar, Count> gradient = lanes<Count>(gradients);
    if (!relu_) return gradient;
    return (affine.scale * value + affine.shift > Scalar{}).select(gradient, Lanes<Scalar, Count>::Zero());
  }

  std::size_t channels_;
  bool relu_;
  State state_;
  std::vector<Sums> sums_;
};

}  // namespace gptnas::layers
