// A trainer that looks measurements up.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/objective.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/data/table.hpp>

namespace gptnas {

/// A space whose genomes are numbered: `index(genome)` below `size`, and `index_of(key)` of the text that names a genome in
/// a table, which throws `std::invalid_argument` for any other text.
template <class Space>
concept NumberedSpace = requires(const typename Space::Genome& genome, std::string_view key) {
  { Space::index(genome) } -> std::same_as<std::size_t>;
  { Space::index_of(key) } -> std::same_as<std::size_t>;
  { Space::size } -> std::convertible_to<std::size_t>;
};

/// Answers from a table of measurements: one query costs 1.
///
/// @tparam Space  a `NumberedSpace`.
template <class Space>
class TabularTrainer {
  static_assert(NumberedSpace<Space>,
                "gptnas::TabularTrainer: the space must have index(genome), index_of(key) and size; see "
                "docs/concepts.md#trainer");

 public:
  static constexpr std::array objectives{Objective{"validation_accuracy", Direction::maximize}};
  static constexpr std::array<std::string_view, 1> metrics{"test_accuracy"};

  /// @param key         the column that names the genome of a row.
  /// @param validation  the column that the search reads, @param test  the column that is reported.
  /// @throws FileError if a column is missing or holds anything but finite numbers, if a key is no genome's, or if a
  ///   genome has no row or two.
  TabularTrainer(const Table& table, std::string_view key, std::string_view validation, std::string_view test)
      : rows_(Space::size, Row{missing, missing}) {
    const auto keys = table.texts(key);
    const auto validations = table.numbers(validation);
    const auto tests = table.numbers(test);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      Row& place = rows_[checked_index(table, row, keys[row])];
      if (place.validation != missing) table.refuse(row, "a second row for \"" + std::string(keys[row]) + "\"");
      place = {validations[row], tests[row]};
    }
    if (table.rows() != Space::size) {
      throw FileError(table.path(), std::to_string(table.rows()) + " rows; expected " + std::to_string(Space::size) +
                                        ", one a genome of the space");
    }
  }

  /// Complexity: O(1), no allocation.
  Outcome evaluate(const Individual<Space>& individual, double, RandomStream&, std::stop_token) const {
    const Row& row = rows_[Space::index(individual.genome)];
    return Measured{{row.validation}, {row.test}, 1};
  }

  /// The largest value of the column that the search reads.
  double best_validation() const {
    double best = rows_[0].validation;
    for (const Row& row : rows_) best = best < row.validation ? row.validation : best;
    return best;
  }

 private:
  static constexpr double missing = std::numeric_limits<double>::infinity();

  struct Row {
    double validation, test;
  };

  static std::size_t checked_index(const Table& table, std::size_t row, std::string_view key) {
    try {
      return Space::index_of(key);
    } catch (const std::invalid_argument& error) {
      table.refuse(row, error.what());
    }
  }

  std::vector<Row> rows_;  // by the genome's number
};

}  // namespace gptnas
