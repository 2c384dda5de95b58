// A genetic algorithm that looks for a hidden genome, which benchmarks and comparisons with peers run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string_view>

#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

namespace hidden_target {

// As a program has its own types: what is called once is then compiled into its caller, a twentieth of the time.
namespace {

constexpr std::size_t genes = 64, values = 8, population = 100, generations = 1000;
constexpr std::size_t evaluations = population * (generations + 1);  // the first population is evaluated too

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Repeat<gptnas::Choice<0, 1, 2, 3, 4, 5, 6, 7>, genes>, digits));
  };
};

Space::Genome target() {
  gptnas::RandomStream random(2);
  return gptnas::sample<Space::Genome>(random);
}

/// Number of genes that the target has too.
struct Trainer {
  static constexpr std::array objectives{gptnas::Objective{"matches", gptnas::Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};

  gptnas::Outcome evaluate(const gptnas::Individual<Space>& individual, double, gptnas::RandomStream&,
                           std::stop_token) const {
    int matches = 0;
    for (std::size_t i = 0; i < genes; ++i) matches += individual.genome.digits[i].index() == target.digits[i].index();
    return gptnas::Measured{{static_cast<double>(matches)}, {}, 1};
  }

  Space::Genome target = hidden_target::target();
};

/// Tournament 3, uniform crossover of nine in ten, mutation 1/64, one elite; the best is kept.
[[maybe_unused]] auto search(std::uint64_t seed) {
  using namespace gptnas;
  using Strategy = GeneticAlgorithm<Space, Tournament<3>, UniformCrossover, GeneMutation>;
  const Trainer trainer;
  NoProposer<Space> proposer;
  const Strategy strategy{{.population = population, .mutation = {.rate = 1.0 / genes}}};
  Search<Space, NoProposer<Space>, Trainer, Strategy, InlineExecutor, Ignore> search{
      {.seed = seed, .keep = 1}, proposer, trainer, strategy};
  return search.run({.evaluations = evaluations});
}

}  // namespace
}  // namespace hidden_target
