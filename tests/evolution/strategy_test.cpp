// The strategies: laws of ask and tell, and against models of what each does.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/concepts/strategy.hpp>
#include <gptnas/evolution/aging.hpp>
#include <gptnas/evolution/component_crossover.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/local_search.hpp>
#include <gptnas/evolution/mu_plus_lambda.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/random_search.hpp>
#include <gptnas/evolution/rank_selection.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/genome/sample.hpp>

#include "../genome/shapes.hpp"
#include "valid.hpp"

namespace strategy_test {

using namespace gptnas;
using gptnas_test::valid;

struct OneMax {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Repeat<Choice<0, 1>, 32>, bits));
  };
};
struct NestedSpace {
  using Genome = shapes::Nested;
};

double ones(const OneMax::Genome& genome) {
  return static_cast<double>(std::count(genome.bits.begin(), genome.bits.end(), 1));
}
double ones(const shapes::Nested& genome) { return static_cast<double>(encode(genome).size()); }

// What a search does, without proposer and budget; those that `fails(id)` says have no fitness.
template <class Space, class Strategy, class Fails>
std::vector<Individual<Space>> run(Strategy& strategy, std::size_t batches, std::uint64_t seed, Fails fails) {
  std::vector<Individual<Space>> history;
  for (std::size_t batch = 0; batch < batches; ++batch) {
    std::vector<Individual<Space>> asked;
    const std::size_t size = strategy.in_flight();
    while (asked.size() < size) {
      const std::uint64_t id = history.size() + asked.size();
      RandomStream random(seed, id, Purpose::recombine);
      std::optional<Individual<Space>> individual = strategy.ask(random);
      if (!individual) individual = Individual<Space>{.genome = sample<typename Space::Genome>(random)};
      individual->id = id;
      asked.push_back(*individual);
    }
    for (const auto& individual : asked) {
      const double fitness = ones(individual.genome);
      strategy.tell(individual, std::span<const double>(&fitness, fails(individual.id) ? 0 : 1));
      history.push_back(individual);
    }
  }
  return history;
}

constexpr auto never = [](std::uint64_t) { return false; };

template <class Strategy>
std::string refusal(const typename Strategy::Options& options) {
  try {
    Strategy strategy(options);
    return "no exception";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

template <class Space, class Strategy>
struct Case {
  using SpaceType = Space;
  using StrategyType = Strategy;
};
template <class TestCase>
struct StrategyLaws : testing::Test {};
using Cases = testing::Types<
    Case<OneMax, GeneticAlgorithm<OneMax>>, Case<NestedSpace, GeneticAlgorithm<NestedSpace>>,
    Case<NestedSpace, GeneticAlgorithm<NestedSpace, RankSelection, ComponentCrossover, OneGeneMutation, MuPlusLambda>>,
    Case<OneMax, GeneticAlgorithm<OneMax, Tournament<3>, UniformCrossover, GeneMutation, Aging>>,
    Case<OneMax, RegularizedEvolution<OneMax>>, Case<NestedSpace, RegularizedEvolution<NestedSpace>>,
    Case<OneMax, RandomSearch<OneMax>>, Case<OneMax, LocalSearch<OneMax>>, Case<NestedSpace, LocalSearch<NestedSpace>>>;
TYPED_TEST_SUITE(StrategyLaws, Cases);

TYPED_TEST(StrategyLaws, ValidDeterminedByTheStreamsAndOfNoFailedParent) {
  using Space = typename TypeParam::SpaceType;
  using Type = typename TypeParam::StrategyType;
  static_assert(Strategy<Type, Space>);
  const auto fails = [](std::uint64_t id) { return id % 3 == 1; };
  Type strategy, same;
  EXPECT_GE(strategy.in_flight(), 1u);
  EXPECT_GE(strategy.initial_evaluations(), 1u);
  const std::size_t batches = 1 + 300 / strategy.in_flight();
  const auto history = run<Space>(strategy, batches, 1, fails), again = run<Space>(same, batches, 1, fails);
  ASSERT_EQ(history.size(), again.size());
  for (std::size_t id = 0; id < history.size(); ++id) {
    EXPECT_TRUE(valid(history[id].genome));
    EXPECT_TRUE(Equal{}(history[id].genome, again[id].genome));
    for (const std::uint64_t parent : history[id].parents) {
      EXPECT_LT(parent, id);
      EXPECT_FALSE(fails(parent));
    }
  }
}

TEST(GeneticAlgorithm, ChoosesItsPopulationAmongMoreIndividuals) {
  GeneticAlgorithm<OneMax, Tournament<1>, UniformCrossover, GeneMutation, MuPlusLambda> strategy(
      {.population = 3, .initial = 10, .offspring = 1});
  EXPECT_EQ(strategy.initial_evaluations(), 10u);
  EXPECT_EQ(strategy.in_flight(), 10u);
  const auto history = run<OneMax>(strategy, 1, 4, never);
  ASSERT_EQ(history.size(), 10u);
  EXPECT_EQ(strategy.in_flight(), 1u);
  std::vector<double> fitness;
  for (const auto& individual : history) fitness.push_back(ones(individual.genome));
  std::sort(fitness.begin(), fitness.end(), std::greater<>());
  std::vector<double> population;
  for (const auto& member : strategy.population()) population.push_back(member.fitness);
  std::sort(population.begin(), population.end(), std::greater<>());
  EXPECT_EQ(population, std::vector<double>(fitness.begin(), fitness.begin() + 3));
  EXPECT_EQ((refusal<GeneticAlgorithm<OneMax>>({.population = 3, .initial = 2})),
            "GeneticAlgorithm::initial is 2; expected 0, or at least the population, 3");
}

TEST(GeneticAlgorithm, SolvesOneMax) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    GeneticAlgorithm<OneMax, Tournament<3>> strategy({.population = 50});
    const auto history = run<OneMax>(strategy, 60, seed, never);
    double best = 0;
    for (const auto& individual : history) best = std::max(best, ones(individual.genome));
    EXPECT_EQ(best, 32);
  }
}

TEST(GeneticAlgorithm, AsksForAPopulationThenForGenerations) {
  GeneticAlgorithm<OneMax> strategy({.population = 10, .offspring = 4, .crossover_rate = 1});
  EXPECT_EQ(strategy.in_flight(), 10u);
  EXPECT_EQ(strategy.initial_evaluations(), 10u);
  const auto history = run<OneMax>(strategy, 3, 2, never);
  ASSERT_EQ(history.size(), 18u);
  EXPECT_EQ(strategy.in_flight(), 4u);
  EXPECT_EQ(strategy.population().size(), 10u);
  for (const auto& individual : history) EXPECT_EQ(individual.parents.size(), individual.id < 10 ? 0u : 2u);
}

TEST(GeneticAlgorithm, WithoutCrossoverOfOneParent) {
  GeneticAlgorithm<OneMax> strategy({.population = 10, .crossover_rate = 0});
  const auto history = run<OneMax>(strategy, 3, 3, never);
  for (std::size_t id = 10; id < 30; ++id) EXPECT_EQ(history[id].parents.size(), 1u);
}

TEST(GeneticAlgorithm, StartsAfreshWhileAllHaveFailedAndRecoversFromSome) {
  GeneticAlgorithm<OneMax> strategy({.population = 8});
  const auto history = run<OneMax>(strategy, 5, 4, [](std::uint64_t id) { return id < 16 || (id < 24 && id != 20); });
  for (std::size_t id = 0; id < 24; ++id) EXPECT_TRUE(history[id].parents.empty());
  for (std::size_t id = 24; id < 32; ++id) {
    for (const std::uint64_t parent : history[id].parents) EXPECT_EQ(parent, 20u);
    EXPECT_FALSE(history[id].parents.empty());
  }
  EXPECT_EQ(strategy.population().size(), 8u);
}

TEST(GeneticAlgorithm, KeepsAllOfTheFirstGeneration) {
  for (const std::size_t size : {1u, 10u}) {
    GeneticAlgorithm<OneMax> strategy({.population = size});
    run<OneMax>(strategy, 1, 7, never);
    EXPECT_EQ(strategy.population().size(), size);
  }
}

TEST(GeneticAlgorithm, RefusesOptionsOutsideTheirDomains) {
  using Type = GeneticAlgorithm<OneMax>;
  EXPECT_EQ(refusal<Type>({.population = 0}), "GeneticAlgorithm::population is 0; expected at least 1");
  EXPECT_EQ(refusal<Type>({.crossover_rate = 1.5}), "GeneticAlgorithm::crossover_rate is 1.5; expected in [0, 1]");
  EXPECT_NE(refusal<Type>({.crossover_rate = -0.5}), "no exception");
}

TEST(RegularizedEvolution, IsAQueueWhoseOldestLeaves) {
  for (const std::size_t in_flight : {1u, 7u}) {
    // The tournament is larger than the population, so the parent is the queue's best.
    using Type = RegularizedEvolution<OneMax, DistinctTournament<10>, OneGeneMutation>;
    Type strategy({.population = 6, .in_flight = in_flight});
    EXPECT_EQ(strategy.in_flight(), in_flight);
    EXPECT_EQ(strategy.initial_evaluations(), 6u);
    const auto fails = [](std::uint64_t id) { return id % 5 == 2; };
    const auto history = run<OneMax>(strategy, 210 / in_flight, 5, fails);
    std::deque<std::uint64_t> queue;
    for (std::size_t begin = 0; begin < history.size(); begin += in_flight) {
      double best = -1;
      for (const std::uint64_t id : queue) best = std::max(best, ones(history[id].genome));
      for (std::size_t id = begin; id < begin + in_flight; ++id) {
        ASSERT_EQ(history[id].parents.size(), queue.size() < 6 ? 0u : 1u);
        for (const std::uint64_t parent : history[id].parents) {
          EXPECT_EQ(std::count(queue.begin(), queue.end(), parent), 1);
          EXPECT_EQ(ones(history[parent].genome), best);
          EXPECT_EQ(std::abs(ones(history[id].genome) - best), 1);  // one bit differs
        }
      }
      for (std::size_t id = begin; id < begin + in_flight; ++id) {
        if (fails(id)) continue;
        queue.push_back(id);
        if (queue.size() > 6) queue.pop_front();
      }
    }
  }
}

TEST(RegularizedEvolution, RefusesOptionsOutsideTheirDomains) {
  using Type = RegularizedEvolution<OneMax>;
  EXPECT_EQ(refusal<Type>({.population = 0}), "RegularizedEvolution::population is 0; expected at least 1");
  EXPECT_EQ(refusal<Type>({.in_flight = 0}), "RegularizedEvolution::in_flight is 0; expected at least 1");
}

/// A landscape with several tops.
double ruggedness(const OneMax::Genome& genome) {
  const double count = ones(genome);
  return count + 5 * std::cos(2 * count);
}

TEST(LocalSearch, TriesAllNeighboursAndGoesOnWithTheBest) {
  LocalSearch<OneMax> strategy({.initial = 4});
  std::vector<Individual<OneMax>> history;
  constexpr std::uint64_t none = 1'000'000;
  std::uint64_t center = none;  // whose neighbours are tried
  std::vector<std::uint64_t> tried;
  std::size_t fresh = 0, steps = 0, restarts = 0;
  const auto value = [&](std::uint64_t id) { return ruggedness(history[id].genome); };
  const auto better = [&](std::uint64_t first, std::uint64_t second) { return value(first) < value(second); };
  for (std::uint64_t id = 0; id < 3000; ++id) {
    RandomStream random(3, id, Purpose::recombine);
    auto individual = strategy.ask(random);
    const bool is_fresh = !individual;
    if (is_fresh) individual = Individual<OneMax>{.genome = sample<OneMax::Genome>(random)};
    individual->id = id;
    if (is_fresh) {
      if (fresh >= 4) {  // a restart: no neighbour of the last center is better
        ASSERT_EQ(tried.size(), 32u);
        for (const std::uint64_t each : tried) EXPECT_LE(value(each), value(center));
        ++restarts;
      }
      ++fresh;
      tried.clear();
      center = none;
    } else {
      ASSERT_EQ(individual->parents.size(), 1u);
      const std::uint64_t parent = individual->parents[0];
      if (parent != center) {  // a step: from the best fresh one, or to the best neighbour
        if (center != none) {
          ASSERT_EQ(tried.size(), 32u);
          EXPECT_EQ(parent, *std::max_element(tried.begin(), tried.end(), better));
          EXPECT_GT(value(parent), value(center));
        } else if (fresh == 4) {
          for (std::uint64_t first = 0; first < 4; ++first) EXPECT_LE(value(first), value(parent));
        } else {
          EXPECT_EQ(parent, id - 1);
        }
        center = parent;
        tried.clear();
        ++steps;
      }
      for (const std::uint64_t other : tried) EXPECT_FALSE(Equal{}(history[other].genome, individual->genome));
      std::size_t different = 0;
      for (std::size_t i = 0; i < 32; ++i) different += history[parent].genome.bits[i] != individual->genome.bits[i];
      EXPECT_EQ(different, 1u);
      tried.push_back(id);
    }
    history.push_back(*individual);
    const double fitness = ruggedness(individual->genome);
    strategy.tell(*individual, std::span<const double>(&fitness, 1));
  }
  EXPECT_GT(steps, restarts);
  EXPECT_GT(restarts, 5u);
  EXPECT_EQ(refusal<LocalSearch<OneMax>>({.initial = 0}), "LocalSearch::initial is 0; expected at least 1");
}

TEST(RandomSearch, AsksForFreshOnesAlways) {
  RandomSearch<OneMax> strategy{.batch = 3};
  const auto history = run<OneMax>(strategy, 10, 6, never);
  EXPECT_EQ(history.size(), 30u);
  for (const auto& individual : history) EXPECT_TRUE(individual.parents.empty());
  EXPECT_THROW(RandomSearch<OneMax>{.batch = 0}.in_flight(), std::invalid_argument);
}

}  // namespace strategy_test
