// Likeness of genomes by what they cost.
#pragma once

#include <cmath>

namespace gptnas {

/// exp(-d^2 / 2) for d = log((1 + cost) / (1 + other cost)) / scale: parameters, multiply-accumulates, or whatever else
/// is known of a genome without training it, in a unit of which small genomes have about one.
///
/// @tparam Cost  `double operator()(const Genome&) const`, finite and at least 0.
template <class Genome, class Cost>
struct CostKernel {
  using Features = double;

  Cost cost = {};
  double scale = 2;  ///< in natural logarithms of the cost, more than 0

  Features features(const Genome& genome) const { return std::log1p(static_cast<double>(cost(genome))); }

  /// Complexity: O(1).
  double operator()(Features first, Features second) const {
    const double distance = (first - second) / scale;
    return std::exp(-0.5 * distance * distance);
  }
};

}  // namespace gptnas
