// Tournaments without replacement.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// The best of `Size` different individuals, as in regularized evolution (Real et al., 2019); of the whole population
/// where it is smaller.
///
/// @tparam Size  competitors a tournament, at least 1; 1 selects uniformly.
template <std::size_t Size>
struct DistinctTournament {
  static_assert(Size >= 1, "gptnas::DistinctTournament needs at least one competitor; see docs/concepts.md#selection");

  /// @param fitness  (N) one value an individual, larger is better, N >= 1.
  /// @return the winner's index; of equal values, each is the winner with equal probability.
  /// @throws std::invalid_argument if the population is empty.
  /// Complexity: O(Size^2), no allocation.
  std::size_t select(std::span<const double> fitness, RandomStream& random) const {
    if (fitness.empty()) throw invalid_value("DistinctTournament: population", fitness.size(), "at least 1");
    // Floyd's algorithm (Bentley, "Programming Pearls", 1987): a uniform subset with one draw a member.
    std::array<std::size_t, Size> drawn;
    const std::size_t count = std::min(Size, fitness.size());
    std::size_t ties = 0;
    std::size_t winner = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t last = fitness.size() - count + i;
      std::size_t competitor = random.below(static_cast<std::uint32_t>(last + 1));
      if (std::find(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(i), competitor) !=
          drawn.begin() + static_cast<std::ptrdiff_t>(i)) {
        competitor = last;
      }
      drawn[i] = competitor;
      if (i == 0 || fitness[competitor] > fitness[winner]) {
        winner = competitor;
        ties = 1;
      } else if (fitness[competitor] == fitness[winner] && random.below(static_cast<std::uint32_t>(++ties)) == 0) {
        winner = competitor;
      }
    }
    return winner;
  }
};

}  // namespace gptnas
