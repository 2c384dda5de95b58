// Learning from the best alone.
#pragma once

#include <cstddef>
#include <vector>

#include <gptnas/proposers/elites.hpp>

namespace gptnas {

/// A genome to learn from, and how good it is among what was measured.
template <class Genome>
struct GradedGenome {
  static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

  Genome genome;
  std::size_t bin = unknown;  ///< of quality, 0 is the worst
};

/// What a `GptProposer` learns during a run: the best genomes measured, as it learned the unlabelled ones, so that it
/// prefers what they have in common. The alternative is `QualityConditioned`.
struct Unconditioned {
  static constexpr std::size_t quality_bins = 0, cost_bins = 0;

  void check() const {}

  /// What was measured, as far as it is learned from.
  template <class Genome>
  class Memory {
   public:
    Memory(const Unconditioned&, const EliteOptions& elites) : elites_(elites) {}

    /// Whether there is something new to learn.
    ///
    /// @throws std::invalid_argument if the fitness is NaN.
    bool add(const Genome& genome, double fitness) { return elites_.add(genome, fitness); }

    /// What to learn.
    std::vector<GradedGenome<Genome>> lesson() const {
      std::vector<GradedGenome<Genome>> lesson;
      for (const Genome& genome : elites_.genomes()) lesson.push_back({genome});
      return lesson;
    }

   private:
    Elites<Genome> elites_;
  };
};

}  // namespace gptnas
