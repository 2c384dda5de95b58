// Every component from either parent.
#pragma once

#include <cstddef>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/decision_points.hpp>
#include <gptnas/evolution/validity.hpp>

namespace gptnas {

/// Uniform crossover of whole components: the parent is drawn anew at the beginning of each component, and where an
/// outermost sequence ends in one parent only; a component that both have comes whole from one of them.
struct ComponentCrossover {
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  Genome cross(const Genome& first, const Genome& second, RandomStream& random) const {
    const auto& components = layout<Genome>.components;
    const DecisionPoints<Genome> points(first, second);
    return first_valid(first, [&] {
      std::size_t component = 0;              // the first that does not end before the point
      std::size_t drawn = components.size();  // the component that the parent was drawn for
      bool from_second = false;
      return points.child([&](std::size_t index, const Instruction&) {
        while (component < components.size() && components[component].end <= index) ++component;
        const bool inside = component < components.size() && components[component].begin <= index;
        if (!inside || component != drawn) from_second = random.chance(0.5);
        if (inside) drawn = component;
        return from_second;
      });
    });
  }
};

}  // namespace gptnas
