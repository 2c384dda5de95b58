// Tournaments with replacement.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Tournament selection (Goldberg and Deb, 1991): the best of `Size` individuals drawn with replacement.
///
/// @tparam Size  competitors a tournament, at least 1; 1 selects uniformly.
template <std::size_t Size = 2>
struct Tournament {
  static_assert(Size >= 1, "gptnas::Tournament needs at least one competitor; see docs/concepts.md#selection");

  /// @param fitness  (N) one value an individual, larger is better, N >= 1.
  /// @return the winner's index; of equal values, the first drawn.
  /// @throws std::invalid_argument if the population is empty.
  /// Complexity: O(Size), no allocation.
  std::size_t select(std::span<const double> fitness, RandomStream& random) const {
    if (fitness.empty()) throw invalid_value("Tournament: population", fitness.size(), "at least 1");
    const auto size = static_cast<std::uint32_t>(fitness.size());
    std::size_t winner = 0;
    double best = 0;
    const auto enter = [&](std::size_t index, std::size_t competitor) {
      const double value = fitness[competitor];
      const bool is_better = index == 0 || value > best;
      winner = is_better ? competitor : winner;
      best = is_better ? value : best;
    };
    random.each_below<Size>([size](std::size_t) { return size; }, enter);
    return winner;
  }
};

}  // namespace gptnas
