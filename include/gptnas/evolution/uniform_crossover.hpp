// Every gene from either parent.
#pragma once

#include <cstddef>
#include <cstdint>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/decision_points.hpp>
#include <gptnas/evolution/validity.hpp>

namespace gptnas {

/// Uniform crossover (Syswerda, 1989): the parent is drawn anew, with equal chances, at each decision point.
struct UniformCrossover {
  /// Complexity: O(genes), no allocation; without a `Sequence` one random bit a gene.
  template <class Genome>
  Genome cross(const Genome& first, const Genome& second, RandomStream& random) const {
    std::uint32_t bits = 0;
    std::size_t left = 0;
    const auto coin = [&] {
      if (left == 0) {
        bits = random();
        left = 32;
      }
      const bool heads = bits & 1u;
      bits >>= 1;
      --left;
      return heads;
    };
    if constexpr (layout<Genome>.fixed_length) {
      const auto others = to_bytes(second);
      return first_valid(first, [&] {
        auto bytes = to_bytes(first);
        for (std::size_t index = 0; index < bytes.size(); ++index) {
          if (coin()) bytes[index] = others[index];
        }
        return from_bytes<Genome>(bytes);
      });
    } else {
      const DecisionPoints<Genome> points(first, second);
      return first_valid(first, [&] { return points.child([&](std::size_t, const Instruction&) { return coin(); }); });
    }
  }
};

}  // namespace gptnas
