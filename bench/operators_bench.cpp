// Evolutionary operators, and whole runs of the strategies where an evaluation costs nothing.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string_view>
#include <vector>

#include <gptnas/evolution/component_crossover.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/one_point_crossover.hpp>
#include <gptnas/evolution/rank_selection.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/evolution/roulette_selection.hpp>
#include <gptnas/evolution/two_point_crossover.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

namespace {

using namespace gptnas;

using Gene = Choice<0, 1, 2, 3, 4, 5, 6, 7>;
using Edge = Choice<0, 1, 2, 3, 4>;

struct Fixed {
  BOOST_HANA_DEFINE_STRUCT(Fixed, (Repeat<Gene, 64>, genes));
};
struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block, (Gene, operation), (Gene, kernel), (Gene, width), (Gene, stride));
};
struct Chain {
  BOOST_HANA_DEFINE_STRUCT(Chain, (Sequence<Block, 1, 16>, blocks));
};
struct Cell {
  BOOST_HANA_DEFINE_STRUCT(Cell, (Repeat<Edge, 6>, edges));
};

struct FixedSpace {
  using Genome = Fixed;
};
struct CellSpace {
  using Genome = Cell;
};

/// One parent out of 100.
template <class Policy>
void selection(benchmark::State& state) {
  RandomStream random(1);
  std::vector<double> fitness(100);
  for (double& value : fitness) value = random.uniform();
  for (auto _ : state) benchmark::DoNotOptimize(Policy{}.select(fitness, random));
}
BENCHMARK(selection<Tournament<3>>);
BENCHMARK(selection<DistinctTournament<10>>);
BENCHMARK(selection<RankSelection>);
BENCHMARK(selection<RouletteSelection>);

/// Calls `breed(parent, other parent)` on one pair of random genomes after another.
template <class Genome, class Breed>
void breed_random_parents(benchmark::State& state, RandomStream& random, Breed breed) {
  std::array<Genome, 64> parents;
  for (Genome& parent : parents) parent = sample<Genome>(random);
  std::size_t first = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(breed(parents[first], parents[(first + 1) % 64]));
    first = (first + 1) % 64;
  }
}

/// One child of random parents.
template <class Policy, class Genome>
void crossover(benchmark::State& state) {
  RandomStream random(1);
  breed_random_parents<Genome>(state, random, [&](const Genome& first, const Genome& second) {
    return Policy{}.cross(first, second, random);
  });
}
BENCHMARK(crossover<OnePointCrossover, Fixed>);
BENCHMARK(crossover<TwoPointCrossover, Fixed>);
BENCHMARK(crossover<UniformCrossover, Fixed>);
BENCHMARK(crossover<ComponentCrossover, Fixed>);
BENCHMARK(crossover<OnePointCrossover, Chain>);
BENCHMARK(crossover<TwoPointCrossover, Chain>);
BENCHMARK(crossover<UniformCrossover, Chain>);
BENCHMARK(crossover<ComponentCrossover, Chain>);

/// One mutant of a random genome.
template <class Policy, class Genome>
void mutation(benchmark::State& state) {
  RandomStream random(1);
  breed_random_parents<Genome>(state, random, [&](Genome mutant, const Genome&) {
    Policy{}.mutate(mutant, random);
    return mutant;
  });
}
BENCHMARK(mutation<GeneMutation, Fixed>);
BENCHMARK(mutation<OneGeneMutation, Fixed>);
BENCHMARK(mutation<SwapMutation, Fixed>);
BENCHMARK(mutation<GeneMutation, Chain>);
BENCHMARK(mutation<OneGeneMutation, Chain>);
BENCHMARK(mutation<InsertMutation, Chain>);
BENCHMARK(mutation<DeleteMutation, Chain>);
BENCHMARK(mutation<SwapMutation, Chain>);

/// Number of genes that a hidden genome has too.
struct HiddenTarget {
  static constexpr std::array objectives{Objective{"matches", Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};

  Outcome evaluate(const Individual<FixedSpace>& individual, double, RandomStream&, std::stop_token) const {
    double matches = 0;
    for (std::size_t i = 0; i < 64; ++i) matches += individual.genome.genes[i].index() == target.genes[i].index();
    return Measured{{matches}, {}, 1};
  }

  Fixed target;
};

/// A genetic algorithm of 50 generations of 100 on 64 genes of 8 values; counts evaluations.
void genetic_algorithm(benchmark::State& state) {
  constexpr std::size_t evaluations = 5000;
  using Strategy = GeneticAlgorithm<FixedSpace, Tournament<3>, UniformCrossover, GeneMutation>;
  RandomStream random(2);
  const HiddenTarget trainer{sample<Fixed>(random)};
  NoProposer<FixedSpace> proposer;
  for (auto _ : state) {
    Search<FixedSpace, NoProposer<FixedSpace>, HiddenTarget, Strategy, InlineExecutor, Ignore> search{
        {.seed = 1}, proposer, trainer, Strategy{{.population = 100, .mutation = {.rate = 1.0 / 64}}}};
    benchmark::DoNotOptimize(search.run({.evaluations = evaluations}));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(evaluations));
}
BENCHMARK(genetic_algorithm)->Unit(benchmark::kMillisecond);

/// A value for each of the 5^6 genomes.
struct SyntheticTable {
  static constexpr std::array objectives{Objective{"validation_accuracy", Direction::maximize}};
  static constexpr std::array<std::string_view, 1> metrics{"test_accuracy"};

  SyntheticTable() {
    RandomStream random(3);
    for (double& value : values) value = random.uniform();
  }

  Outcome evaluate(const Individual<CellSpace>& individual, double, RandomStream&, std::stop_token) const {
    std::size_t index = 0;
    for (const Edge& edge : individual.genome.edges) index = 5 * index + edge.index();
    return Measured{{values[index]}, {values[index]}, 1};
  }

  std::array<double, 15625> values;
};

/// Regularized evolution with a population of 50 and tournaments of 10; counts evaluations.
void regularized_evolution(benchmark::State& state) {
  constexpr std::size_t evaluations = 5000;
  using Strategy = RegularizedEvolution<CellSpace, DistinctTournament<10>, OneGeneMutation>;
  const SyntheticTable trainer;
  NoProposer<CellSpace> proposer;
  for (auto _ : state) {
    Search<CellSpace, NoProposer<CellSpace>, SyntheticTable, Strategy, InlineExecutor, Ignore> search{
        {.seed = 1}, proposer, trainer, Strategy{{.population = 50}}};
    benchmark::DoNotOptimize(search.run({.evaluations = evaluations}));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(evaluations));
}
BENCHMARK(regularized_evolution)->Unit(benchmark::kMillisecond);

}  // namespace
