// Draws one token from a model's logits.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Draws a token with probability softmax(logits / temperature) among those that are allowed.
///
/// @param logits       (V) finite.
/// @param allowed      (V) `allowed[token]` tells whether it may be drawn.
/// @param temperature  at least 0; 0 takes the most likely token, of equal ones the first.
/// @throws std::invalid_argument if the temperature is outside its domain or no token is allowed. Complexity: O(V), no
///   allocation.
template <class Scalar, class Mask>
std::size_t sample_token(std::span<const Scalar> logits, const Mask& allowed, double temperature,
                         RandomStream& random) {
  if (!(temperature >= 0)) throw invalid_value("sample_token: temperature", temperature, "at least 0");
  std::size_t best = logits.size();
  for (std::size_t token = 0; token < logits.size(); ++token) {
    if (allowed[token] && (best == logits.size() || logits[token] > logits[best])) best = token;
  }
  if (best == logits.size()) throw invalid_value("sample_token: number of allowed tokens", 0, "at least 1");
  if (temperature == 0) return best;

  const auto weight = [&](std::size_t token) {
    return allowed[token]
               ? std::exp((static_cast<double>(logits[token]) - static_cast<double>(logits[best])) / temperature)
               : 0.0;
  };
  double total = 0;
  for (std::size_t token = 0; token < logits.size(); ++token) total += weight(token);
  double rest = random.uniform() * total;
  for (std::size_t token = 0; token < logits.size(); ++token) {
    rest -= weight(token);
    if (allowed[token] && rest < 0) return token;
  }
  return best;  // the rounding of the sum left nothing
}

}  // namespace gptnas
