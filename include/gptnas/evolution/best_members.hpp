// The best part of a population.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <gptnas/concepts/replacement.hpp>

namespace gptnas {

/// Removes all but the `count` members of highest fitness; of equal ones the younger stay. The rest keeps its order.
/// Complexity: O(N) on average.
template <class Space>
void keep_best(std::vector<Member<Space>>& members, std::size_t count) {
  if (members.size() <= count) return;
  using Rank = std::pair<double, std::uint64_t>;  // fitness and id
  const auto rank = [](const Member<Space>& member) { return Rank{member.fitness, member.individual.id}; };
  const auto less = [&](const Member<Space>& first, const Member<Space>& second) { return rank(first) < rank(second); };
  if (members.size() == count + 1) {
    members.erase(std::min_element(members.begin(), members.end(), less));
  } else if (count <= 1) {
    std::iter_swap(members.begin(), std::max_element(members.begin(), members.end(), less));
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(count), members.end());
  } else {
    std::vector<Rank> ranks;
    for (const Member<Space>& member : members) ranks.push_back(rank(member));
    const auto best = ranks.end() - static_cast<std::ptrdiff_t>(count);
    std::nth_element(ranks.begin(), best, ranks.end());
    std::erase_if(members, [&](const Member<Space>& member) { return rank(member) < *best; });
  }
}

}  // namespace gptnas
