// Genomes in a table with a column for each gene.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/genome_members.hpp>

namespace gptnas {

namespace detail {

/// The number that a field, or the value of a gene, stands for: true is 1 and false 0, in any case of the letters.
inline std::optional<double> number_of(std::string_view text) {
  const auto is = [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  };
  if (is("true")) return 1;
  if (is("false")) return 0;
  double number = 0;
  // Beyond 2^53 different integers may be the same double.
  if (!parse_number(text, number) || std::fabs(number) >= 0x1p53) return std::nullopt;
  return number;
}

/// The index of the value that a field names: as `print` writes it, or another spelling of the same number.
inline std::optional<std::uint8_t> value_index(std::string_view field, const std::vector<std::string>& values) {
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (field == values[index]) return static_cast<std::uint8_t>(index);
  }
  const auto number = number_of(field);
  if (!number) return std::nullopt;
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (number == number_of(values[index])) return static_cast<std::uint8_t>(index);
  }
  return std::nullopt;
}

inline std::string list_of(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text.append(text.empty() ? "" : ", ").append(value);
  return text;
}

}  // namespace detail

/// Reads the genome of each row from a column for each gene, whose name is the gene's path (`GenomeMember::path`) and
/// whose fields are the gene's values.
///
/// A value is written as `print` does: an enumerator's name, an integer, true or false. Numbers may be spelled
/// otherwise (3.0 for 3), and so may bools (True, 1).
///
/// Behind the end of a `Sequence` the fields are empty; where no row is that long, the columns may be missing, but all
/// of a gene only if a column says that no row has an item. The length is that of the items that are not empty, and in
/// a column named after the sequence (`blocks.size`), if there is one, the same. That column must be there if an item
/// may have no gene at all: a sequence of sequences that may be empty.
///
/// Of the other columns, those whose names look like a member's (`blocks[12].kernel` of a shorter sequence) must be
/// empty, unless they are named as measurements; the rest is not looked at.
class MemberColumns {
 public:
  /// @param table         must outlive this. @param instructions  of the genome's layout.
  /// @param members       as many: what they read.
  /// @param measurements  columns that are read for something else.
  /// @throws FileError if a column is missing, or if one that looks like a member's is not empty.
  MemberColumns(const Table& table, std::span<const Instruction> instructions, std::vector<GenomeMember> members,
                std::span<const std::string> measurements = {})
      : table_(&table),
        instructions_(instructions),
        members_(std::move(members)),
        columns_(instructions.size()),
        has_columns_(instructions.size()) {
    for (const std::string_view name : table.names()) names_.insert(name);
    check_genes();
    bind(0, instructions_.size());
    check_strangers(measurements);
  }

  /// Writes the genome of a row. @param bytes  of a genome, all 0.
  ///
  /// @throws FileError if a field is no value of its gene, or a sequence has fewer or more items than it may. Whether
  ///   the genome keeps a constraint is not asked. Complexity: O(genes), times the number of values.
  void read(std::size_t row, std::span<std::uint8_t> bytes) const { read(0, instructions_.size(), row, bytes); }

 private:
  // The items of a sequence whose first slot is the instruction `first`.
  struct Items {
    std::size_t first, steps;  // of an item, its slot included
    std::size_t min, max;

    std::size_t slot(std::size_t item) const { return first + item * steps; }
    std::size_t begin(std::size_t item) const { return slot(item) + 1; }
    std::size_t end(std::size_t item) const { return slot(item + 1); }
  };

  Items items_of(std::size_t slot) const {
    const Instruction& instruction = instructions_[slot];
    return {slot, (instruction.after - 1 - slot) / instruction.max, instruction.min, instruction.max};
  }

  // The instruction behind a gene or a whole sequence.
  std::size_t next(std::size_t index) const {
    return instructions_[index].kind == Instruction::Kind::gene ? index + 1 : instructions_[index].after;
  }

  bool is_gene(std::size_t index) const { return instructions_[index].kind == Instruction::Kind::gene; }

  // Whether `holds(instruction)` for any of the genes and lengths of the instructions [begin, end).
  template <class Predicate>
  bool any(std::size_t begin, std::size_t end, Predicate holds) const {
    for (std::size_t index = begin; index < end; ++index) {
      if (instructions_[index].kind != Instruction::Kind::end && holds(index)) return true;
    }
    return false;
  }

  // Whether there are genomes without a gene among the instructions [begin, end).
  bool may_be_empty(std::size_t begin, std::size_t end) const {
    for (std::size_t index = begin; index < end; index = next(index)) {
      if (is_gene(index)) return false;
      const Items items = items_of(index);
      if (items.min > 0 && !may_be_empty(items.begin(0), items.end(0))) return false;
    }
    return true;
  }

  // Each gene has a column, or a sequence that it is in has one of its length and none of its items: else its columns
  // are named otherwise, and all rows would be without it.
  void check_genes() const {
    std::set<std::string> known;
    for (const std::string_view name : names_) known.insert(without_indices(name));
    const auto says_that_there_are_none = [&](const std::string& sequence) {
      const std::string item = sequence + "[]";
      const auto first = known.lower_bound(item);
      const bool has_items = first != known.end() && first->starts_with(item);
      return !has_items && known.contains(detail::member_path(sequence, "size"));
    };
    for (std::size_t index = 0; index < instructions_.size(); ++index) {
      if (!is_gene(index)) continue;
      const std::string path = without_indices(members_[index].path);
      bool found = known.contains(path);
      for (std::size_t end = path.find("[]"); !found && end != path.npos; end = path.find("[]", end + 1)) {
        found = says_that_there_are_none(path.substr(0, end));
      }
      if (!found) table_->texts(members_[index].path);  // throws
    }
  }

  static std::string without_indices(std::string_view path) {
    std::string text;
    bool inside = false;
    for (const char letter : path) {
      inside = inside && letter != ']';
      if (!inside) text += letter;
      inside = inside || letter == '[';
    }
    return text;
  }

  void bind(std::size_t begin, std::size_t end) {
    for (std::size_t index = begin; index < end; index = next(index)) {
      if (is_gene(index)) {
        columns_[index] = table_->texts(members_[index].path);
      } else {
        bind_items(items_of(index));
      }
    }
  }

  void bind_items(const Items& items) {
    const std::string& size = members_[items.first].path;
    const bool needs_size = items.min < items.max && may_be_empty(items.begin(0), items.end(0));
    if (names_.contains(size) || needs_size) columns_[items.first] = table_->texts(size);
    const auto is_named = [&](std::size_t index) { return names_.contains(members_[index].path); };
    // Of the items up to the last one that has any column all are needed.
    std::size_t count = items.max;
    while (count > items.min && !any(items.begin(count - 1), items.end(count - 1), is_named)) --count;
    for (std::size_t item = 0; item < count; ++item) {
      has_columns_[items.slot(item)] = true;
      bind(items.begin(item), items.end(item));
    }
  }

  void check_strangers(std::span<const std::string> measurements) const {
    std::unordered_set<std::string_view> known(measurements.begin(), measurements.end()), roots;
    for (const GenomeMember& member : members_) {
      known.insert(member.path);
      roots.insert(std::string_view(member.path).substr(0, member.path.find_first_of(".[")));
    }
    for (const std::string_view name : table_->names()) {
      const std::size_t end = name.find_first_of(".[");
      if (end == name.npos || known.contains(name) || !roots.contains(name.substr(0, end))) continue;
      const TextColumn column = table_->texts(name);
      for (std::size_t row = 0; row < column.size(); ++row) {
        if (!column[row].empty()) refuse(row, name, column[row], "nothing: a genome has no such member");
      }
    }
  }

  std::string_view field(std::size_t index, std::size_t row) const {
    return columns_[index] ? (*columns_[index])[row] : std::string_view();
  }

  void read(std::size_t begin, std::size_t end, std::size_t row, std::span<std::uint8_t> bytes) const {
    for (std::size_t index = begin; index < end; index = next(index)) {
      std::uint8_t& byte = bytes[instructions_[index].offset];
      if (is_gene(index)) {
        byte = value(index, row);
      } else {
        const Items items = items_of(index);
        const std::size_t size = read_size(items, row);
        byte = static_cast<std::uint8_t>(size);
        for (std::size_t item = 0; item < size; ++item) read(items.begin(item), items.end(item), row, bytes);
      }
    }
  }

  std::uint8_t value(std::size_t gene, std::size_t row) const {
    const auto index = detail::value_index(field(gene, row), members_[gene].values);
    if (!index) {
      refuse(row, members_[gene].path, field(gene, row), joined({"one of ", detail::list_of(members_[gene].values)}));
    }
    return *index;
  }

  // That a column tells, or the least one, whose items must be there, and as many more as are not empty.
  std::size_t read_size(const Items& items, std::size_t row) const {
    const auto is_filled = [&](std::size_t index) { return !field(index, row).empty(); };
    const auto has_item = [&](std::size_t item) {
      return has_columns_[items.slot(item)] && any(items.begin(item), items.end(item), is_filled);
    };
    std::size_t size = items.min;
    if (columns_[items.first]) {
      const std::string& path = members_[items.first].path;
      const std::string_view text = field(items.first, row);
      const auto number = detail::number_of(text);
      if (!number || *number != std::floor(*number) || *number < static_cast<double>(items.min) ||
          *number > static_cast<double>(items.max)) {
        refuse(row, path, text, joined({items.min, " to ", items.max}));
      }
      size = static_cast<std::size_t>(*number);
      if (size > 0 && !has_columns_[items.slot(size - 1)]) {
        refuse(row, path, text, "fewer: the table has no columns of so many items");
      }
    } else {
      while (size < items.max && has_item(size)) ++size;
    }
    for (std::size_t item = size; item < items.max; ++item) {
      if (has_item(item)) refuse_item(items, item, size, row);
    }
    return size;
  }

  // An item behind the end, whose fields are not all empty. Without genes, it may have lengths of 0.
  void refuse_item(const Items& items, std::size_t item, std::size_t size, std::size_t row) const {
    for (std::size_t index = items.begin(item); index < items.end(item); ++index) {
      if (instructions_[index].kind == Instruction::Kind::end || field(index, row).empty()) continue;
      if (!is_gene(index) && columns_[items.first] && detail::number_of(field(index, row)) == 0.0) continue;
      refuse(row, members_[index].path, field(index, row),
             joined({"nothing: ", members_[items.first].path, " is ", size}));
    }
  }

  [[noreturn]] void refuse(std::size_t row, std::string_view path, std::string_view field,
                           const std::string& expected) const {
    table_->refuse(row, joined({path, " is \"", field, "\"; expected ", expected}));
  }

  const Table* table_;
  std::span<const Instruction> instructions_;
  std::vector<GenomeMember> members_;
  std::vector<std::optional<TextColumn>> columns_;  // of each gene, and of a sequence's length at its first slot
  std::vector<bool> has_columns_;                   // of each slot: whether there are columns of its item
  std::unordered_set<std::string_view> names_;      // of the table's columns
};

}  // namespace gptnas
