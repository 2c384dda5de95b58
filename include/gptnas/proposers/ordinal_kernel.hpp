// Likeness of genomes by their tokens, of which numbers are near or far.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <gptnas/core/inline_vector.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas {

/// exp(-d / scale) for the sum d of what lies between tokens: of two values of one `Choice::ordered` gene the squared
/// difference of their places, which are evenly from -1/2 to 1/2; of other tokens that differ, or that one genome lacks,
/// 1, and the square of the place of each that has one.
///
/// This is a Gaussian kernel of vectors that are one-hot, or, where a gene's values are ordered, their place on an axis.
template <class Genome>
struct OrdinalKernel {
  struct Feature {
    Token kind = start_token;  ///< the token, or the first one of an ordered gene
    double place = 0;
  };
  using Features = InlineVector<Feature, Layout<Genome>::max_tokens>;

  double scale = 2;  ///< more than 0

  Features features(const Genome& genome) const {
    Features features;
    for (const Token token : encode(genome)) features.push_back(feature_of[token]);
    return features;
  }

  /// Complexity: O(tokens).
  double operator()(const Features& first, const Features& second) const {
    double distance = 0;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
      const Feature a = i < first.size() ? first[i] : Feature{}, b = i < second.size() ? second[i] : Feature{};
      const double apart = a.place - b.place;
      distance += a.kind == b.kind ? apart * apart : 1 + a.place * a.place + b.place * b.place;
    }
    return std::exp(-distance / scale);
  }

 private:
  static constexpr std::array<Feature, vocabulary_size<Genome>> feature_of = [] {
    std::array<Feature, vocabulary_size<Genome>> table{};
    for (Token token = 0; token < table.size(); ++token) table[token].kind = token;
    for (const Instruction& gene : layout<Genome>.instructions) {
      if (!gene.ordered) continue;
      for (Token value = 0; value < gene.cardinality; ++value) {
        table[gene.token + value] = {gene.token, value / (gene.cardinality - 1.0) - 0.5};
      }
    }
    return table;
  }();
};

}  // namespace gptnas
