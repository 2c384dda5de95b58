// Random genomes.
#pragma once

#include <cstddef>
#include <cstdint>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/layout.hpp>

namespace gptnas {

namespace detail {

// Draws every length and gene of the instructions [begin, end).
template <class Genome>
constexpr void sample_steps(GenomeBytes<Genome>& bytes, std::size_t begin, std::size_t end, RandomStream& random) {
  for (std::size_t index = begin; index < end;) {
    const Instruction& instruction = layout<Genome>.instructions[index++];
    std::uint8_t& byte = bytes[instruction.offset];
    switch (instruction.kind) {
      case Instruction::Kind::gene:
        byte = static_cast<std::uint8_t>(random.below(instruction.cardinality));
        break;
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

/// A random genome: every gene uniform over its values, every sequence's length uniform over [Min, Max].
///
/// Without a `Sequence` that is uniform over the genomes; with one, short genomes are as frequent as long ones, although
/// there are far fewer of them. Complexity: O(genes).
template <class Genome>
constexpr Genome sample(RandomStream& random) {
  GenomeBytes<Genome> bytes{};
  detail::sample_steps<Genome>(bytes, 0, Layout<Genome>::steps, random);
  return from_bytes<Genome>(bytes);
}

}  // namespace gptnas
