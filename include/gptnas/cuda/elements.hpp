// What the kernels compute of single elements.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/cuda/host_device.hpp>

namespace gptnas::detail::cuda {

/// GELU in its tanh form (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016), and its derivative.
struct Gelu {
  static constexpr float scale = 0.79788456080286535588f;  // sqrt(2 / pi)
  static constexpr float cubic = 0.044715f;

  GPTNAS_HOST_DEVICE static float value(float x) { return 0.5f * x * (1 + tanh(x)); }

  GPTNAS_HOST_DEVICE static float slope(float x) {
    const float t = tanh(x);
    return 0.5f * (1 + t) * (1 + x * (1 - t) * scale * (1 + 3 * cubic * x * x));
  }

 private:
  GPTNAS_HOST_DEVICE static float tanh(float x) { return std::tanh(scale * x * (1 + cubic * x * x)); }
};

/// The nearest number of 8 bits of significand, of two the even one; as the bits of its 16 upper ones.
GPTNAS_HOST_DEVICE inline std::uint16_t bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);  // stays no number
  return static_cast<std::uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}

/// Dropout as the concept `Backend` tells, of arguments that a kernel can take.
class Dropping {
 public:
  /// @param random  (4), where the kernel runs.
  Dropping(const std::int32_t* random, std::uint32_t site, double rate)
      : random_(random),
        site_(site),
        limit_(static_cast<std::uint32_t>(rate * 0x1p32)),
        scale_(static_cast<float>(1 / (1 - rate))) {}

  static constexpr std::uint32_t group = 4;  ///< columns that share one call of Philox

  GPTNAS_HOST_DEVICE bool none() const { return limit_ == 0; }

  /// Number of a row within the whole batch.
  GPTNAS_HOST_DEVICE std::uint32_t row(std::size_t row) const {
    return static_cast<std::uint32_t>(random_[3]) + static_cast<std::uint32_t>(row);
  }

  /// What columns 4 number to 4 number + 3 of a row of the whole batch are multiplied by.
  GPTNAS_HOST_DEVICE std::array<float, group> factors(std::uint32_t row, std::uint32_t number) const {
    const std::array<std::uint32_t, 4> words = philox({number, row, site_, word(2)}, {word(0), word(1)});
    return {factor(words[0]), factor(words[1]), factor(words[2]), factor(words[3])};
  }

  /// The same of one column.
  GPTNAS_HOST_DEVICE float factor(std::uint32_t row, std::uint32_t column) const {
    return none() ? 1.0f : factors(row, column / group)[column % group];
  }

 private:
  GPTNAS_HOST_DEVICE std::uint32_t word(std::size_t i) const { return static_cast<std::uint32_t>(random_[i]); }
  GPTNAS_HOST_DEVICE float factor(std::uint32_t drawn) const { return drawn < limit_ ? 0.0f : scale_; }

  const std::int32_t* random_;
  std::uint32_t site_, limit_;
  float scale_;
};

/// The softmax of numbers that come one after the other (Milakov and Gimelshein, "Online normalizer calculation for
/// softmax", 2018): the largest one, and the sum of the exponentials of their differences to it.
struct RunningSoftmax {
  float largest = -INFINITY, total = 0;

  /// Goes on with numbers of which `new_largest` is the largest, -infinity if there is none.
  ///
  /// @return what sums of exponentials until now have to be multiplied by.
  GPTNAS_HOST_DEVICE float raise(float new_largest) {
    if (!(new_largest > largest)) return 1;
    const float factor = std::exp(largest - new_largest);  // 0 at first
    largest = new_largest;
    total *= factor;
    return factor;
  }

  GPTNAS_HOST_DEVICE float log_sum() const { return largest + std::log(total); }
};

/// One element of LayerNorm, and the gradient of one, from the means over its row of g and g normalized, where g is the
/// gradient times the weight.
GPTNAS_HOST_DEVICE inline float layer_norm(float x, float mean, float scale, float weight, float bias) {
  return (x - mean) * scale * weight + bias;
}
GPTNAS_HOST_DEVICE inline float layer_norm_gradient(float g, float normalized, float scale, float mean_g,
                                                    float mean_product) {
  return scale * (g - mean_g - normalized * mean_product);
}

/// AdamW of one parameter; see the operation `adamw`.
struct AdamWElement {
  float beta1, beta2, epsilon, weight_decay;

  explicit AdamWElement(const AdamWCoefficients& from)
      : beta1(static_cast<float>(from.beta1)),
        beta2(static_cast<float>(from.beta2)),
        epsilon(static_cast<float>(from.epsilon)),
        weight_decay(static_cast<float>(from.weight_decay)) {}

  /// @param step  (4) learning rate, corrections of both moments, scale of the gradients.
  GPTNAS_HOST_DEVICE void update(float& parameter, float& first, float& second, float gradient,
                                 const float* step) const {
    const float scaled = step[3] * gradient;
    first = beta1 * first + (1 - beta1) * scaled;
    second = beta2 * second + (1 - beta2) * scaled * scaled;
    parameter =
        (1 - step[0] * weight_decay) * parameter - step[0] / step[1] * first / (std::sqrt(second / step[2]) + epsilon);
  }
};

/// What `draw` draws with.
struct DrawSettings {
  std::uint64_t seed, first;  ///< of the streams; number of the first row
  double temperature;
};

/// Number `number` of the uniform reals of `RandomStream(seed, id, Purpose::sample)`.
GPTNAS_HOST_DEVICE inline double sample_uniform(std::uint64_t seed, std::uint64_t id, std::uint32_t number) {
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  const auto high = [](std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); };
  const std::array<std::uint32_t, 4> words =
      philox({number / 2, static_cast<std::uint32_t>(Purpose::sample), low(id), high(id)}, {low(seed), high(seed)});
  const std::size_t at = 2 * (number % 2);
  return static_cast<double>((words[at] | std::uint64_t{words[at + 1]} << 32) >> 11) * 0x1p-53;
}

/// The token that `sample_token` takes at such a uniform real.
///
/// @param next  (V) -1 where a token is illegal.
/// @return V if no token is legal.
GPTNAS_HOST_DEVICE inline std::size_t draw_token(const float* logits, const std::int32_t* next, std::size_t vocabulary,
                                                 double temperature, double uniform) {
  std::size_t best = vocabulary;
  for (std::size_t token = 0; token < vocabulary; ++token) {
    if (next[token] >= 0 && (best == vocabulary || logits[token] > logits[best])) best = token;
  }
  if (best == vocabulary || temperature == 0) return best;
  const auto weight = [&](std::size_t token) {
    const double difference = static_cast<double>(logits[token]) - static_cast<double>(logits[best]);
    return next[token] >= 0 ? std::exp(difference / temperature) : 0.0;
  };
  double total = 0;
  for (std::size_t token = 0; token < vocabulary; ++token) total += weight(token);
  double rest = uniform * total;
  for (std::size_t token = 0; token < vocabulary; ++token) {
    rest -= weight(token);
    if (rest < 0) return token;
  }
  return best;
}

/// The scale that brings gradients of a norm to a limit.
GPTNAS_HOST_DEVICE inline float clip_scale(float squared_norm, float limit) {
  const float scale = limit / (std::sqrt(squared_norm) + 1e-6f);
  return scale < 1 ? scale : 1.0f;
}

}  // namespace gptnas::detail::cuda
