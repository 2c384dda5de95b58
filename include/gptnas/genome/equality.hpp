// Equality and hash of genomes, over their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <gptnas/genome/layout.hpp>

namespace gptnas {

/// Whether two genomes of one type hold the same values. Complexity: O(bytes).
struct Equal {
  template <class Genome>
  constexpr bool operator()(const Genome& first, const Genome& second) const {
    return to_bytes(first) == to_bytes(second);
  }
};

/// A 64-bit hash that mixes every byte of a genome. Complexity: O(bytes).
struct Hash {
  template <class Genome>
  constexpr std::size_t operator()(const Genome& genome) const {
    const auto bytes = to_bytes(genome);
    std::uint64_t hash = sizeof(Genome);
    for (std::size_t begin = 0; begin < bytes.size(); begin += 8) {
      std::uint64_t word = 0;
      for (std::size_t index = begin; index < bytes.size() && index < begin + 8; ++index) {
        word |= std::uint64_t{bytes[index]} << (8 * (index - begin));
      }
      hash = (hash ^ word) * 0x9E3779B97F4A7C15;
      hash ^= hash >> 32;
    }
    return static_cast<std::size_t>(hash);
  }
};

}  // namespace gptnas
