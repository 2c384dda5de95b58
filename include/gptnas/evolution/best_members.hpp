// The best part of a population.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <gptnas/concepts/replacement.hpp>

namespace gptnas {

/// Removes all but the `count` members of highest fitness; of equal ones the younger stay. The rest keeps its order.
/// Complexity: O(N + count log N).
///
/// @param members  in order of age, oldest first.
template <class Space>
void keep_best(std::vector<Member<Space>>& members, std::size_t count) {
  if (members.size() <= count) return;
  if (count == 0) return members.clear();
  std::size_t leaving = members.size() - count;
  // What most generations ask for, that one leaves or one stays, takes one look at each member.
  if (leaving == 1) {
    std::size_t worst = 0;
    for (std::size_t place = 1; place < members.size(); ++place) {
      if (members[place].fitness < members[worst].fitness) worst = place;
    }
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(worst));
    return;
  }
  if (count == 1) {
    std::size_t best = 0;
    for (std::size_t place = 1; place < members.size(); ++place) {
      if (members[place].fitness >= members[best].fitness) best = place;
    }
    members[0] = members[best];
  } else {
    std::vector<double> ranked(members.size());
    for (std::size_t place = 0; place < members.size(); ++place) ranked[place] = members[place].fitness;
    std::make_heap(ranked.begin(), ranked.end());
    for (; ranked.size() > leaving + 1; ranked.pop_back()) std::pop_heap(ranked.begin(), ranked.end());
    const double limit = ranked[0];  // who is below leaves, who is above stays
    for (const Member<Space>& member : members) leaving -= member.fitness < limit;
    std::size_t kept = 0;
    for (const Member<Space>& member : members) {
      const bool leaves = member.fitness < limit || (member.fitness == limit && leaving > 0);
      if (member.fitness == limit && leaves) --leaving;
      if (!leaves) members[kept++] = member;
    }
  }
  while (members.size() > count) members.pop_back();
}

}  // namespace gptnas
