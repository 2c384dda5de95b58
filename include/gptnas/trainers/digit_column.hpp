// Genomes in a table with one column for all genes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/joined.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/genome_members.hpp>
#include <gptnas/trainers/member_columns.hpp>

namespace gptnas {

/// Reads the genome of each row from a column with the digits of all genes, in the order of `genome_members`: the digit
/// of a gene is the index of its value, from 0.
///
/// Digits above 9 are the letters from a (10) to z (35). Or the indices are decimal numbers with anything but digits
/// and letters between them: "3-12-0", "[3 12 0]"; a genome of one gene is one such number. A sign, as in "-3" or
/// "[3, -1]", is refused. The lengths of sequences are not written: where the digits can be read as more than one
/// genome, they are refused.
class DigitColumn {
 public:
  /// @param table         must outlive this. @param instructions  of the genome's layout.
  /// @param members       as many: what they read. @param column  the name of the column.
  /// @throws FileError if there is no such column.
  DigitColumn(const Table& table, std::span<const Instruction> instructions, std::vector<GenomeMember> members,
              std::string_view column)
      : table_(&table),
        instructions_(instructions),
        members_(std::move(members)),
        name_(column),
        texts_(table.texts(column)) {
    for (const Instruction& instruction : instructions_) {
      genes_ += instruction.kind == Instruction::Kind::gene;
      fixed_length_ = fixed_length_ && instruction.kind == Instruction::Kind::gene;
    }
  }

  /// Writes the genome of a row. @param bytes  of a genome, all 0.
  ///
  /// @throws FileError if the field has other digits than exactly one genome. Whether that keeps a constraint is not
  /// asked. Complexity: O(genes x digits).
  void read(std::size_t row, std::span<std::uint8_t> bytes) const {
    const std::string_view text = texts_[row];
    const auto digits = parse(text);
    if (!digits) refuse(row, text, "the digits of the genes");
    if (fixed_length_) check(row, text, *digits);
    const Readings readings = count_readings(*digits);
    if (readings.from(0, 0) == 0) {
      refuse(row, text,
             "the digits of a genome, each the index of a gene's value, from 0, in the order of the members");
    }
    if (readings.from(0, 0) > 1) {
      refuse(row, text,
             "the digits of one genome only: of different lengths there are several; give a column for each gene");
    }
    std::size_t place = 0;
    for (std::size_t index = 0; index < instructions_.size();) {
      const Instruction& instruction = instructions_[index];
      std::uint8_t& byte = bytes[instruction.offset];
      if (instruction.kind == Instruction::Kind::gene) {
        byte = static_cast<std::uint8_t>((*digits)[place++]);
      } else if (instruction.kind == Instruction::Kind::slot) {
        if (readings.from(index + 1, place) == 0) {
          index = instruction.after;
          continue;
        }
        ++byte;
      }
      ++index;
    }
  }

 private:
  using Digits = std::vector<std::size_t>;

  // In how many ways the digits from a place on can be read by the instructions from one on; 2 are many.
  struct Readings {
    std::size_t places;
    std::vector<std::uint8_t> counts;

    std::uint8_t& from(std::size_t instruction, std::size_t place) { return counts[instruction * places + place]; }
    std::uint8_t from(std::size_t instruction, std::size_t place) const { return counts[instruction * places + place]; }
  };

  Readings count_readings(const Digits& digits) const {
    const std::size_t steps = instructions_.size(), places = digits.size() + 1;
    Readings readings{places, std::vector<std::uint8_t>((steps + 1) * places)};
    readings.from(steps, digits.size()) = 1;
    for (std::size_t index = steps; index-- > 0;) {
      const Instruction& instruction = instructions_[index];
      for (std::size_t place = 0; place < places; ++place) {
        std::uint8_t& count = readings.from(index, place);
        switch (instruction.kind) {
          case Instruction::Kind::gene:
            if (place < digits.size() && digits[place] < instruction.cardinality) {
              count = readings.from(index + 1, place + 1);
            }
            break;
          case Instruction::Kind::slot:
            count = readings.from(index + 1, place);
            if (instruction.slot >= instruction.min && count < 2) {
              count = static_cast<std::uint8_t>(count + readings.from(instruction.after, place));
            }
            break;
          case Instruction::Kind::end: count = readings.from(index + 1, place); break;
        }
        if (count > 2) count = 2;
      }
    }
    return readings;
  }

  static std::optional<std::size_t> digit(char letter) {
    if (letter >= '0' && letter <= '9') return static_cast<std::size_t>(letter - '0');
    if (letter >= 'a' && letter <= 'z') return static_cast<std::size_t>(letter - 'a' + 10);
    if (letter >= 'A' && letter <= 'Z') return static_cast<std::size_t>(letter - 'A' + 10);
    return std::nullopt;
  }

  // Nothing if a number is above 999 or has a sign.
  std::optional<Digits> parse(std::string_view text) const {
    Digits digits;
    bool separated = genes_ == 1;
    for (const char letter : text) separated = separated || !digit(letter);
    if (!separated) {
      for (const char letter : text) digits.push_back(*digit(letter));
      return digits;
    }
    bool inside = false;  // a number
    bool sign = false;    // right before a number
    for (const char letter : text) {
      const auto value = digit(letter);
      if (value) {
        if (sign) return std::nullopt;
        if (!inside) digits.push_back(0);
        digits.back() = 10 * digits.back() + *value;
        if (*value > 9 || digits.back() >= 1000) return std::nullopt;
      }
      sign = !inside && (letter == '-' || letter == '+');
      inside = value.has_value();
    }
    return digits;
  }

  // What is wrong with the digits of a genome that is always as long.
  void check(std::size_t row, std::string_view text, const Digits& digits) const {
    if (digits.size() != genes_) {
      refuse(row, text,
             joined({genes_, " digits, one a gene; there are ", digits.size(),
                     (digits.size() < genes_ ? ", perhaps without leading zeros" : "")}));
    }
    for (std::size_t gene = 0; gene < genes_; ++gene) {
      const std::size_t cardinality = instructions_[gene].cardinality;
      if (digits[gene] < cardinality) continue;
      refuse(row, text,
             joined({"digits below ", cardinality, " for ", members_[gene].path, ", which is ", digits[gene]}));
    }
  }

  [[noreturn]] void refuse(std::size_t row, std::string_view text, const std::string& expected) const {
    table_->refuse(row, joined({name_, " is \"", text, "\"; expected ", expected}));
  }

  const Table* table_;
  std::span<const Instruction> instructions_;
  std::vector<GenomeMember> members_;
  std::string name_;
  TextColumn texts_;
  std::size_t genes_ = 0;  // at most
  bool fixed_length_ = true;
};

}  // namespace gptnas
