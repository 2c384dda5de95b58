// Likeness of genomes by their tokens, of which the values of an ordered gene are near or far.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <gptnas/genome/tokens.hpp>

namespace gptnas {

/// exp(-d / scale) for the sum d over the positions of 0 for equal tokens, (a - b)^2 for two values of a gene that is
/// `Choice::ordered`, and 1 + a^2 + b^2 for any others; a and b are the places of values in the list of their gene, evenly
/// from -1/2 to 1/2, and 0 of all other tokens and where there is none.
///
/// This is a Gaussian kernel: of vectors that have for each position a one-hot code, and an axis for each ordered gene.
template <class Genome>
struct OrdinalKernel {
  using Features = TokenSequence<Genome>;

  double scale = 2;  ///< in tokens, more than 0

  Features features(const Genome& genome) const { return encode(genome); }

  /// Complexity: O(tokens).
  double operator()(const Features& first, const Features& second) const {
    double distance = 0;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
      const Meaning a = meanings[first[i]], b = meanings[second[i]];  // behind the end: that of `start_token`
      const double apart = a.place - b.place;
      distance += a.kind == b.kind ? apart * apart : 1 + a.place * a.place + b.place * b.place;
    }
    return std::exp(-distance / scale);
  }

 private:
  struct Meaning {
    Token kind = start_token;  // of an ordered gene its first token, any other token itself
    double place = 0;
  };
  static constexpr std::array<Meaning, vocabulary_size<Genome>> meanings = [] {
    std::array<Meaning, vocabulary_size<Genome>> table{};
    for (std::size_t token = 0; token < table.size(); ++token) table[token].kind = static_cast<Token>(token);
    for (const Instruction& gene : layout<Genome>.instructions) {
      if (!gene.ordered) continue;
      for (std::size_t value = 0; value < gene.cardinality; ++value) {
        const double last = gene.cardinality - 1;
        table[gene.token + value] = {gene.token, static_cast<double>(value) / last - 0.5};
      }
    }
    return table;
  }();
};

}  // namespace gptnas
