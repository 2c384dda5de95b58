// What the kernels compute of single elements.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/concepts/drawing_backend.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/sampling_options.hpp>
#include <gptnas/core/token_graph.hpp>
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

/// The one of a node's edges that `sample_token` takes, of those that may be taken.
///
/// @param logits  (V)
/// @param edges   (count) by their tokens.
/// @return `count` if there is none. Complexity: O(count); where top_k or top_p leave some, O(count) for each.
GPTNAS_HOST_DEVICE inline std::size_t draw_edge(const float* logits, const TokenEdge* edges, std::size_t count,
                                                std::uint64_t paid, const DrawSettings& settings,
                                                RandomStream& random) {
  const SamplingOptions& options = settings.sampling;
  const auto logit = [&](std::size_t edge) { return logits[edges[edge].token]; };
  const auto likelier = [&](std::size_t a, std::size_t b) {
    return logit(a) != logit(b) ? logit(a) > logit(b) : a < b;
  };
  // The likeliest edge that may be taken, or of those that are less likely than another one; `count` if there is none.
  const auto likeliest = [&](std::size_t before) {
    std::size_t found = count;
    for (std::size_t edge = 0; edge < count; ++edge) {
      if (paid > edges[edge].most || (before != count && !likelier(before, edge))) continue;
      if (found == count || likelier(edge, found)) found = edge;
    }
    return found;
  };
  std::size_t left = 0;
  for (std::size_t edge = 0; edge < count; ++edge) left += paid <= edges[edge].most;
  const std::size_t best = likeliest(count);
  if (left == 0 || options.temperature == 0 || (left == 1 && settings.spares_forced)) return best;

  const bool by_likelihood = (options.top_k != 0 && options.top_k < left) || options.top_p < 1;
  if (options.top_k != 0 && options.top_k < left) left = options.top_k;
  // The edge that is looked at behind another one, first of all behind `count`.
  const auto next = [&](std::size_t before) {
    if (by_likelihood) return likeliest(before);
    std::size_t edge = before == count ? 0 : before + 1;
    while (edge < count && paid > edges[edge].most) ++edge;
    return edge;
  };
  // There may be no next edge: a logit that is not a number is neither more nor less likely than another.
  const auto weight = [&](std::size_t edge) {
    if (edge == count) return 0.0;
    return std::exp((static_cast<double>(logit(edge)) - static_cast<double>(logit(best))) / options.temperature);
  };
  double total = 0;
  std::size_t edge = count;
  for (std::size_t i = 0; i < left; ++i) total += weight(edge = next(edge));
  if (options.top_p < 1) {
    const double needed = options.top_p * total;
    std::size_t kept = 0;
    edge = count;
    for (total = 0; kept < left && total < needed; ++kept) total += weight(edge = next(edge));
    left = kept;
  }
  double rest = random.uniform() * total;
  edge = count;
  for (std::size_t i = 0; i < left; ++i) {
    rest -= weight(edge = next(edge));
    if (rest < 0) return edge;
  }
  return best;  // the rounding of the sum left nothing
}

/// The scale that brings gradients of a norm to a limit.
GPTNAS_HOST_DEVICE inline float clip_scale(float squared_norm, float limit) {
  const float scale = limit / (std::sqrt(squared_norm) + 1e-6f);
  return scale < 1 ? scale : 1.0f;
}

}  // namespace gptnas::detail::cuda
