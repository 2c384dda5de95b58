// Draws sequences from a GPT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <gptnas/concepts/token_grammar.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/gpt/any_tokens.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/legal_tokens.hpp>
#include <gptnas/gpt/prompt.hpp>
#include <gptnas/gpt/sample_token.hpp>
#include <gptnas/gpt/side_by_side.hpp>

namespace gptnas {

/// Options of `generate`.
struct GenerateOptions {
  std::uint64_t seed = 1;
  SamplingOptions sampling = {};
  std::size_t max_tokens = 0;  ///< of a sequence with its prompt, at most context + 1; 0 is context + 1
};

/// Continues each sequence, the prompt, in place, until the grammar finds it complete or it has `max_tokens`. Each is
/// drawn from a stream keyed by the seed and its index: the same prompts and seed give the same sequences, whatever the
/// number of rows of the sampler, which loses what it has read.
///
/// @param sequences  with `size()`, and `[i]` a sequence of integers with `size()`, `[]` and `push_back`: tokens t0,
///   t1 ..., at least one.
/// @param grammar    a `TokenGrammar` before t1; a copy reads each sequence from there.
/// @throws std::invalid_argument if an option is outside its domain, or if a prompt is empty, longer than `max_tokens`,
///   not in the vocabulary or against the grammar; the others are then continued in part. Complexity: one row of a step
///   of the sampler a token.
template <class Model, class Sequences, class Grammar = AnyTokens<Model::Sizes::vocabulary>>
void generate(GptSampler<Model>& sampler, Sequences& sequences, const GenerateOptions& options = {},
              const Grammar& grammar = {}) {
  static_assert(TokenGrammar<Grammar>,
                "gptnas::generate needs a grammar with legal(), complete() and push(token); see "
                "docs/concepts.md#token-grammar");
  using Sequence = std::remove_reference_t<decltype(sequences[0])>;
  using Element = std::remove_cvref_t<decltype(sequences[0][0])>;
  options.sampling.check();
  const std::size_t max_tokens = detail::checked_max_tokens<typename Model::Sizes>(options.max_tokens);

  struct Reader {
    Sequence* sequence;
    const SamplingOptions* sampling;
    std::size_t max_tokens;
    Grammar grammar;
    RandomStream random;
    std::size_t position = 0;

    bool done() const { return grammar.complete() || sequence->size() == max_tokens; }
    std::size_t token() const { return static_cast<std::size_t>((*sequence)[position]); }
    void read(GptSampler<Model>& reading, std::size_t row) {
      if (++position < sequence->size()) return;  // within the prompt
      const detail::LegalTokens legal{grammar.legal()};
      const std::size_t next = sample_token(reading.logits(row), legal, *sampling, random);
      sequence->push_back(static_cast<Element>(next));
      grammar.push(next);
    }
  };
  detail::run_side_by_side(sampler, sequences.size(), [&](std::size_t i) {
    return Reader{&sequences[i], &options.sampling, max_tokens,
                  detail::after_prompt<typename Model::Sizes>(grammar, sequences[i], max_tokens),
                  RandomStream(options.seed, i, Purpose::sample)};
  });
}

}  // namespace gptnas
