// The containers of a genome, as what changes their items sees them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/layout.hpp>

namespace gptnas {

/// Number of items that a container holds.
template <class Genome>
constexpr std::size_t item_count(const GenomeBytes<Genome>& bytes, const ContainerSite& site) {
  return site.variable ? bytes[site.length] : site.max;
}

/// One of the containers that a genome has and for which `suits(site)` holds, uniformly drawn; null if there is none.
/// Complexity: O(genes), no allocation.
template <class Genome, class Suits>
const ContainerSite* draw_container(const GenomeBytes<Genome>& bytes, RandomStream& random, Suits suits) {
  InlineVector<const ContainerSite*, Layout<Genome>::steps> sites;
  auto next = layout<Genome>.containers.begin();
  for_each_step<Genome>(bytes, [&](std::size_t index, const Instruction&) {
    while (next != layout<Genome>.containers.end() && next->instruction < index) ++next;
    // Containers that begin at one instruction lie in one another.
    for (; next != layout<Genome>.containers.end() && next->instruction == index; ++next) {
      if (suits(*next)) sites.push_back(next);
    }
  });
  return sites.empty() ? nullptr : sites[random.below(static_cast<std::uint32_t>(sites.size()))];
}

}  // namespace gptnas
