// One item less.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/containers.hpp>
#include <gptnas/evolution/validity.hpp>

namespace gptnas {

/// Deletes a random item of a `Sequence` that has more than its least; where there is none, nothing changes.
struct DeleteMutation {
  /// Complexity: O(bytes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    const auto before = to_bytes(genome);
    genome = first_valid(genome, [&] {
      auto bytes = before;
      const ContainerSite* site = draw_container<Genome>(
          bytes, random, [&](const ContainerSite& s) { return s.variable && item_count<Genome>(bytes, s) > s.min; });
      if (!site) return from_bytes<Genome>(bytes);
      const std::size_t size = item_count<Genome>(bytes, *site);
      const std::size_t place = random.below(static_cast<std::uint32_t>(size));
      const auto at = [&](std::size_t item) {
        return bytes.begin() + static_cast<std::ptrdiff_t>(site->items + item * site->item_bytes);
      };
      std::copy(at(place + 1), at(size), at(place));
      std::fill(at(size - 1), at(size), std::uint8_t{0});
      --bytes[site->length];
      return from_bytes<Genome>(bytes);
    });
  }
};

}  // namespace gptnas
