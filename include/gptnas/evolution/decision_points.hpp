// Where a child may change from one parent to the other.
#pragma once

#include <array>
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
    Steps passed{};
    for_each_step<Genome>(first_, [&](std::size_t index, const Instruction&) { passed[index] = true; });
    for_each_step<Genome>(second_, [&](std::size_t index, const Instruction& instruction) {
      points_[index] = passed[index] && decides(instruction);
    });
  }

  std::size_t size() const {
    std::size_t size = 0;
    for (const bool is_point : points_) size += is_point;
    return size;
  }

  /// The child whose reading follows the first parent, until `from_second(index, instruction)`, called at each point in
  /// order, says which parent it follows from there on. Complexity: O(genes).
  template <class Choose>
  Genome child(Choose from_second) const {
    GenomeBytes<Genome> bytes{};
    bool second = false;
    for (std::size_t index = 0; index < Layout<Genome>::steps;) {
      const Instruction& instruction = layout<Genome>.instructions[index];
      if (points_[index]) second = from_second(index, instruction);
      const std::uint8_t byte = (second ? second_ : first_)[instruction.offset];
      bytes[instruction.offset] = byte;
      const bool jumps = instruction.kind == Instruction::Kind::slot && byte == instruction.slot;
      index = jumps ? instruction.after : index + 1;
    }
    return from_bytes<Genome>(bytes);
  }

 private:
  using Steps = std::array<bool, Layout<Genome>::steps>;

  bool decides(const Instruction& instruction) const {
    if (instruction.kind == Instruction::Kind::gene) return true;
    return (first_[instruction.offset] == instruction.slot) != (second_[instruction.offset] == instruction.slot);
  }

  GenomeBytes<Genome> first_, second_;
  Steps points_{};
};

}  // namespace gptnas
