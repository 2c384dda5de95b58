// A trainer that looks measurements up in a table of the user's.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/inline_executor.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/objective.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/stop_token.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/trainers/genome_table.hpp>

namespace gptnas {

/// The columns of a table that a `GenomeTableTrainer` reads.
struct GenomeTableColumns {
  std::string select;       ///< what the search optimises
  std::string report = "";  ///< what is measured beside it; "" is the same as `select`
  std::string digits = "";  ///< holds the digits of all genes; "": there is a column for each gene
  bool complete = true;     ///< every genome of the space has a row; if not, one without a row is a failed evaluation
};

/// Answers from a table of measurements for any genome, by the names of its members: one query costs 1.
///
/// @tparam direction  which values of the column that is selected on are the better ones.
template <class Space, Direction direction = Direction::maximize>
class GenomeTableTrainer {
 public:
  using Genome = typename Space::Genome;
  /// To look a genome up takes less time than to give it to another thread.
  using DefaultExecutor = InlineExecutor;

  static constexpr std::array objectives{Objective{"selected", direction}};
  static constexpr std::array<std::string_view, 1> metrics{"reported"};

  /// @throws FileError if a column is missing, if `select` or `report` holds anything but finite numbers, if a row is
  ///   no genome or the second one of its genome, or if a genome of the space has no row and the table is to be
  /// complete. Complexity: O(rows x genes).
  GenomeTableTrainer(const Table& table, const GenomeTableColumns& columns)
      : genomes_(genomes_of(table, columns)) {
    const auto selected = table.numbers(columns.select);
    const auto reported = columns.report.empty() ? selected : table.numbers(columns.report);
    selected_.assign(selected.begin(), selected.end());
    reported_.assign(reported.begin(), reported.end());
    if (columns.complete) check_complete(table);
  }

  /// A genome that has no row gives `FailureKind::invalid_network`. Complexity: O(genes), no allocation.
  template <StopToken Stop = NeverStop>
  Outcome evaluate(const Individual<Space>& individual, double, RandomStream&, const Stop&) const {
    const auto row = genomes_.row(individual.genome);
    if (!row) return Failed{FailureKind::invalid_network, "the table has no row for the genome"};
    return Measured{{selected_[*row]}, {reported_[*row]}, 1};
  }

  /// The genomes of the rows.
  const GenomeTable<Space>& genomes() const { return genomes_; }

  /// The row of the best value selected on, of equal ones the first; nothing if there are no rows. Complexity: O(rows).
  std::optional<std::size_t> best_row() const {
    if (selected_.empty()) return std::nullopt;
    const auto best = std::max_element(selected_.begin(), selected_.end(), [](double first, double second) {
      return objectives[0].fitness(first) < objectives[0].fitness(second);
    });
    return static_cast<std::size_t>(best - selected_.begin());
  }

  /// What the search reads and what is reported of a row.
  double selected(std::size_t row) const { return selected_[row]; }
  double reported(std::size_t row) const { return reported_[row]; }

 private:
  static GenomeTable<Space> genomes_of(const Table& table, const GenomeTableColumns& columns) {
    if (!columns.digits.empty()) return GenomeTable<Space>(table, columns.digits);
    return GenomeTable<Space>(table, std::vector{columns.select, columns.report});
  }

  void check_complete(const Table& table) const {
    const auto missing = genomes_.missing();
    if (!missing) return;
    std::string all;
    if constexpr (!is_constrained<Genome>) all = joined({to_string(cardinality<Genome>()), ", "});
    throw FileError(table.path(), joined({table.rows(), " rows; expected ", all, "one a genome of the space; ",
                                          print(*missing), " has none, unless the table is said to be incomplete"}));
  }

  GenomeTable<Space> genomes_;
  std::vector<double> selected_, reported_;  // by row
};

}  // namespace gptnas
