// Draws one token from a model's logits.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/sampling_options.hpp>

namespace gptnas {

/// Draws a token.
///
/// @param logits   (V) finite.
/// @param allowed  (V) `allowed[token]` tells whether it may be drawn.
/// @throws std::invalid_argument if an option is outside its domain or no token is allowed. Complexity: O(V), with
///   `top_k` O(V log top_k), with `top_p` O(V log V); no allocation.
template <class Scalar, std::size_t Vocabulary, class Mask>
std::size_t sample_token(std::span<const Scalar, Vocabulary> logits, const Mask& allowed,
                         const SamplingOptions& options, RandomStream& random) {
  static_assert(Vocabulary != std::dynamic_extent,
                "gptnas::sample_token needs a span of constant size, the vocabulary; see docs/concepts.md#gpt");
  options.check();
  const auto likelier = [&](std::size_t a, std::size_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  };
  std::array<std::size_t, Vocabulary> tokens;  // that are left
  std::size_t left = 0;
  for (std::size_t token = 0; token < Vocabulary; ++token) {
    if (allowed[token]) tokens[left++] = token;
  }
  if (left == 0) throw invalid_value("sample_token: number of allowed tokens", 0, "at least 1");
  const auto first = tokens.begin();
  const auto end = [&] { return first + static_cast<std::ptrdiff_t>(left); };
  const std::size_t best = *std::min_element(first, end(), likelier);
  if (options.temperature == 0) return best;

  const std::size_t limit = options.top_k == 0 ? left : std::min(left, options.top_k);
  if (limit < left || options.top_p < 1) {
    std::partial_sort(first, first + static_cast<std::ptrdiff_t>(limit), end(), likelier);
  }
  left = limit;
  std::array<double, Vocabulary> weights;
  double total = 0;
  for (std::size_t i = 0; i < left; ++i) {
    const double difference = static_cast<double>(logits[tokens[i]]) - static_cast<double>(logits[best]);
    total += weights[i] = std::exp(difference / options.temperature);
  }
  if (options.top_p < 1) {
    const double needed = options.top_p * total;
    std::size_t kept = 0;
    for (total = 0; kept < left && total < needed; ++kept) total += weights[kept];
    left = kept;
  }
  double rest = random.uniform() * total;
  for (std::size_t i = 0; i < left; ++i) {
    rest -= weights[i];
    if (rest < 0) return tokens[i];
  }
  return best;  // the rounding of the sum left nothing
}

}  // namespace gptnas
