// Every gene from either parent.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/decision_points.hpp>
#include <gptnas/evolution/validity.hpp>

namespace gptnas {

/// Uniform crossover (Syswerda, 1989): the parent is drawn anew, with equal chances, at each decision point.
struct UniformCrossover {
  /// Complexity: O(genes), no allocation; without a `Sequence` one random bit a gene.
  template <class Genome>
  Genome cross(const Genome& first, const Genome& second, RandomStream& random) const {
    if constexpr (layout<Genome>.fixed_length) {
      return first_valid(first, [&] {
        // Eight genes a word: those of the n-th word are chosen by the n-th bits of the bytes of one random word.
        Genome child = first;
        std::array<std::uint64_t, (sizeof(Genome) + 7) / 8> words{}, others{};
        std::memcpy(words.data(), &first, sizeof(Genome));
        std::memcpy(others.data(), &second, sizeof(Genome));
        for (std::size_t begin = 0; begin < words.size(); begin += 8) {
          const std::uint64_t bits = random.bits64();
          for (std::size_t word = begin; word < std::min(words.size(), begin + 8); ++word) {
            const std::uint64_t chosen = bits >> (word - begin) & 0x0101010101010101;
            words[word] ^= (words[word] ^ others[word]) & ((chosen << 8) - chosen);  // a bit becomes its whole byte
          }
        }
        std::memcpy(reinterpret_cast<std::uint8_t*>(&child), words.data(), sizeof(Genome));
        return child;
      });
    } else {
      const DecisionPoints<Genome> points(first, second);
      return first_valid(first, [&] {
        std::uint64_t bits = 0;
        std::size_t left = 0;
        return points.child([&](std::size_t, const Instruction&) {
          if (left == 0) {
            bits = random.bits64();
            left = 64;
          }
          --left;
          const bool heads = bits & 1u;
          bits >>= 1;
          return heads;
        });
      });
    }
  }
};

}  // namespace gptnas
