// The oldest leave.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include <gptnas/concepts/replacement.hpp>

namespace gptnas {

/// The youngest of the present population and its offspring, whatever their fitness (Real et al., 2019).
struct Aging {
  /// Complexity: O(population + offspring).
  template <class Space>
  void replace(std::vector<Member<Space>>& population, std::vector<Member<Space>>& offspring, std::size_t size) const {
    std::move(offspring.begin(), offspring.end(), std::back_inserter(population));
    if (population.size() <= size) return;
    population.erase(population.begin(), population.end() - static_cast<std::ptrdiff_t>(size));
  }
};

}  // namespace gptnas
