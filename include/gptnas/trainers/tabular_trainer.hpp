// A trainer that looks measurements up.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/inline_executor.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/objective.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/stop_token.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/trainers/key_map.hpp>

namespace gptnas {

/// A space whose genomes are numbered: `index(genome)` below `size`, and `index_of(key)` of the text that names a genome
/// in a table, which throws `std::invalid_argument` for any other text.
template <class Space>
concept NumberedSpace = requires(const typename Space::Genome& genome, std::string_view key) {
  { Space::index(genome) } -> std::same_as<std::size_t>;
  { Space::index_of(key) } -> std::same_as<std::size_t>;
  { Space::size } -> std::convertible_to<std::size_t>;
};

/// A space whose genomes have numbers of their own, but with gaps: `key(genome)`, below 2^53, the same for genomes that
/// share a row. There may be a `size`, the number of different keys, which is then that of a table's rows; without it a
/// table may lack genomes.
///
/// Where that takes a search for the canonical form, there may be a `canonical_key(genome)`, which takes the genome for
/// canonical: of one that is it gives the `key`, of another a number that is no genome's key. It is looked up first.
template <class Space>
concept KeyedSpace = requires(const typename Space::Genome& genome) {
  { Space::key(genome) } -> std::same_as<std::uint64_t>;
};

namespace detail {

template <class Space>
concept HasCanonicalKey = requires(const typename Space::Genome& genome) {
  { Space::canonical_key(genome) } -> std::same_as<std::uint64_t>;
};

}  // namespace detail

/// Answers from a table of measurements: one query costs 1.
///
/// @tparam Space  a `NumberedSpace`, of which the table has every genome, or a `KeyedSpace`.
template <class Space>
class TabularTrainer {
  static_assert(
      NumberedSpace<Space> || KeyedSpace<Space>,
      "gptnas::TabularTrainer: the space must have index(genome), index_of(key) and size, or key(genome); see "
      "docs/concepts.md#trainer");
  static_assert(detail::HasCanonicalKey<Space> || !requires { &Space::canonical_key; },
                "gptnas::TabularTrainer: a space's canonical_key must be static std::uint64_t canonical_key(const "
                "Genome&); see docs/concepts.md#trainer");

 public:
  /// To look a genome up takes less time than to give it to another thread.
  using DefaultExecutor = InlineExecutor;

  static constexpr std::array objectives{Objective{"validation_accuracy", Direction::maximize}};
  static constexpr std::array<std::string_view, 1> metrics{"test_accuracy"};

  /// What the table says of a genome.
  struct Row {
    double validation = 0, test = 0;
  };

  /// @param key         the column that names the genome of a row: texts for `index_of`, or the keys, ascending.
  /// @param validation  the column that the search reads, @param test  the column that is reported.
  /// @throws FileError if a column is missing or holds anything but finite numbers; of a `NumberedSpace`, if a key is no
  ///   genome's, or if a genome has no row or two; of a `KeyedSpace`, if the keys are no ascending naturals below 2^53, or
  ///   if there are not as many as the space's `size`, if it has one.
  TabularTrainer(const Table& table, std::string_view key, std::string_view validation, std::string_view test) {
    const std::span<const double> validations = table.numbers(validation), tests = table.numbers(test);
    for (const double each : validations) best_validation_ = std::max(best_validation_, each);
    if constexpr (NumberedSpace<Space>) {
      read_numbered(table, key, validations, tests);
    } else {
      read_keyed(table, key, validations, tests);
    }
  }

  /// A genome that has no row gives `FailureKind::invalid_network`.
  /// Complexity: O(1) and the genome's key; no allocation.
  template <StopToken Stop = NeverStop>
  Outcome evaluate(const Individual<Space>& individual, double, RandomStream&, const Stop&) const {
    const Row* row = nullptr;
    if constexpr (NumberedSpace<Space>) {
      row = &rows_[Space::index(individual.genome)];
    } else {
      if constexpr (detail::HasCanonicalKey<Space>) {
        row = find(Space::canonical_key(individual.genome));
      }
      if (row == nullptr) row = find(Space::key(individual.genome));
    }
    if (row == nullptr) return Failed{FailureKind::invalid_network, "the table has no row for the genome"};
    return Measured{{row->validation}, {row->test}, 1};
  }

  /// The row of a key; null if there is none. Complexity: O(1).
  const Row* find(std::uint64_t key) const requires KeyedSpace<Space> {
    return rows_.find(key);
  }

  /// The largest value of the column that the search reads.
  double best_validation() const { return best_validation_; }

 private:
  static constexpr double missing = std::numeric_limits<double>::infinity();

  void read_numbered(const Table& table, std::string_view key, std::span<const double> validations,
                     std::span<const double> tests) {
    rows_ = std::vector<Row>(Space::size, Row{missing, missing});
    const auto keys = table.texts(key);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      Row& place = rows_[checked_index(table, row, keys[row])];
      if (place.validation != missing) table.refuse(row, joined({"a second row for \"", keys[row], "\"; expected one a genome"}));
      place = {validations[row], tests[row]};
    }
    if (table.rows() != Space::size) {
      std::size_t absent = 0;
      while (rows_[absent].validation != missing) ++absent;
      throw FileError(table.path(), joined({table.rows(), " rows; expected ", Space::size,
                                            ", one a genome of the space; genome ", absent, " has none"}));
    }
  }

  void read_keyed(const Table& table, std::string_view key, std::span<const double> validations,
                  std::span<const double> tests) {
    const auto keys = table.numbers(key);
    std::vector<std::uint64_t> naturals;
    std::vector<Row> rows;
    double last = -1;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const bool is_key = keys[row] > last && keys[row] < 0x1p53;
      if (!is_key || keys[row] != static_cast<double>(static_cast<std::uint64_t>(keys[row]))) {
        table.refuse(row, joined({key, " is ", keys[row], " after ", last,
                                  "; expected a larger natural number below 2^53"}));
      }
      last = keys[row];
      naturals.push_back(static_cast<std::uint64_t>(last));
      rows.push_back({validations[row], tests[row]});
    }
    if constexpr (requires { Space::size; }) {
      if (rows.size() != Space::size) {
        throw FileError(table.path(),
                        joined({rows.size(), " rows; expected ", Space::size, ", one a key of the space"}));
      }
    }
    rows_ = KeyMap<Row>(naturals, rows);
  }

  static std::size_t checked_index(const Table& table, std::size_t row, std::string_view key) {
    try {
      return Space::index_of(key);
    } catch (const std::invalid_argument& error) {
      table.refuse(row, error.what());
    }
  }

  std::conditional_t<NumberedSpace<Space>, std::vector<Row>, KeyMap<Row>> rows_;  // by the genome's number, or its key
  double best_validation_ = -std::numeric_limits<double>::infinity();
};

}  // namespace gptnas
