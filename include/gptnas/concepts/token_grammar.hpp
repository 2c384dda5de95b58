// The contract of a grammar of token sequences.
#pragma once

#include <concepts>
#include <cstddef>

namespace gptnas {

/// Reads a token sequence, and knows what may follow.
///
/// `legal()[token]` tells of a token below `legal().size()` whether it may come next; no other one may. Nothing may
/// when the sequence is `complete`. `push` appends a legal token. A value: a copy reads on its own.
///
/// Laws: what is not complete has a legal token; the same tokens lead to the same state.
///
/// Models: `AnyTokens`, `Prefix`.
template <class Policy>
concept TokenGrammar = std::copyable<Policy> && requires(Policy& policy, const Policy& reading, std::size_t token) {
  { reading.legal()[token] } -> std::convertible_to<bool>;
  { reading.legal().size() } -> std::convertible_to<std::size_t>;
  { reading.complete() } -> std::convertible_to<bool>;
  policy.push(token);
};

}  // namespace gptnas
