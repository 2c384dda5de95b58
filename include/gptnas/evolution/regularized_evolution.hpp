// Regularized evolution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <gptnas/concepts/mutation.hpp>
#include <gptnas/concepts/selection.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/result_of.hpp>
#include <gptnas/evolution/default_mutation.hpp>
#include <gptnas/evolution/distinct_tournament.hpp>

namespace gptnas {

/// Regularized (aging) evolution over the first objective (Real et al., "Regularized Evolution for Image Classifier
/// Architecture Search", 2019): the winner of a tournament is mutated, the mutant enters, the oldest leaves.
template <class Space, class SelectionType = DistinctTournament<10>,
          class MutationType = DefaultMutation>
class RegularizedEvolution {
  static_assert(Selection<SelectionType>,
                "gptnas::RegularizedEvolution: the selection must have std::size_t select(std::span<const double>, "
                "RandomStream&) const; see docs/concepts.md#selection");
  static_assert(Mutation<MutationType, typename Space::Genome>,
                "gptnas::RegularizedEvolution: the mutation must have void mutate(Genome&, RandomStream&) const; see "
                "docs/concepts.md#mutation");

 public:
  struct Options {
    std::size_t population = 50;  ///< at least 1
    std::size_t in_flight = 1;    ///< individuals asked before any is told, at least 1: more keep more workers busy
    SelectionType selection = {};
    MutationType mutation = {};
  };

  RegularizedEvolution() : RegularizedEvolution(Options{}) {}

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit RegularizedEvolution(const Options& options) : options_(options) {
    if (options_.population == 0) {
      throw invalid_value("RegularizedEvolution::population", options_.population, "at least 1");
    }
    if (options_.in_flight == 0) {
      throw invalid_value("RegularizedEvolution::in_flight", options_.in_flight, "at least 1");
    }
    individuals_.reserve(options_.population);
    fitness_.reserve(options_.population);
  }

  std::optional<Individual<Space>> ask(RandomStream& random) const {
    if (individuals_.size() < options_.population) return std::nullopt;
    return breed(random);
  }

  /// Complexity: O(1), no allocation.
  void tell(const Individual<Space>& individual, std::span<const double> fitness) {
    if (fitness.empty()) return;
    if (individuals_.size() < options_.population) {
      individuals_.push_back(individual);
      fitness_.push_back(fitness[0]);
      return;
    }
    individuals_[oldest_] = individual;
    fitness_[oldest_] = fitness[0];
    oldest_ = oldest_ + 1 == options_.population ? 0 : oldest_ + 1;
  }

  std::size_t in_flight() const { return options_.in_flight; }

  std::size_t initial_evaluations() const { return options_.population; }

 private:
  // The child is made where the caller has it.
  std::optional<Individual<Space>> breed(RandomStream& random) const {
    const std::size_t selected = options_.selection.select(std::span<const double>(fitness_), random);
    const Individual<Space>& parent = individuals_[selected];
    return std::optional<Individual<Space>>(std::in_place, ResultOf([&] {
      Individual<Space> child{.genome = parent.genome, .parents = {parent.id}};
      options_.mutation.mutate(child.genome, random);
      return child;
    }));
  }

  Options options_;
  std::vector<Individual<Space>> individuals_;  // a ring once it is full
  std::vector<double> fitness_;                 // of the individuals
  std::size_t oldest_ = 0;
};

}  // namespace gptnas
