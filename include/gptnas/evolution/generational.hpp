// A new generation, and the best of the old one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <gptnas/concepts/replacement.hpp>
#include <gptnas/evolution/best_members.hpp>

namespace gptnas {

/// The next population is the elites of the present one and the best offspring. Where there are too few offspring (some
/// failed), the best of the present ones stay in their place, so that a population never shrinks.
struct Generational {
  std::size_t elites = 1;  ///< best members that stay; one place at least is left to offspring; 0 is none

  /// Complexity: O((population + offspring) log).
  template <class Space>
  void replace(std::vector<Member<Space>>& population, std::vector<Member<Space>>& offspring, std::size_t size) const {
    keep_best(offspring, size - std::min({elites, size - 1, population.size()}));
    keep_best(population, size - offspring.size());
    for (const Member<Space>& member : offspring) population.push_back(member);
  }
};

}  // namespace gptnas
