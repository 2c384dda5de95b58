// Proposals by a model that predicts the next token.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <stdexcept>

#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/joined.hpp>
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

// Goes on with a prefix, and gives the next token that a model is to read; nothing when the prefix is complete. Where one
// token alone is legal, `draw(mask)` is not asked; behind the instruction `end` a model need not even read, and nothing
// else is legal.
template <class Genome, class Draw>
std::optional<std::size_t> next_from_left(Prefix<Genome>& prefix, std::size_t end, const Draw& draw) {
  while (!prefix.complete()) {
    const FirstLegal first(prefix.legal());
    const std::size_t token = first.alone ? first.token : std::size_t{draw(prefix.legal())};
    prefix.push(token);
    if (prefix.state() < end) return token;
  }
  return std::nullopt;
}

// Completes a prefix, token by token.
template <class Genome, class Model>
Genome complete_left_to_right(Prefix<Genome>& prefix, std::size_t end, Model& model, RandomStream& random) {
  bool continued = false;
  if constexpr (requires { model.try_continue(prefix, end, random); }) {
    continued = model.try_continue(prefix, end, random);
  }
  if (!continued) model.begin(random);
  const auto draw = [&](const TokenMask<Genome>& legal) { return std::size_t{model.draw(legal, random)}; };
  while (const auto token = next_from_left(prefix, end, draw)) model.push(*token);
  return prefix.genome();
}

}  // namespace detail

/// A whole genome, token by token, under the grammar's mask.
///
/// @param model  with `begin(random)`, which starts a sequence with what comes before the first token, `push(token)` and
///   `std::size_t draw(mask, random)`, where `mask[token]` tells what is legal. Only models that share this file's
///   proposers need it. One that can draw several tokens at once also has `bool try_continue(prefix, end, random)`: it
///   begins, and goes on with an empty prefix up to the instruction `end`, as the others would lead it; or does nothing.
/// @throws std::runtime_error if `Genome::allows` refuses `sampling_attempts` genomes.
template <class Genome, class Model>
Genome propose_left_to_right(Model& model, RandomStream& random) {
  const auto draw = [&] {
    Prefix<Genome> prefix;
    return detail::complete_left_to_right(prefix, Layout<Genome>::steps, model, random);
  };
  if (const auto genome = draw_valid<Genome>(draw, sampling_attempts)) return *genome;
  throw std::runtime_error(joined({"propose_left_to_right: none of ", sampling_attempts,
                                   " proposals is allowed; expected a predicate that holds more often"}));
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

/// `reconstruct_left_to_right`, a token at a time, so that several go side by side; `Genome::allows` is not asked.
template <class Genome>
class LeftToRightReconstruction {
 public:
  /// @param chosen  components of the genome, in reading order; if there are none, nothing is to be read.
  LeftToRightReconstruction(const Genome& genome, const ChosenComponents<Genome>& chosen) : kept_(genome) {
    for (const ComponentSite& component : chosen) kept_.open(component);
    prefix_.emplace(kept_);
  }
  LeftToRightReconstruction(const LeftToRightReconstruction&) = delete;
  LeftToRightReconstruction& operator=(const LeftToRightReconstruction&) = delete;

  /// The next token that the model is to read; nothing when the genome is complete.
  ///
  /// @param draw  `std::size_t draw(mask)` draws a token behind those that the model has read; called at most once.
  template <class Draw>
  std::optional<std::size_t> next(const Draw& draw) {
    return detail::next_from_left(*prefix_, kept_.open_end(), draw);
  }

  /// The genome, when it is complete.
  Genome genome() const { return prefix_->genome(); }

 private:
  PartialGenome<Genome> kept_;
  std::optional<Prefix<Genome>> prefix_;
};

/// The order of tokens in which a `GptProposer` reads genomes and predicts components: as they come, so that a component
/// is predicted from what precedes it (GPT-NAS). The alternative is `Infilling`.
struct LeftToRight {
  /// Tokens that are no genes, and how many more of them a sequence has than the genome's own.
  template <class Genome>
  static constexpr std::size_t sentinels = 0;
  template <class Genome>
  static constexpr std::size_t extra_tokens = 0;

  /// Calls `add(tokens, given)` for each sequence that a model is to read of a genome; the first `given` tokens are not
  /// predicted.
  template <class Genome, class Add>
  void present(const Genome& genome, RandomStream&, const Add& add) const {
    add(encode(genome), 0);
  }

  template <class Genome>
  using Reconstruction = LeftToRightReconstruction<Genome>;

  /// As `reconstruct_left_to_right`.
  template <class Genome, class Model>
  static void reconstruct(Genome& genome, const ChosenComponents<Genome>& chosen, Model& model, RandomStream& random) {
    reconstruct_left_to_right(genome, chosen, model, random);
  }
};

}  // namespace gptnas
