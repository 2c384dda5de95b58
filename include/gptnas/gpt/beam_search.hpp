// The most likely sequences of a GPT, by beam search.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gptnas/concepts/token_grammar.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/gpt/any_tokens.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/legal_tokens.hpp>
#include <gptnas/gpt/log_likelihood.hpp>
#include <gptnas/gpt/prompt.hpp>
#include <gptnas/gpt/shared_rows.hpp>

namespace gptnas {

/// Options of `beam_search`.
struct BeamSearchOptions {
  std::size_t width = 4;       ///< sequences that are kept, 1 to the rows of the sampler; 1 is greedy
  double length_penalty = 0;   ///< sequences are ranked by log-likelihood / length^length_penalty, where the length is
                               ///< that behind the prompt; finite; 0 ranks by likelihood, 1 by the mean over the tokens
  std::size_t max_tokens = 0;  ///< of a sequence with its prompt, at most context + 1; 0 is context + 1
};

/// A sequence that a beam search found.
template <class Sequence>
struct Beam {
  Sequence tokens;            ///< the prompt and what follows it
  double log_likelihood = 0;  ///< natural logarithm of the probability of what follows the prompt, given the prompt
};

/// Beam search (Meister, Vieira and Cotterell, "Best-First Beam Search", 2020, Algorithm 1): from step to step it keeps
/// the best among the continuations of what it kept before, by one token that the grammar allows, and the complete
/// sequences. Of equally good ones it keeps the first. The probabilities are the model's own, over all tokens.
///
/// @param sampler  loses what it has read.
/// @param prompt   a sequence of integers with `size()`, `[]` and `push_back`: tokens t0, t1 ..., at least one.
/// @param grammar  a `TokenGrammar` before t1.
/// @return up to `width` sequences, best first; each is complete or has `max_tokens`.
/// @throws std::invalid_argument if an option is outside its domain, or if the prompt is empty, longer than
///   `max_tokens`, not in the vocabulary or against the grammar. Complexity: `width` rows of a step of the sampler a
///   token, and copies of the caches of some of them.
template <class Model, class Sequence, class Grammar = AnyTokens<Model::Sizes::vocabulary>>
std::vector<Beam<Sequence>> beam_search(GptSampler<Model>& sampler, const Sequence& prompt,
                                        const BeamSearchOptions& options = {}, const Grammar& grammar = {}) {
  static_assert(TokenGrammar<Grammar>,
                "gptnas::beam_search needs a grammar with legal(), complete() and push(token); see "
                "docs/concepts.md#token-grammar");
  using Element = std::remove_cvref_t<decltype(prompt[0])>;
  if (options.width == 0 || options.width > sampler.rows()) {
    throw invalid_value("beam_search: width", options.width,
                        joined({"1 to ", sampler.rows(), ", the rows of the sampler"}));
  }
  if (!is_finite(options.length_penalty)) {
    throw invalid_value("beam_search: length_penalty", options.length_penalty, "finite");
  }
  const std::size_t max_tokens = detail::checked_max_tokens<typename Model::Sizes>(options.max_tokens);

  struct Hypothesis {
    Beam<Sequence> beam;
    Grammar grammar;
    std::size_t row = 0;  // of the sampler

    std::size_t token() const { return static_cast<std::size_t>(beam.tokens[beam.tokens.size() - 1]); }
  };
  const auto done = [&](const Hypothesis& hypothesis) {
    return hypothesis.grammar.complete() || hypothesis.beam.tokens.size() == max_tokens;
  };
  constexpr std::size_t none = Model::Sizes::vocabulary;  // the token of what is done
  struct Candidate {
    std::size_t parent, token;
    double log_likelihood, score;
  };
  const auto better = [](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.parent != b.parent ? a.parent < b.parent : a.token < b.token;
  };

  Grammar behind_prompt = detail::after_prompt<typename Model::Sizes>(grammar, prompt, max_tokens);
  std::vector<Hypothesis> kept, next;
  kept.push_back({{prompt}, std::move(behind_prompt)});
  std::vector<Candidate> candidates;
  if (!done(kept[0])) {
    sampler.reset();
    for (std::size_t i = 0; i < prompt.size(); ++i) sampler.push(static_cast<std::size_t>(prompt[i]));
  }
  while (!std::all_of(kept.begin(), kept.end(), done)) {
    candidates.clear();
    for (std::size_t parent = 0; parent < kept.size(); ++parent) {
      const Hypothesis& hypothesis = kept[parent];
      const double before = hypothesis.beam.log_likelihood;
      const std::size_t length = hypothesis.beam.tokens.size() - prompt.size();
      const auto add = [&](std::size_t token, double log_likelihood, std::size_t tokens) {
        const double norm = std::pow(static_cast<double>(tokens), options.length_penalty);
        candidates.push_back({parent, token, log_likelihood, log_likelihood / norm});
      };
      if (done(hypothesis)) {
        add(none, before, length);
        continue;
      }
      const auto logits = sampler.logits(hypothesis.row);
      const detail::LegalTokens legal{hypothesis.grammar.legal()};
      const double total = log_sum_exp(std::span<const typename Model::Scalar>(logits));
      for (std::size_t token = 0; token < logits.size(); ++token) {
        if (!legal[token]) continue;
        add(token, before + static_cast<double>(logits[token]) - total, length + 1);
      }
    }
    const std::size_t count = std::min(options.width, candidates.size());
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(count), candidates.end(),
                      better);
    next.clear();
    for (const Candidate& candidate : std::span(candidates).first(count)) {
      next.push_back(kept[candidate.parent]);
      if (candidate.token == none) continue;
      Hypothesis& hypothesis = next.back();
      hypothesis.beam.tokens.push_back(static_cast<Element>(candidate.token));
      hypothesis.beam.log_likelihood = candidate.log_likelihood;
      hypothesis.grammar.push(candidate.token);
    }
    std::swap(kept, next);
    std::vector<Hypothesis*> pushed;
    for (Hypothesis& hypothesis : kept) {
      if (!done(hypothesis)) pushed.push_back(&hypothesis);
    }
    if (!pushed.empty()) detail::push_to_shared_rows(sampler, std::move(pushed));
  }
  std::vector<Beam<Sequence>> beams;
  for (Hypothesis& hypothesis : kept) beams.push_back(std::move(hypothesis.beam));
  return beams;
}

}  // namespace gptnas
