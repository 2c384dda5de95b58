// One item more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/containers.hpp>
#include <gptnas/evolution/validity.hpp>
#include <gptnas/genome/sample.hpp>

namespace gptnas {

/// Inserts a random item at a random place of a `Sequence` that is not full; where there is none, nothing changes.
struct InsertMutation {
  /// Complexity: O(bytes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    const auto before = to_bytes(genome);
    genome = first_valid(genome, [&] {
      auto bytes = before;
      const ContainerSite* site = draw_container<Genome>(
          bytes, random, [&](const ContainerSite& s) { return s.variable && item_count<Genome>(bytes, s) < s.max; });
      if (!site) return from_bytes<Genome>(bytes);
      const std::size_t size = item_count<Genome>(bytes, *site);
      const std::size_t place = random.below(static_cast<std::uint32_t>(size + 1));
      const auto at = [&](std::size_t item) {
        return bytes.begin() + static_cast<std::ptrdiff_t>(site->items + item * site->item_bytes);
      };
      std::copy_backward(at(place), at(size), at(size + 1));
      std::fill(at(place), at(place + 1), std::uint8_t{0});
      const std::size_t slot = site->instruction + place * site->item_steps;
      detail::sample_steps<Genome>(bytes, slot + 1, slot + site->item_steps, random);
      ++bytes[site->length];
      return from_bytes<Genome>(bytes);
    });
  }
};

}  // namespace gptnas
