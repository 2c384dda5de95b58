// The best of parents and offspring.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include <gptnas/concepts/replacement.hpp>
#include <gptnas/evolution/best_members.hpp>

namespace gptnas {

/// (mu + lambda): the best of the present population and its offspring together.
struct MuPlusLambda {
  /// Complexity: O((population + offspring) log).
  template <class Space>
  void replace(std::vector<Member<Space>>& population, std::vector<Member<Space>>& offspring, std::size_t size) const {
    std::move(offspring.begin(), offspring.end(), std::back_inserter(population));
    keep_best(population, size);
  }
};

}  // namespace gptnas
