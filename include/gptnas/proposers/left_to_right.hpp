// Proposals by a model that predicts the next token.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>

#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas {

template <class Genome>
using ChosenComponents = InlineVector<ComponentSite, Layout<Genome>::steps>;

/// The components of a genome, each taken with the given probability, in reading order.
template <class Genome>
ChosenComponents<Genome> choose_components(const Genome& genome, double rate, RandomStream& random) {
  ChosenComponents<Genome> chosen;
  std::size_t site = 0;
  for_each_step<Genome>(to_bytes(genome), [&](std::size_t index, const Instruction& instruction) {
    if (!instruction.begins_component) return;
    while (layout<Genome>.components[site].begin != index) ++site;
    if (random.chance(rate)) chosen.push_back(layout<Genome>.components[site]);
  });
  return chosen;
}

namespace detail {

// The first legal token, and whether it is the only one.
struct FirstLegal {
  template <std::size_t Vocabulary>
  explicit FirstLegal(const std::array<bool, Vocabulary>& legal) {
    const auto first = std::find(legal.begin(), legal.end(), true);
    token = static_cast<std::size_t>(first - legal.begin());
    alone = std::find(first + 1, legal.end(), true) == legal.end();
  }

  std::size_t token;
  bool alone;
};

// Completes a prefix, token by token. Where one token alone is legal, the model is not asked; behind the instruction
// `end` it need not even read.
template <class Genome, class Model>
Genome complete_left_to_right(Prefix<Genome>& prefix, std::size_t end, Model& model, RandomStream& random) {
  model.begin(random);
  while (!prefix.complete()) {
    const FirstLegal first(prefix.legal());
    const std::size_t token = first.alone ? first.token : std::size_t{model.draw(prefix.legal(), random)};
    prefix.push(token);
    if (prefix.state() < end) model.push(token);
  }
  return prefix.genome();
}

}  // namespace detail

/// A whole genome, token by token, under the grammar's mask.
///
/// @param model  with `begin(random)`, which starts a sequence with what comes before the first token, `push(token)` and
///   `std::size_t draw(mask, random)`, where `mask[token]` tells what is legal. Only models that share this file's
///   proposers need it.
/// @throws std::runtime_error if `Genome::allows` refuses `validity_attempts` genomes.
template <class Genome, class Model>
Genome propose_left_to_right(Model& model, RandomStream& random) {
  const auto genome = draw_valid<Genome>([&] {
    Prefix<Genome> prefix;
    return detail::complete_left_to_right(prefix, Layout<Genome>::steps, model, random);
  });
  if (genome) return *genome;
  throw std::runtime_error("propose_left_to_right: none of " + std::to_string(validity_attempts) +
                           " proposals is allowed; expected a predicate that holds more often");
}

/// Predicts the chosen components of a genome again, from left to right, each given all that precedes it (GPT-NAS,
/// Algorithm 1). What is not chosen stays, and a constraint is kept: the prediction knows what is to come. Where
/// `Genome::allows` refuses `validity_attempts` predictions, all stays.
template <class Genome, class Model>
void reconstruct_left_to_right(Genome& genome, const ChosenComponents<Genome>& chosen, Model& model,
                               RandomStream& random) {
  if (chosen.empty()) return;
  PartialGenome<Genome> kept(genome);
  for (const ComponentSite& component : chosen) kept.open(component);
  const auto prediction = draw_valid<Genome>([&] {
    Prefix<Genome> prefix(kept);
    return detail::complete_left_to_right(prefix, kept.open_end(), model, random);
  });
  if (prediction) genome = *prediction;
}

/// The order of tokens in which a `GptProposer` reads genomes and predicts components: as they come, so that a component
/// is predicted from what precedes it (GPT-NAS). The alternative is `Infilling`.
struct LeftToRight {
  /// Tokens that are no genes, and how many more of them a sequence has than the genome's own.
  template <class Genome>
  static constexpr std::size_t sentinels = 0;
  template <class Genome>
  static constexpr std::size_t extra_tokens = 0;

  /// Calls `add(tokens)` for each sequence that a model is to read of a genome.
  template <class Genome, class Add>
  void present(const Genome& genome, RandomStream&, const Add& add) const {
    add(encode(genome));
  }

  /// As `reconstruct_left_to_right`.
  template <class Genome, class Model>
  static void reconstruct(Genome& genome, const ChosenComponents<Genome>& chosen, Model& model, RandomStream& random) {
    reconstruct_left_to_right(genome, chosen, model, random);
  }
};

}  // namespace gptnas
