// Selection by rank.
#pragma once

#include <cstddef>
#include <span>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Linear ranking (Baker, 1985): the individual of rank r (0 the worst) of N is chosen with probability
/// (2 - pressure + 2 (pressure - 1) r / (N - 1)) / N. Equal values share their ranks evenly.
struct RankSelection {
  double pressure = 1.7;  ///< how often the best is chosen, as a multiple of the average; in [1, 2], 1 is uniform

  /// @param fitness  (N) one finite value an individual, larger is better, N >= 1.
  /// @throws std::invalid_argument if the population is empty or the pressure outside [1, 2].
  /// Complexity: O(N) on average a draw, no allocation.
  std::size_t select(std::span<const double> fitness, RandomStream& random) const {
    if (fitness.empty()) throw invalid_value("RankSelection: population", fitness.size(), "at least 1");
    if (!(pressure >= 1 && pressure <= 2)) throw invalid_value("RankSelection::pressure", pressure, "in [1, 2]");
    if (fitness.size() == 1) return 0;
    // By rejection, so that nothing need be sorted: an individual is accepted in proportion to its probability.
    while (true) {
      const std::size_t index = random.below(static_cast<std::uint32_t>(fitness.size()));
      if (random.uniform() * pressure < weight(fitness, index)) return index;
    }
  }

 private:
  double weight(std::span<const double> fitness, std::size_t index) const {
    double rank = -0.5;  // an individual is equal to itself
    for (const double other : fitness) rank += other < fitness[index] ? 1.0 : other == fitness[index] ? 0.5 : 0.0;
    return 2 - pressure + 2 * (pressure - 1) * rank / static_cast<double>(fitness.size() - 1);
  }
};

}  // namespace gptnas
