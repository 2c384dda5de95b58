// Draws genomes from a GPT.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gptnas/concepts/drawing_backend.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/sampling_options.hpp>
#include <gptnas/core/token_graph.hpp>
#include <gptnas/genome/grammar_graph.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/gpt/generate.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>

namespace gptnas {

/// Options of `generate_genomes`.
struct GenerateGenomesOptions {
  std::uint64_t seed = 1;
  SamplingOptions sampling = {};
};

/// Draws genomes under the mask of their grammar, and of their constraint if they have one; each from a stream keyed by
/// the seed and its index, whatever the number of rows of the sampler, which loses what it has read.
///
/// A backend that can draws them itself: nothing of them comes to the host before the last token.
///
/// @tparam Genome  whose vocabulary and longest token sequence the model has.
/// @throws std::invalid_argument if an option is outside its domain, or if `Genome::allows` refuses a genome.
///   Complexity: one row of a step of the sampler a token; where the backend draws, a token of the longest sequence.
template <class Genome, class Model>
std::vector<Genome> generate_genomes(GptSampler<Model>& sampler, std::size_t count,
                                     const GenerateGenomesOptions& options = {}) {
  using Sizes = typename Model::Sizes;
  static_assert(
      Sizes::vocabulary == vocabulary_size<Genome> && Sizes::context >= Layout<Genome>::max_tokens,
      "gptnas::generate_genomes needs a model of the genome's vocabulary_size and of a context of at least its "
      "tokens; see docs/concepts.md#gpt");
  options.sampling.check();
  std::vector<Genome> genomes;
  genomes.reserve(count);
  if constexpr (DrawingBackend<typename Model::BackendType>) {
    const TokenGraph graph = grammar_graph<Genome>();
    std::vector<RandomStream> streams;
    std::vector<std::int32_t> drawn;
    while (genomes.size() < count) {
      const std::size_t rows = std::min(sampler.rows(), count - genomes.size());
      streams.clear();
      for (std::size_t row = 0; row < rows; ++row) {
        streams.emplace_back(options.seed, genomes.size() + row, Purpose::sample);
      }
      drawn.resize(rows * Sizes::context);
      sampler.draw(graph, start_token, {.sampling = options.sampling}, streams, drawn);
      for (std::size_t row = 0; row < rows; ++row) {
        TokenSequence<Genome> tokens;
        for (std::uint32_t node = graph.start; !graph.complete(node);) {
          const std::int32_t token = drawn[row * Sizes::context + tokens.size()];
          tokens.push_back(static_cast<Token>(token));
          node = graph.next(node, token);
        }
        genomes.push_back(decode<Genome>(tokens));
      }
    }
  } else {
    std::vector<std::vector<Token>> sequences(count, {start_token});
    generate(sampler, sequences, {.seed = options.seed, .sampling = options.sampling}, Prefix<Genome>());
    for (const std::vector<Token>& sequence : sequences) {
      genomes.push_back(decode<Genome>(std::span(sequence).subspan(1)));
    }
  }
  return genomes;
}

}  // namespace gptnas
