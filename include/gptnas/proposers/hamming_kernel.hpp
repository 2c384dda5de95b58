// Likeness of genomes by their tokens.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas {

/// exp(-d / scale) for d tokens that differ, as a share of those of the space's longest genome: one scale serves spaces
/// of short and of long ones. Of genomes of unequal length, those that one lacks differ. Where most genomes are far
/// shorter than the longest, all are alike: a smaller scale tells them apart.
template <class Genome>
struct HammingKernel {
  using Features = TokenSequence<Genome>;

  double scale = 0.25;  ///< of the longest genome's tokens, more than 0

  Features features(const Genome& genome) const { return encode(genome); }

  /// Complexity: O(tokens).
  double operator()(const Features& first, const Features& second) const {
    const std::size_t common = std::min(first.size(), second.size());
    std::size_t different = std::max(first.size(), second.size()) - common;
    for (std::size_t i = 0; i < common; ++i) different += first[i] != second[i];
    return std::exp(-static_cast<double>(different) / (scale * static_cast<double>(Layout<Genome>::max_tokens)));
  }
};

}  // namespace gptnas
