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
    std::array<std::size_t, Size> drawn{};
    const std::size_t count = draw(drawn, fitness.size(), random);
    double best = fitness[drawn[0]];
    for (std::size_t i = 1; i < count; ++i) best = fitness[drawn[i]] > best ? fitness[drawn[i]] : best;
    std::size_t ties = 0;
    for (std::size_t i = 0; i < count; ++i) {
      drawn[ties] = drawn[i];
      ties += fitness[drawn[i]] == best;
    }
    return ties == 1 ? drawn[0] : drawn[random.below(static_cast<std::uint32_t>(ties))];
  }

 private:
  // Puts a uniform subset of the population into `drawn` and tells its size.
  static std::size_t draw(std::array<std::size_t, Size>& drawn, std::size_t population, RandomStream& random) {
    if (population <= Size) {
      for (std::size_t i = 0; i < population; ++i) drawn[i] = i;
      return population;
    }
    // Floyd's algorithm (Bentley, "Programming Pearls", 1987): one number a member; where it is drawn already, the last
    // one that could have been.
    const std::size_t rest = population - Size;
    const auto bound_of = [rest](std::size_t index) { return static_cast<std::uint32_t>(rest + index + 1); };
    if (population > 64) {
      random.each_below<Size>(bound_of, [&](std::size_t index, std::size_t number) {
        const auto end = drawn.begin() + static_cast<std::ptrdiff_t>(index);
        drawn[index] = std::find(drawn.begin(), end, number) != end ? rest + index : number;
      });
    } else {
      std::uint64_t seen = 0;  // those drawn, as bits
      random.each_below<Size>(bound_of, [&](std::size_t index, std::size_t number) {
        const std::uint64_t repeated = 0 - (seen >> number & 1u);  // no branch: it would be guessed wrong
        drawn[index] = number ^ ((number ^ (rest + index)) & repeated);
        seen |= std::uint64_t{1} << drawn[index];
      });
    }
    return Size;
  }
};

}  // namespace gptnas
