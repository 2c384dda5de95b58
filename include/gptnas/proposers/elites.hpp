// The best of what was measured, for a model to learn from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas {

/// A genome as a GPT reads it: `start_token` and its tokens.
template <class Genome>
using TrainingSequence = InlineVector<Token, Layout<Genome>::max_tokens + 1>;

template <class Genome>
TrainingSequence<Genome> training_sequence(const Genome& genome) {
  TrainingSequence<Genome> sequence{start_token};
  for (const Token token : encode(genome)) sequence.push_back(token);
  return sequence;
}

/// Keeps the `capacity` best genomes by fitness, best first; of equal ones the earlier first.
template <class Genome>
class Elites {
 public:
  using Sequence = TrainingSequence<Genome>;

  /// @throws std::invalid_argument if the capacity is 0.
  explicit Elites(std::size_t capacity) : capacity_(capacity) {
    if (capacity == 0) throw invalid_value("Elites: capacity", capacity, "at least 1");
  }

  /// Whether the genome was taken: it is not if it is here already or worse than all. Complexity: O(capacity).
  bool add(const Genome& genome, double fitness) {
    const Sequence sequence = training_sequence(genome);
    for (const Sequence& present : sequences_) {
      if (std::equal(present.begin(), present.end(), sequence.begin(), sequence.end())) return false;
    }
    if (sequences_.size() == capacity_ && fitness <= fitness_.back()) return false;
    const auto place = std::upper_bound(fitness_.begin(), fitness_.end(), fitness, std::greater<>()) - fitness_.begin();
    fitness_.insert(fitness_.begin() + place, fitness);
    genomes_.insert(genomes_.begin() + place, genome);
    sequences_.insert(sequences_.begin() + place, sequence);
    if (sequences_.size() > capacity_) {
      fitness_.pop_back();
      genomes_.pop_back();
      sequences_.pop_back();
    }
    return true;
  }

  const std::vector<Genome>& genomes() const { return genomes_; }
  const std::vector<Sequence>& sequences() const { return sequences_; }

 private:
  std::size_t capacity_;
  std::vector<double> fitness_;
  std::vector<Genome> genomes_;
  std::vector<Sequence> sequences_;
};

}  // namespace gptnas
