// The genetic algorithm.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/concepts/crossover.hpp>
#include <gptnas/concepts/mutation.hpp>
#include <gptnas/concepts/replacement.hpp>
#include <gptnas/concepts/selection.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/result_of.hpp>
#include <gptnas/evolution/default_mutation.hpp>
#include <gptnas/evolution/generational.hpp>
#include <gptnas/evolution/tournament.hpp>
#include <gptnas/evolution/uniform_crossover.hpp>

namespace gptnas {

/// A genetic algorithm over the first objective (Holland, 1975): a population of fresh genomes, then generations of
/// offspring, each made by selection of two parents, crossover and mutation.
///
/// A generation is what is asked before any of it is told. Failed individuals enter no population; while all failed,
/// fresh ones are asked for.
template <class Space, class SelectionType = Tournament<2>, class CrossoverType = UniformCrossover,
          class MutationType = DefaultMutation, class ReplacementType = Generational>
class GeneticAlgorithm {
  using Genome = typename Space::Genome;
  static_assert(Selection<SelectionType>,
                "gptnas::GeneticAlgorithm: the selection must have std::size_t select(std::span<const double>, "
                "RandomStream&) const; see docs/concepts.md#selection");
  static_assert(Crossover<CrossoverType, Genome>,
                "gptnas::GeneticAlgorithm: the crossover must have Genome cross(const Genome&, const Genome&, "
                "RandomStream&) const; see docs/concepts.md#crossover");
  static_assert(Mutation<MutationType, Genome>,
                "gptnas::GeneticAlgorithm: the mutation must have void mutate(Genome&, RandomStream&) const; see "
                "docs/concepts.md#mutation");
  static_assert(Replacement<ReplacementType, Space>,
                "gptnas::GeneticAlgorithm: the replacement must have void replace(population, offspring, size) const; "
                "see docs/concepts.md#replacement");

 public:
  struct Options {
    std::size_t population = 20;  ///< at least 1
    std::size_t initial = 0;      ///< fresh individuals, out of which the replacement chooses the first population, at
                                  ///< least as many; 0 is as many
    std::size_t offspring = 0;    ///< a generation; 0 is as many as the population
    double crossover_rate = 0.9;  ///< share of offspring of two parents, in [0, 1]; the others are mutants of one
    SelectionType selection = {};
    CrossoverType crossover = {};
    MutationType mutation = {};
    ReplacementType replacement = {};
  };

  GeneticAlgorithm() : GeneticAlgorithm(Options{}) {}

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit GeneticAlgorithm(const Options& options) : options_(options) {
    if (options_.population == 0) {
      throw invalid_value("GeneticAlgorithm::population", options_.population, "at least 1");
    }
    if (!(options_.crossover_rate >= 0 && options_.crossover_rate <= 1)) {
      throw invalid_value("GeneticAlgorithm::crossover_rate", options_.crossover_rate, "in [0, 1]");
    }
    if (options_.offspring == 0) options_.offspring = options_.population;
    if (options_.initial == 0) options_.initial = options_.population;
    if (options_.initial < options_.population) {
      throw invalid_value("GeneticAlgorithm::initial", options_.initial,
                          joined({"0, or at least the population, ", options_.population}));
    }
  }

  std::optional<Individual<Space>> ask(RandomStream& random) const {
    if (population_.empty()) return std::nullopt;
    return breed(random);
  }

  void tell(const Individual<Space>& individual, std::span<const double> fitness) {
    if (!fitness.empty()) {
      offspring_.emplace_back(ResultOf([&] { return Member<Space>{individual, fitness[0]}; }));
    }
    if (++told_ < in_flight()) return;
    told_ = 0;
    options_.replacement.replace(population_, offspring_, options_.population);
    offspring_.clear();
    fitness_.clear();
    for (const Member<Space>& member : population_) fitness_.push_back(member.fitness);
  }

  /// The initial individuals while there is no population yet, then a generation.
  std::size_t in_flight() const { return population_.empty() ? options_.initial : options_.offspring; }

  std::size_t initial_evaluations() const { return options_.initial; }

  /// In order of age.
  const std::vector<Member<Space>>& population() const { return population_; }

 private:
  // The child is made where the caller has it.
  std::optional<Individual<Space>> breed(RandomStream& random) const {
    const Individual<Space>& first = select(random);
    const Individual<Space>* second = random.chance(options_.crossover_rate) ? &select(random) : nullptr;
    return std::optional<Individual<Space>>(
        std::in_place, ResultOf([&] {
          Individual<Space> child{
              .genome = second ? options_.crossover.cross(first.genome, second->genome, random) : first.genome,
              .parents = {first.id}};
          if (second) child.parents.push_back(second->id);
          options_.mutation.mutate(child.genome, random);
          return child;
        }));
  }

  const Individual<Space>& select(RandomStream& random) const {
    return population_[options_.selection.select({fitness_.data(), fitness_.size()}, random)].individual;
  }

  Options options_;
  std::vector<Member<Space>> population_, offspring_;
  std::vector<double> fitness_;  // of the population
  std::size_t told_ = 0;         // of the present generation
};

}  // namespace gptnas
