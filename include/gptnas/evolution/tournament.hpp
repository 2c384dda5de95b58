// Tournaments with replacement.
#pragma once

#include <array>
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
    std::array<std::uint32_t, Size> sizes;
    sizes.fill(static_cast<std::uint32_t>(fitness.size()));
    const auto drawn = random.below(sizes);
    std::size_t winner = drawn[0];
    double best = fitness[winner];
    for (std::size_t i = 1; i < Size; ++i) {
      const double value = fitness[drawn[i]];
      winner = value > best ? drawn[i] : winner;
      best = value > best ? value : best;
    }
    return winner;
  }
};

}  // namespace gptnas
