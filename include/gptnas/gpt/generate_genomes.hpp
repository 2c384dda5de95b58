// Draws genomes from a GPT.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/gpt/generate.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/sample_token.hpp>

namespace gptnas {

/// Options of `generate_genomes`.
struct GenerateGenomesOptions {
  std::uint64_t seed = 1;
  double temperature = 1;  ///< as in `SamplingOptions`
};

/// Draws genomes under the mask of their grammar, and of their constraint if they have one; each from a stream keyed by
/// the seed and its index, whatever the number of rows of the sampler, which loses what it has read.
///
/// An asynchronous backend draws genomes without a constraint itself: nothing of them comes to the host before the last
/// token.
///
/// @tparam Genome  whose vocabulary and longest token sequence the model has.
/// @throws std::invalid_argument if the temperature is outside its domain. Complexity: one row of a step of the sampler
///   a token; on an asynchronous backend, a token of the longest sequence.
template <class Genome, class Model>
std::vector<Genome> generate_genomes(GptSampler<Model>& sampler, std::size_t count,
                                     const GenerateGenomesOptions& options = {}) {
  using Sizes = typename Model::Sizes;
  static_assert(
      Sizes::vocabulary == vocabulary_size<Genome> && Sizes::context >= Layout<Genome>::max_tokens,
      "gptnas::generate_genomes needs a model of the genome's vocabulary_size and of a context of at least its "
      "tokens; see docs/concepts.md#gpt");
  SamplingOptions{.temperature = options.temperature}.check();
  std::vector<Genome> genomes;
  genomes.reserve(count);
  if constexpr (Model::BackendType::asynchronous && !is_constrained<Genome>) {
    const Grammar<Genome>& table = grammar<Genome>;
    constexpr std::size_t states = Grammar<Genome>::states, vocabulary = Grammar<Genome>::vocabulary;
    std::vector<std::int32_t> next(states * vocabulary);
    for (std::size_t i = 0; i < next.size(); ++i) {
      const std::uint16_t state = table.next[i / vocabulary][i % vocabulary];
      next[i] = state == Grammar<Genome>::no_state ? -1 : state;
    }
    std::vector<std::int32_t> drawn(sampler.rows() * Sizes::context);
    while (genomes.size() < count) {
      const typename Model::BackendType::DrawSettings settings{options.seed, genomes.size(), options.temperature};
      sampler.draw(next, settings, Layout<Genome>::max_tokens, drawn);
      for (std::size_t row = 0; row < sampler.rows() && genomes.size() < count; ++row) {
        TokenSequence<Genome> tokens;
        for (std::size_t state = 0; state != Grammar<Genome>::final_state;
             state = table.next[state][tokens[tokens.size() - 1]]) {
          tokens.push_back(static_cast<Token>(drawn[row * Sizes::context + tokens.size()]));
        }
        genomes.push_back(decode<Genome>(tokens));
      }
    }
  } else {
    std::vector<std::vector<Token>> sequences(count, {start_token});
    generate(sampler, sequences, {.seed = options.seed, .sampling = {.temperature = options.temperature}},
             Prefix<Genome>());
    for (const std::vector<Token>& sequence : sequences) {
      genomes.push_back(decode<Genome>(std::span(sequence).subspan(1)));
    }
  }
  return genomes;
}

}  // namespace gptnas
