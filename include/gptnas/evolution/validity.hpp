// How operators keep within the constraint of a genome type.
#pragma once

#include <cstddef>
#include <cstdint>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/sample.hpp>

namespace gptnas {

/// The first valid one of up to `validity_attempts` genomes that `draw()` gives, or else `fallback`, which is valid.
/// Where the type has no constraint, the first one.
template <class Genome, class Draw>
Genome first_valid(const Genome& fallback, Draw draw) {
  if constexpr (!is_constrained<Genome>) {
    return draw();
  } else {
    return draw_valid<Genome>(draw).value_or(fallback);
  }
}

/// Reads bytes as a genome that keeps the type's constraint: each token is the one that lies there, or, where that is
/// not legal after what was read, a uniformly drawn legal one. Valid bytes are read as they are.
template <class Genome>
Genome read_within_constraint(const GenomeBytes<Genome>& bytes, RandomStream& random) {
  if constexpr (!has_constrained_grammar<Genome>) return from_bytes<Genome>(bytes);
  if (is_valid(from_bytes<Genome>(bytes))) return from_bytes<Genome>(bytes);
  Prefix<Genome> prefix;
  while (!prefix.complete()) {
    std::size_t index = prefix.state();
    const auto goes_on = [&](const Instruction& instruction) {
      return instruction.kind == Instruction::Kind::slot && bytes[instruction.offset] > instruction.slot;
    };
    while (goes_on(layout<Genome>.instructions[index])) ++index;
    const Instruction& instruction = layout<Genome>.instructions[index];
    const bool gene = instruction.kind == Instruction::Kind::gene;
    const std::size_t token = instruction.token + std::size_t{gene ? bytes[instruction.offset] : std::uint8_t{0}};
    prefix.push(prefix.legal()[token] ? token : sample_legal(prefix.legal(), random));
  }
  return prefix.genome();
}

}  // namespace gptnas
