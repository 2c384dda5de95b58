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
  constexpr std::size_t few = 4;
  if (members.size() <= count) return;
  const auto by_fitness = [](const Member<Space>& first, const Member<Space>& second) {
    const bool younger = first.individual.id > second.individual.id;
    return first.fitness > second.fitness || (first.fitness == second.fitness && younger);
  };
  const auto by_age = [](const Member<Space>& first, const Member<Space>& second) {
    return first.individual.id < second.individual.id;
  };
  // A few are sought one by one: sorting moves members, which are large.
  if (members.size() - count <= few) {
    while (members.size() > count) members.erase(std::max_element(members.begin(), members.end(), by_fitness));
    return;
  }
  const auto end = members.begin() + static_cast<std::ptrdiff_t>(count);
  if (count <= few) {
    for (auto next = members.begin(); next != end; ++next) {
      std::iter_swap(next, std::min_element(next, members.end(), by_fitness));
    }
  } else {
    std::partial_sort(members.begin(), end, members.end(), by_fitness);
  }
  members.erase(end, members.end());
  std::sort(members.begin(), members.end(), by_age);
}

}  // namespace gptnas
