// Random genomes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include <gptnas/core/joined.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/prefix.hpp>

namespace gptnas {

namespace detail {

// Draws every length and gene of the instructions [begin, end).
template <class Genome>
constexpr void sample_steps(GenomeBytes<Genome>& bytes, std::size_t begin, std::size_t end, RandomStream& random) {
  for (std::size_t index = begin; index < end;) {
    const Instruction& instruction = layout<Genome>.instructions[index++];
    std::uint8_t& byte = bytes[instruction.offset];
    switch (instruction.kind) {
      case Instruction::Kind::gene: byte = static_cast<std::uint8_t>(random.below(instruction.cardinality)); break;
      case Instruction::Kind::slot:
        if (instruction.slot == 0) {
          byte = static_cast<std::uint8_t>(instruction.min + random.below(instruction.max - instruction.min + 1u));
        }
        if (byte == instruction.slot) index = instruction.after;
        break;
      case Instruction::Kind::end: break;
    }
  }
}

}  // namespace detail

/// One of the legal tokens, uniformly drawn. @param legal  (V) at least one is true.
template <std::size_t Vocabulary>
std::size_t sample_legal(const std::array<bool, Vocabulary>& legal, RandomStream& random) {
  std::uint32_t left = random.below(static_cast<std::uint32_t>(std::count(legal.begin(), legal.end(), true)));
  std::size_t token = 0;
  while (!legal[token] || left-- > 0) ++token;
  return token;
}

/// How often a whole genome is drawn anew, by `sample` or by a model, because it is not valid.
inline constexpr std::size_t sampling_attempts = 10'000;

/// A random genome: every gene uniform over its values, every sequence's length uniform over [Min, Max], given that the
/// genome is valid.
///
/// Without a `Sequence` that is uniform over the genomes; with one, short genomes are as frequent as long ones,
/// although there are far fewer of them. That holds as long as one of some thousand draws is valid. Where none of
/// `sampling_attempts` is (a narrow `Constraint`), the genome is drawn token by token, in proportion to the number of
/// genomes that go on so: uniformly over the genomes, unless there is a bound on a cost. How many of them keep it is
/// not known: the first components take more of a bound than their part.
///
/// @throws std::runtime_error if none of `sampling_attempts` genomes, which keep the `Constraint` if there is one, is
///   one that `Genome::allows`: a run that is under way would be lost with it, hence so many. Complexity: O(genes) a
///   draw, up to `sampling_attempts` draws.
template <class Genome>
constexpr Genome sample(RandomStream& random) {
  const auto draw = [&] {
    GenomeBytes<Genome> bytes{};
    detail::sample_steps<Genome>(bytes, 0, Layout<Genome>::steps, random);
    return from_bytes<Genome>(bytes);
  };
  if constexpr (!is_constrained<Genome>) {
    return draw();
  } else {
    if (const auto genome = draw_valid<Genome>(draw, sampling_attempts)) return *genome;
    if constexpr (has_constrained_grammar<Genome>) {
      const auto draw_by_tokens = [&] {
        Prefix<Genome> prefix;
        while (!prefix.complete()) {
          const auto weights = prefix.continuations();
          prefix.push(random.categorical(std::span<const double>(weights)));
        }
        return prefix.genome();
      };
      if (const auto genome = draw_valid<Genome>(draw_by_tokens, sampling_attempts)) return *genome;
    }
    throw std::runtime_error(joined({"sample: none of ", sampling_attempts,
                                     " random genomes is allowed; expected a predicate that holds more often"}));
  }
}

}  // namespace gptnas
