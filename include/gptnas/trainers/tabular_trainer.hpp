// A trainer that looks measurements up.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/joined.hpp>
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

/// A space whose genomes have numbers of their own, but with gaps: `key(genome)`, below 2^53, the same for genomes that
/// share a row.
template <class Space>
concept KeyedSpace = requires(const typename Space::Genome& genome) {
  { Space::key(genome) } -> std::same_as<std::uint64_t>;
};

/// Answers from a table of measurements: one query costs 1.
///
/// @tparam Space  a `NumberedSpace`, of which the table has every genome, or a `KeyedSpace`.
template <class Space>
class TabularTrainer {
  static_assert(
      NumberedSpace<Space> || KeyedSpace<Space>,
      "gptnas::TabularTrainer: the space must have index(genome), index_of(key) and size, or key(genome); see "
      "docs/concepts.md#trainer");

 public:
  static constexpr std::array objectives{Objective{"validation_accuracy", Direction::maximize}};
  static constexpr std::array<std::string_view, 1> metrics{"test_accuracy"};

  /// What the table says of a genome.
  struct Row {
    double validation, test;
  };

  /// @param key         the column that names the genome of a row: texts for `index_of`, or the keys, ascending.
  /// @param validation  the column that the search reads, @param test  the column that is reported.
  /// @throws FileError if a column is missing or holds anything but finite numbers, if a key is no genome's, if keys do not
  ///   ascend, or if a genome of a `NumberedSpace` has no row or two.
  TabularTrainer(const Table& table, std::string_view key, std::string_view validation, std::string_view test) {
    if constexpr (NumberedSpace<Space>) {
      read_numbered(table, key, table.numbers(validation), table.numbers(test));
    } else {
      read_keyed(table, key, table.numbers(validation), table.numbers(test));
    }
  }

  /// A genome that has no row gives `FailureKind::invalid_network`.
  /// Complexity: O(1), or O(log rows) and the genome's key; no allocation.
  Outcome evaluate(const Individual<Space>& individual, double, RandomStream&, std::stop_token) const {
    const Row* row = nullptr;
    if constexpr (NumberedSpace<Space>) {
      row = &rows_[Space::index(individual.genome)];
    } else {
      row = find(Space::key(individual.genome));
    }
    if (row == nullptr) return Failed{FailureKind::invalid_network, "the table has no row for the genome"};
    return Measured{{row->validation}, {row->test}, 1};
  }

  /// The row of a key; null if there is none. Complexity: O(1).
  const Row* find(std::uint64_t key) const requires KeyedSpace<Space> {
    const std::size_t bucket = bucket_of(key);
    for (std::size_t at = buckets_[bucket]; at < buckets_[bucket + 1]; ++at) {
      if (keyed_[at].key == key) return &keyed_[at].row;
    }
    return nullptr;
  }

  /// The largest value of the column that the search reads.
  double best_validation() const {
    double best = -std::numeric_limits<double>::infinity();
    for (const Row& row : rows_) best = std::max(best, row.validation);
    for (const Keyed& each : keyed_) best = std::max(best, each.row.validation);
    return best;
  }

 private:
  static constexpr double missing = std::numeric_limits<double>::infinity();

  struct Keyed {
    std::uint64_t key;
    Row row;
  };

  void read_numbered(const Table& table, std::string_view key, std::span<const double> validations,
                     std::span<const double> tests) {
    rows_.assign(Space::size, Row{missing, missing});
    const auto keys = table.texts(key);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      Row& place = rows_[checked_index(table, row, keys[row])];
      if (place.validation != missing) table.refuse(row, joined({"a second row for \"", keys[row], "\""}));
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
    // About as many buckets as rows; a row's place is found by counting.
    bucket_shift_ = 64 - std::max(1, static_cast<int>(std::bit_width(table.rows())));
    buckets_.assign((std::size_t{1} << (64 - bucket_shift_)) + 1, 0);
    double last = -1;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (!(keys[row] > last && keys[row] < 0x1p53 && keys[row] == std::floor(keys[row]))) {
        table.refuse(row, joined({key, " is ", std::to_string(keys[row]), " after ", std::to_string(last),
                                  "; expected a larger natural number below 2^53"}));
      }
      last = keys[row];
      ++buckets_[bucket_of(static_cast<std::uint64_t>(last))];
    }
    std::partial_sum(buckets_.begin(), buckets_.end(), buckets_.begin());
    keyed_.resize(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const auto each = static_cast<std::uint64_t>(keys[row]);
      keyed_[--buckets_[bucket_of(each)]] = {each, {validations[row], tests[row]}};
    }
  }

  std::size_t bucket_of(std::uint64_t key) const {
    return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15 >> bucket_shift_);  // Fibonacci hashing (Knuth)
  }

  static std::size_t checked_index(const Table& table, std::size_t row, std::string_view key) {
    try {
      return Space::index_of(key);
    } catch (const std::invalid_argument& error) {
      table.refuse(row, error.what());
    }
  }

  std::vector<Row> rows_;               // of a `NumberedSpace`, by the genome's number
  std::vector<Keyed> keyed_;            // of a `KeyedSpace`, by bucket
  std::vector<std::uint32_t> buckets_;  // where in them each bucket begins, and the end
  int bucket_shift_ = 63;
};

}  // namespace gptnas
