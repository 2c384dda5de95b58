// The head of one parent and the tail of the other.
#pragma once

#include <cstddef>
#include <cstdint>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/decision_points.hpp>
#include <gptnas/evolution/validity.hpp>

namespace gptnas {

/// One-point crossover (Holland, 1975): the first parent up to a uniformly drawn decision point, then the second. The
/// cut is never before the first point, so that both parents contribute; with fewer than two points the child is the
/// first.
struct OnePointCrossover {
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  Genome cross(const Genome& first, const Genome& second, RandomStream& random) const {
    const DecisionPoints<Genome> points(first, second);
    if (points.size() < 2) return first;
    return first_valid(first, [&] {
      const std::size_t cut = 1 + random.below(static_cast<std::uint32_t>(points.size() - 1));
      std::size_t point = 0;
      return points.child([&](std::size_t, const Instruction&) { return point++ >= cut; });
    });
  }
};

}  // namespace gptnas
