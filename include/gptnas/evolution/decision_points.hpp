// Where a child may change from one parent to the other.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

#include <gptnas/genome/layout.hpp>

namespace gptnas {

/// An instruction that the readings of both parents pass and where they may decide differently: a gene that both have,
/// or a slot where one sequence ends and the other goes on. From any such point, reading may go on in the other parent,
/// and what comes out is a valid genome, nested and of variable length alike: a sequence's length comes with its tail.
template <class Genome>
class DecisionPoints {
 public:
  /// Complexity: O(genes).
  DecisionPoints(const Genome& first, const Genome& second) : first_(to_bytes(first)), second_(to_bytes(second)) {
    std::bitset<Layout<Genome>::steps> passed;
    for_each_step<Genome>(first_, [&](std::size_t index, const Instruction&) { passed.set(index); });
    for_each_step<Genome>(second_, [&](std::size_t index, const Instruction& instruction) {
      if (passed.test(index) && decides(instruction)) points_.set(index);
    });
  }

  std::size_t size() const { return points_.count(); }

  /// The child whose reading follows the first parent, until `from_second(index, instruction)`, called at each point in
  /// order, says which parent it follows from there on. Complexity: O(genes).
  template <class Choose>
  Genome child(Choose from_second) const {
    GenomeBytes<Genome> bytes{};
    bool second = false;
    for (std::size_t index = 0; index < Layout<Genome>::steps;) {
      const Instruction& instruction = layout<Genome>.instructions[index];
      if (points_.test(index)) second = from_second(index, instruction);
      const std::uint8_t byte = (second ? second_ : first_)[instruction.offset];
      bytes[instruction.offset] = byte;
      const bool jumps = instruction.kind == Instruction::Kind::slot && byte == instruction.slot;
      index = jumps ? instruction.after : index + 1;
    }
    return from_bytes<Genome>(bytes);
  }

 private:
  bool decides(const Instruction& instruction) const {
    if (instruction.kind == Instruction::Kind::gene) return true;
    return (first_[instruction.offset] == instruction.slot) != (second_[instruction.offset] == instruction.slot);
  }

  GenomeBytes<Genome> first_, second_;
  std::bitset<Layout<Genome>::steps> points_;
};

}  // namespace gptnas
