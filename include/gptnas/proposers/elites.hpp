// The best of what was measured, for a model to learn from.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/refuse_nan.hpp>
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

/// Which of the genomes measured a model learns from.
struct EliteOptions {
  std::size_t most = 30;  ///< the best ones, at least 1
  double share = 1;       ///< ... and at most this share of what was measured, rounded up, in (0, 1]; a genome that is
                          ///< measured again counts again, unless it is one of the `most` best
};

/// Keeps the best genomes by fitness, best first; of equal ones the earlier first.
template <class Genome>
class Elites {
 public:
  using Sequence = TrainingSequence<Genome>;

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit Elites(const EliteOptions& options) : options_(options) {
    if (options.most == 0) throw invalid_value("Elites::most", options.most, "at least 1");
    if (!(options.share > 0 && options.share <= 1)) throw invalid_value("Elites::share", options.share, "in (0, 1]");
  }

  /// Whether the elites are others now. Complexity: O(most).
  ///
  /// @throws std::invalid_argument if the fitness is NaN.
  bool add(const Genome& genome, double fitness) {
    detail::refuse_nan("Elites::add: fitness", fitness);
    const Sequence sequence = training_sequence(genome);
    for (const Sequence& present : sequences_) {
      if (std::equal(present.begin(), present.end(), sequence.begin(), sequence.end())) return false;
    }
    const std::size_t before = count();
    ++measured_;
    const auto place = std::upper_bound(fitness_.begin(), fitness_.end(), fitness, std::greater<>()) - fitness_.begin();
    fitness_.insert(fitness_.begin() + place, fitness);
    genomes_.insert(genomes_.begin() + place, genome);
    sequences_.insert(sequences_.begin() + place, sequence);
    if (sequences_.size() > options_.most) {
      fitness_.pop_back();
      genomes_.pop_back();
      sequences_.pop_back();
    }
    return count() > before || static_cast<std::size_t>(place) < count();
  }

  std::span<const Genome> genomes() const { return {genomes_.data(), count()}; }
  std::span<const Sequence> sequences() const { return {sequences_.data(), count()}; }

 private:
  // Of the elites.
  std::size_t count() const {
    const double allowed = std::ceil(options_.share * static_cast<double>(measured_));
    return std::min(static_cast<std::size_t>(allowed), genomes_.size());
  }

  EliteOptions options_;
  std::size_t measured_ = 0;  // without repeats of those that are kept
  // The `most` best ones, of which the first are the elites: their share grows.
  std::vector<double> fitness_;
  std::vector<Genome> genomes_;
  std::vector<Sequence> sequences_;
};

}  // namespace gptnas
