// A segment of one parent within the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/decision_points.hpp>
#include <gptnas/evolution/validity.hpp>

namespace gptnas {

/// Two-point crossover (De Jong, 1975): the first parent, but for a segment between two different, uniformly drawn
/// places before, between or behind the decision points, which is the second's.
struct TwoPointCrossover {
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  Genome cross(const Genome& first, const Genome& second, RandomStream& random) const {
    const DecisionPoints<Genome> points(first, second);
    if (points.size() < 2) return first;
    const auto places = static_cast<std::uint32_t>(points.size() + 1);
    return first_valid(first, [&] {
      std::size_t begin = random.below(places);
      std::size_t end = random.below(places - 1);
      if (end >= begin) ++end;
      if (end < begin) std::swap(begin, end);
      std::size_t point = 0;
      return points.child([&](std::size_t, const Instruction&) {
        const bool inside = point >= begin && point < end;
        ++point;
        return inside;
      });
    });
  }
};

}  // namespace gptnas
