// Two items change places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/containers.hpp>

namespace gptnas {

/// Exchanges two random items of a `Repeat` or `Sequence`; where none has two, nothing changes.
struct SwapMutation {
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    auto bytes = to_bytes(genome);
    const ContainerSite* site = draw_container<Genome>(
        bytes, random, [&](const ContainerSite& s) { return item_count<Genome>(bytes, s) >= 2; });
    if (!site) return;
    const auto size = static_cast<std::uint32_t>(item_count<Genome>(bytes, *site));
    const std::size_t first = random.below(size);
    std::size_t second = random.below(size - 1);
    second += second >= first;
    const auto at = [&](std::size_t item) { return site->items + item * site->item_bytes; };
    for (std::size_t byte = 0; byte < site->item_bytes; ++byte) {
      std::swap(bytes[at(first) + byte], bytes[at(second) + byte]);
    }
    genome = from_bytes<Genome>(bytes);
  }
};

}  // namespace gptnas
