// Selection in proportion to fitness.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Roulette wheel (Holland, 1975) over the fitness above the population's worst: the worst is never chosen, unless all
/// are equal; then the choice is uniform.
struct RouletteSelection {
  /// @param fitness  (N) one finite value an individual, larger is better, N >= 1.
  /// @throws std::invalid_argument if the population is empty.
  /// Complexity: O(N), no allocation.
  std::size_t select(std::span<const double> fitness, RandomStream& random) const {
    if (fitness.empty()) throw invalid_value("RouletteSelection: population", fitness.size(), "at least 1");
    const double worst = *std::min_element(fitness.begin(), fitness.end());
    double total = 0;
    for (const double value : fitness) total += value - worst;
    if (!(total > 0)) return random.below(static_cast<std::uint32_t>(fitness.size()));
    double rest = random.uniform() * total;
    std::size_t last = 0;
    for (std::size_t index = 0; index < fitness.size(); ++index) {
      if (!(fitness[index] > worst)) continue;
      last = index;
      rest -= fitness[index] - worst;
      if (rest < 0) break;
    }
    return last;
  }
};

}  // namespace gptnas
