// The best part of a population.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <gptnas/concepts/replacement.hpp>

namespace gptnas {

/// Removes all but the `count` members of highest fitness; of equal ones the younger stay. The rest keeps its order.
/// Complexity: O(N) on average.
template <class Space>
void keep_best(std::vector<Member<Space>>& members, std::size_t count) {
  if (members.size() <= count) return;
  const auto less = [](const Member<Space>& first, const Member<Space>& second) {
    return first.fitness < second.fitness ||
           (first.fitness == second.fitness && first.individual.id < second.individual.id);
  };
  if (members.size() == count + 1) {
    members.erase(std::min_element(members.begin(), members.end(), less));
  } else if (count <= 1) {
    std::iter_swap(members.begin(), std::max_element(members.begin(), members.end(), less));
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(count), members.end());
  } else {
    std::vector<const Member<Space>*> ranked;
    for (const Member<Space>& member : members) ranked.push_back(&member);
    const auto worst = ranked.end() - static_cast<std::ptrdiff_t>(count);
    std::nth_element(ranked.begin(), worst, ranked.end(),
                     [&](auto* first, auto* second) { return less(*first, *second); });
    std::erase_if(members, [&, limit = **worst](const Member<Space>& member) { return less(member, limit); });
  }
}

}  // namespace gptnas
