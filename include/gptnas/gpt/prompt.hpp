// What a sequence is continued from.
#pragma once

#include <cstddef>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/gpt/legal_tokens.hpp>
#include <gptnas/gpt/token_batch.hpp>

namespace gptnas::detail {

/// The most tokens of a sequence: what an option says, where 0 is all that the context allows.
template <class Sizes>
std::size_t checked_max_tokens(std::size_t max_tokens) {
  constexpr std::size_t limit = Sizes::context + 1;
  if (max_tokens > limit) {
    throw invalid_value("max_tokens of a sequence", max_tokens, joined({"0 to ", limit, ", the context and 1"}));
  }
  return max_tokens == 0 ? limit : max_tokens;
}

/// The grammar behind a prompt t0, t1 ..., of which it reads all but t0.
///
/// @throws std::invalid_argument if the prompt is empty, too long, not in the vocabulary or against the grammar.
template <class Sizes, class Grammar, class Sequence>
Grammar after_prompt(Grammar grammar, const Sequence& prompt, std::size_t max_tokens) {
  const std::size_t size = prompt.size();
  if (size == 0 || size > max_tokens) {
    throw invalid_value("tokens of a prompt", size, joined({"1 to ", max_tokens}));
  }
  for (std::size_t i = 0; i < size; ++i) {
    TokenBatch<Sizes>::check_token("token of a prompt", prompt[i]);
    if (i == 0) continue;
    const auto token = static_cast<std::size_t>(prompt[i]);
    if (grammar.complete() || !LegalTokens{grammar.legal()}[token]) {
      throw invalid_value("token of a prompt", token, "one that the grammar allows there");
    }
    grammar.push(token);
  }
  return grammar;
}

}  // namespace gptnas::detail
