// Two items change places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/containers.hpp>
#include <gptnas/evolution/validity.hpp>

namespace gptnas {

/// Exchanges two random items of a `Repeat` or `Sequence`; where none has two, nothing changes.
struct SwapMutation {
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    const auto before = to_bytes(genome);
    genome = first_valid(genome, [&] {
      auto bytes = before;
      const ContainerSite* site = draw_container<Genome>(
          bytes, random, [&](const ContainerSite& s) { return item_count<Genome>(bytes, s) >= 2; });
      if (!site) return from_bytes<Genome>(bytes);
      const auto size = static_cast<std::uint32_t>(item_count<Genome>(bytes, *site));
      const std::size_t first = random.below(size);
      std::size_t second = random.below(size - 1);
      second += second >= first;
      const auto at = [&](std::size_t item) { return site->items + item * site->item_bytes; };
      for (std::size_t byte = 0; byte < site->item_bytes; ++byte) {
        std::swap(bytes[at(first) + byte], bytes[at(second) + byte]);
      }
      return from_bytes<Genome>(bytes);
    });
  }
};

}  // namespace gptnas
