// Evolutionary operators.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <vector>

#include <gptnas/evolution/component_crossover.hpp>
#include <gptnas/evolution/distinct_tournament.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/one_point_crossover.hpp>
#include <gptnas/evolution/rank_selection.hpp>
#include <gptnas/evolution/roulette_selection.hpp>
#include <gptnas/evolution/two_point_crossover.hpp>
#include <gptnas/genome/sample.hpp>

namespace {

using namespace gptnas;

using Gene = Choice<0, 1, 2, 3, 4, 5, 6, 7>;

struct Fixed {
  BOOST_HANA_DEFINE_STRUCT(Fixed, (Repeat<Gene, 64>, genes));
};
struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block, (Gene, operation), (Gene, kernel), (Gene, width), (Gene, stride));
};
struct Chain {
  BOOST_HANA_DEFINE_STRUCT(Chain, (Sequence<Block, 1, 16>, blocks));
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

}  // namespace
