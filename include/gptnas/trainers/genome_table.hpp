// Which row of a table is a genome's.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <gptnas/core/joined.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/enumerate.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/genome_members.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/trainers/digit_column.hpp>
#include <gptnas/trainers/member_columns.hpp>

namespace gptnas {

/// The genomes of a table's rows. The table may have been read by any program: nothing in it is known of the space but
/// the names of the members.
///
/// Where a space calls several genomes the same (a `Cell`, or a `canonical` of its own), the table may have a row for
/// each, or one for all.
template <class Space>
class GenomeTable {
 public:
  using Genome = typename Space::Genome;

  /// Reads a column for each gene, see `MemberColumns`.
  ///
  /// @param measurements  columns that are read for something else: they may look like a member's.
  /// @throws FileError if a column is missing, or if a row is no genome or the second one of its genome, with its
  /// place. Complexity: O(rows x genes).
  explicit GenomeTable(const Table& table, const std::vector<std::string>& measurements = {}) {
    read(table, MemberColumns(table, instructions(), genome_members<Genome>(), measurements));
  }

  /// Reads a column with the digits of all genes, see `DigitColumn`. @throws FileError likewise.
  GenomeTable(const Table& table, std::string_view digits) {
    read(table, DigitColumn(table, instructions(), genome_members<Genome>(), digits));
  }

  /// One a row.
  const std::vector<Genome>& genomes() const { return genomes_; }

  /// The row of a genome; if it has none, the first one of a genome that is canonically the same. Complexity: O(genes).
  std::optional<std::size_t> row(const Genome& genome) const {
    if (const auto found = rows_.find(genome); found != rows_.end()) return found->second;
    if constexpr (has_canonical) {
      const auto found = canonical_rows_.find(canonical_of<Space>(genome));
      if (found != canonical_rows_.end()) return found->second;
    }
    return std::nullopt;
  }

  /// A genome of the space that has no row; nothing if every one has. Complexity: O(rows x genes), and where
  /// `Genome::allows` refuses some, O(genomes) at worst.
  std::optional<Genome> missing() const {
    return find_genome<Genome>([&](const Genome& genome) { return !row(genome); });
  }

 private:
  static constexpr bool has_canonical = detail::has_cell<Genome>() || detail::has_canonical<Space>();

  static std::span<const Instruction> instructions() {
    return {layout<Genome>.instructions.data(), layout<Genome>.instructions.size()};
  }

  template <class Columns>
  void read(const Table& table, const Columns& columns) {
    genomes_.reserve(table.rows());
    rows_.reserve(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) {
      GenomeBytes<Genome> bytes{};
      columns.read(row, bytes);
      const Genome& genome = genomes_.emplace_back(from_bytes<Genome>(bytes));
      if (!is_valid(genome)) {
        table.refuse(row, joined({"the genome ", print(genome), " breaks the constraint of its type"}));
      }
      const auto [place, is_new] = rows_.try_emplace(genome, row);
      if (!is_new) {
        table.refuse(row,
                     joined({"a second row for ", print(genome), "; the first one is ", table.place(place->second),
                             "; expected one a genome, such as their mean"}));
      }
      if constexpr (has_canonical) canonical_rows_.try_emplace(canonical_of<Space>(genome), row);
    }
  }

  using Rows = std::unordered_map<Genome, std::size_t, Hash, Equal>;

  std::vector<Genome> genomes_;
  Rows rows_, canonical_rows_;
};

}  // namespace gptnas
