// Components predicted from both sides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/proposers/left_to_right.hpp>

namespace gptnas {

/// The hole of a component of the layout: it stands where the component is missing, and again before its tokens. Behind
/// the tokens of the genome.
template <class Genome>
constexpr Token hole_token(std::size_t component) {
  return static_cast<Token>(vocabulary_size<Genome> + component);
}

/// A genome with holes, and what was in them.
template <class Genome>
struct HoledGenome {
  static constexpr std::size_t components = layout<Genome>.components.size();

  InlineVector<Token, components> holes;                                ///< of the chosen components
  InlineVector<Token, Layout<Genome>::max_tokens + components> kept;    ///< the tokens, a hole for each component
  InlineVector<Token, Layout<Genome>::max_tokens + components> middle;  ///< of each component its hole and its tokens

  /// @param chosen  components of the genome, in reading order. Complexity: O(tokens + components of the type).
  HoledGenome(const Genome& genome, const ChosenComponents<Genome>& chosen) {
    std::size_t component = 0;
    for (const ComponentSite& site : chosen) {
      while (layout<Genome>.components[component].begin != site.begin) ++component;
      holes.push_back(hole_token<Genome>(component));
    }
    const auto bytes = to_bytes(genome);
    std::size_t next = 0, begun = 0;  // chosen components: which is read or comes next; those that were begun
    for_each_step<Genome>(bytes, [&](std::size_t index, const Instruction& instruction) {
      const bool is_gene = instruction.kind == Instruction::Kind::gene;
      if (!is_gene && bytes[instruction.offset] != instruction.slot) return;
      const auto token = static_cast<Token>(instruction.token + (is_gene ? bytes[instruction.offset] : 0));
      while (next < chosen.size() && index >= chosen[next].end) ++next;
      if (next == chosen.size() || index < chosen[next].begin) {
        kept.push_back(token);
        return;
      }
      if (begun <= next) {
        kept.push_back(holes[next]);
        middle.push_back(holes[next]);
        begun = next + 1;
      }
      middle.push_back(token);
    });
  }

  /// What is kept, then the middle: what a model reads to learn.
  auto sequence() const {
    InlineVector<Token, Layout<Genome>::max_tokens + 2 * components> sequence;
    for (const Token token : kept) sequence.push_back(token);
    for (const Token token : middle) sequence.push_back(token);
    return sequence;
  }
};

/// `reconstruct_infilling`, a token at a time, as `LeftToRightReconstruction`.
template <class Genome>
class InfillingReconstruction {
 public:
  InfillingReconstruction(const Genome& genome, const ChosenComponents<Genome>& chosen)
      : chosen_(chosen), kept_(genome), holed_(genome, chosen) {
    for (const ComponentSite& component : chosen) kept_.open(component);
    prefix_.emplace(kept_);
  }
  InfillingReconstruction(const InfillingReconstruction&) = delete;
  InfillingReconstruction& operator=(const InfillingReconstruction&) = delete;

  template <class Draw>
  std::optional<std::size_t> next(const Draw& draw) {
    if (chosen_.empty()) return detail::next_from_left(*prefix_, 0, draw);
    if (read_ < holed_.kept.size()) return holed_.kept[read_++];
    while (!prefix_->complete()) {
      const detail::FirstLegal first(prefix_->legal());
      const std::size_t index = instruction_of<Genome>(prefix_->state(), first.token);
      if (!kept_.is_open(index)) {
        prefix_->push(first.token);
        continue;
      }
      while (index >= chosen_[next_].end) ++next_;
      if (begun_ <= next_) {
        begun_ = next_ + 1;
        return holed_.holes[next_];
      }
      const std::size_t token = first.alone ? first.token : std::size_t{draw(prefix_->legal())};
      prefix_->push(token);
      if (prefix_->state() < kept_.open_end()) return token;
    }
    return std::nullopt;
  }

  Genome genome() const { return prefix_->genome(); }

 private:
  ChosenComponents<Genome> chosen_;
  PartialGenome<Genome> kept_;
  HoledGenome<Genome> holed_;
  std::optional<Prefix<Genome>> prefix_;
  std::size_t read_ = 0;              // tokens that are kept, by the model
  std::size_t next_ = 0, begun_ = 0;  // chosen components: which is read or comes next; those that were begun
};

/// Predicts the chosen components of a genome again, in the form of prefix, suffix, middle (Bavarian et al., "Efficient
/// Training of Language Models to Fill in the Middle", 2022), with any number of middles (Donahue, Lee and Liang,
/// "Enabling Language Models to Fill in the Blanks", 2020): the genome with a hole for each of them, then each hole again
/// and what is in it. Each is predicted given all that is kept, to its left and to its right, and the
/// chosen ones before it. What is not chosen stays, and a constraint is kept. Where `Genome::allows` refuses
/// `validity_attempts` predictions, all stays.
///
/// @param model  as of `propose_left_to_right`, and it knows the holes.
template <class Genome, class Model>
void reconstruct_infilling(Genome& genome, const ChosenComponents<Genome>& chosen, Model& model, RandomStream& random) {
  if (chosen.empty()) return;
  const auto draw = [&](const TokenMask<Genome>& legal) { return std::size_t{model.draw(legal, random)}; };
  const auto prediction = draw_valid<Genome>([&] {
    InfillingReconstruction<Genome> reconstruction(genome, chosen);
    model.begin(random);
    while (const auto token = reconstruction.next(draw)) model.push(*token);
    return reconstruction.genome();
  });
  if (prediction) genome = *prediction;
}

/// The order of tokens in which a `GptProposer` reads genomes from left to right and, in other sequences, with holes;
/// and predicts components given what is on both sides of them.
struct Infilling {
  template <class Genome>
  static constexpr std::size_t sentinels = layout<Genome>.components.size();
  template <class Genome>
  static constexpr std::size_t extra_tokens = 2 * layout<Genome>.components.size();

  /// Sequences with holes of each genome, beside the one from left to right; at least 1.
  std::size_t presentations = 1;
  /// Whether a model learns what is kept and where the holes are, too: it then sees sooner how components hang together,
  /// but searches worse (docs/tuning.md).
  bool learns_kept = false;

  /// Calls `add(tokens, given)` for each sequence that a model is to read of a genome: as it is, and with some of its
  /// components missing, from one to all. The first `given` tokens, what is kept, are not predicted; if it is 0, all are.
  ///
  /// @throws std::invalid_argument if there are no `presentations`.
  template <class Genome, class Add>
  void present(const Genome& genome, RandomStream& random, const Add& add) const {
    if (presentations == 0) throw invalid_value("Infilling::presentations", presentations, "at least 1");
    add(encode(genome), 0);
    const auto all = choose_components(genome, 1, random);
    if (all.empty()) return;
    for (std::size_t i = 0; i < presentations; ++i) {
      auto chosen = choose_components(genome, random.uniform(), random);
      if (chosen.empty()) chosen.push_back(all[random.below(static_cast<std::uint32_t>(all.size()))]);
      const HoledGenome<Genome> holed(genome, chosen);
      add(holed.sequence(), learns_kept ? 0 : holed.kept.size());
    }
  }

  template <class Genome>
  using Reconstruction = InfillingReconstruction<Genome>;

  /// As `reconstruct_infilling`.
  template <class Genome, class Model>
  static void reconstruct(Genome& genome, const ChosenComponents<Genome>& chosen, Model& model, RandomStream& random) {
    reconstruct_infilling(genome, chosen, model, random);
  }
};

}  // namespace gptnas
