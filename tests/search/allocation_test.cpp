// A run that keeps the best needs no more memory, however long it is.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <stop_token>
#include <string_view>

#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

#include "../allocations.hpp"

#if defined(GPTNAS_COUNTS_ALLOCATIONS)

namespace allocation_test {

using namespace gptnas;

struct Digits {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Repeat<Choice<0, 1, 2, 3, 4>, 40>, digits));
  };
};

struct Sum {
  static constexpr std::array objectives{Objective{"sum"}};
  static constexpr std::array<std::string_view, 0> metrics{};

  Outcome evaluate(const Individual<Digits>& individual, double, RandomStream&, std::stop_token) const {
    double sum = 0;
    for (const auto& digit : individual.genome.digits) sum += digit;
    return Measured{{sum}, {}, 1};
  }
};

template <class Strategy>
std::size_t allocations_of_a_run(std::size_t evaluations) {
  NoProposer<Digits> proposer;
  const Sum trainer;
  Search<Digits, NoProposer<Digits>, Sum, Strategy, InlineExecutor, Ignore> search{
      {.seed = 1, .keep = 1}, proposer, trainer, Strategy{{.population = 30}}};
  const std::size_t before = gptnas_test::allocations;
  const auto result = search.run({.evaluations = evaluations});
  EXPECT_EQ(result.history.size(), 1u);
  return gptnas_test::allocations - before;
}

TEST(Search, AllocatesNothingAfterItsFirstBatches) {
  using Genetic = GeneticAlgorithm<Digits, Tournament<3>>;
  using Regularized = RegularizedEvolution<Digits, DistinctTournament<10>, OneGeneMutation>;
  EXPECT_EQ(allocations_of_a_run<Genetic>(10000), allocations_of_a_run<Genetic>(90));
  EXPECT_EQ(allocations_of_a_run<Regularized>(10000), allocations_of_a_run<Regularized>(60));
  EXPECT_LT(allocations_of_a_run<Genetic>(90), 50u);
}

}  // namespace allocation_test

#endif
