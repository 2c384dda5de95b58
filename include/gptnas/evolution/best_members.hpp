// The best part of a population.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <gptnas/concepts/replacement.hpp>

namespace gptnas {

/// Removes all but the `count` members of highest fitness; of equal ones the younger stay. The rest keeps its order.
/// Complexity: O(N log N).
template <class Space>
void keep_best(std::vector<Member<Space>>& members, std::size_t count) {
  if (members.size() <= count) return;
  const auto by_fitness = [](const Member<Space>& first, const Member<Space>& second) {
    return first.fitness != second.fitness ? first.fitness > second.fitness
                                           : first.individual.id > second.individual.id;
  };
  const auto by_age = [](const Member<Space>& first, const Member<Space>& second) {
    return first.individual.id < second.individual.id;
  };
  if (members.size() - count <= 4) {
    while (members.size() > count) members.erase(std::max_element(members.begin(), members.end(), by_fitness));
    return;
  }
  const auto end = members.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(members.begin(), end, members.end(), by_fitness);
  members.erase(end, members.end());
  std::sort(members.begin(), members.end(), by_age);
}

}  // namespace gptnas
