// Laws that hold for every mutation and genome; what each may give, against plain vectors; how often.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/concepts/mutation.hpp>
#include <gptnas/evolution/cell_mutations.hpp>
#include <gptnas/evolution/delete_mutation.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/insert_mutation.hpp>
#include <gptnas/evolution/no_mutation.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/one_of.hpp>
#include <gptnas/evolution/swap_mutation.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/sample.hpp>

#include "../chi_square.hpp"
#include "../genome/constrained_shapes.hpp"
#include "../genome/shapes.hpp"
#include "cell_shapes.hpp"
#include "valid.hpp"

namespace mutation_test {

using namespace gptnas;
using gptnas_test::chi_square;
using gptnas_test::chi_square_limit;
using gptnas_test::valid;

template <class Genome, class Policy>
void check_laws(const Policy& policy) {
  static_assert(Mutation<Policy, Genome>);
  RandomStream genomes(1);
  Genome genome{};
  for (std::uint64_t id = 0; id < 2000; ++id) {
    if (id % 10 == 0) genome = sample<Genome>(genomes);
    RandomStream random(2, id), again(2, id);
    Genome copy = genome;
    policy.mutate(genome, random);
    policy.mutate(copy, again);
    ASSERT_TRUE(valid(genome));
    ASSERT_TRUE(Equal{}(genome, copy));
    ASSERT_EQ(random(), again());
  }
}

template <class Genome>
struct MutationLaws : testing::Test {};
using Shapes = testing::Types<shapes::Flat, shapes::Cell, shapes::Chain, shapes::Nested, shapes::Small, shapes::Bare,
                              shapes::Bounded, shapes::Balanced, shapes::Picky, shapes::SmallCell, shapes::TwoCells>;
TYPED_TEST_SUITE(MutationLaws, Shapes);

TYPED_TEST(MutationLaws, None) {
  check_laws<TypeParam>(NoMutation{});
  RandomStream random(1);
  const TypeParam genome = sample<TypeParam>(random);
  TypeParam same = genome;
  NoMutation{}.mutate(same, random);
  EXPECT_TRUE(Equal{}(genome, same));
}
TYPED_TEST(MutationLaws, Gene) { check_laws<TypeParam>(GeneMutation{}); }
TYPED_TEST(MutationLaws, OneGene) { check_laws<TypeParam>(OneGeneMutation{}); }
TYPED_TEST(MutationLaws, Insert) { check_laws<TypeParam>(InsertMutation{}); }
TYPED_TEST(MutationLaws, Delete) { check_laws<TypeParam>(DeleteMutation{}); }
TYPED_TEST(MutationLaws, Swap) { check_laws<TypeParam>(SwapMutation{}); }
TYPED_TEST(MutationLaws, OneOf) {
  check_laws<TypeParam>(OneOf<GeneMutation, InsertMutation, DeleteMutation, SwapMutation>{});
}

template <class Genome>
struct CellMutationLaws : testing::Test {};
using CellShapes = testing::Types<shapes::SmallCell, shapes::TwoCells>;
TYPED_TEST_SUITE(CellMutationLaws, CellShapes);

TYPED_TEST(CellMutationLaws, AddEdge) { check_laws<TypeParam>(AddEdgeMutation{}); }
TYPED_TEST(CellMutationLaws, RemoveEdge) { check_laws<TypeParam>(RemoveEdgeMutation{}); }
TYPED_TEST(CellMutationLaws, MoveEdge) { check_laws<TypeParam>(MoveEdgeMutation{}); }
TYPED_TEST(CellMutationLaws, Operation) { check_laws<TypeParam>(OperationMutation{}); }
TYPED_TEST(CellMutationLaws, Any) { check_laws<TypeParam>(CellMutation{}); }

// A constraint may leave a gene no other value, or change what follows it.
template <class Genome>
struct FreeGeneLaws : testing::Test {};
using FreeShapes =
    testing::Types<shapes::Flat, shapes::Cell, shapes::Chain, shapes::Nested, shapes::Small, shapes::Bare>;
TYPED_TEST_SUITE(FreeGeneLaws, FreeShapes);

TYPED_TEST(FreeGeneLaws, OneGeneDiffersAndEachMay) {
  RandomStream random(3);
  const auto genome = sample<TypeParam>(random);
  const auto sites = gene_sites(genome);
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts;  // by gene and value
  std::size_t outcomes = 0;
  for (std::size_t gene = 0; gene < sites.size(); ++gene) outcomes += sites[gene].cardinality - 1u;
  for (std::size_t i = 0; i < 200 * sites.size(); ++i) {
    auto mutant = genome;
    OneGeneMutation{}.mutate(mutant, random);
    ASSERT_EQ(gene_count(mutant), sites.size());
    std::vector<std::size_t> changed;
    for (std::size_t gene = 0; gene < sites.size(); ++gene) {
      if (gene_value(mutant, gene) != gene_value(genome, gene)) changed.push_back(gene);
    }
    ASSERT_EQ(changed.size(), 1u);
    ++counts[{changed[0], gene_value(mutant, changed[0])}];
  }
  EXPECT_EQ(counts.size(), outcomes);
}

TEST(OneGeneMutation, LeavesAGenomeWithoutChoice) {
  RandomStream random(4);
  Repeat<Choice<7>, 3> genome;
  OneGeneMutation{}.mutate(genome, random);
  GeneMutation{.rate = 1}.mutate(genome, random);
  EXPECT_TRUE(valid(genome));
}

TEST(GeneMutation, ChangesEveryGeneAtTheRateToAnyOtherValue) {
  const auto changes = [](double rate) {
    RandomStream random(5);
    std::vector<std::size_t> values(5);
    for (int i = 0; i < 10000; ++i) {
      shapes::Cell genome;
      GeneMutation{.rate = rate}.mutate(genome, random);
      for (const auto& edge : genome.edges) ++values[edge.index()];
    }
    return values;
  };
  const auto expected = [](double rate) {
    return std::vector<double>{60000 * (1 - rate), 15000 * rate, 15000 * rate, 15000 * rate, 15000 * rate};
  };
  EXPECT_LT(chi_square(changes(0.3), expected(0.3)), chi_square_limit(4));
  EXPECT_LT(chi_square(changes(0), expected(1.0 / 6)), chi_square_limit(4));
  EXPECT_EQ(changes(1)[0], 0u);
}

TEST(GeneMutation, RefusesARateOutsideItsDomain) {
  RandomStream random(6);
  shapes::Cell genome;
  for (const double rate : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(GeneMutation{.rate = rate}.mutate(genome, random), std::invalid_argument);
  }
  try {
    GeneMutation{.rate = 2}.mutate(genome, random);
    ADD_FAILURE() << "no exception";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()), "GeneMutation::rate is 2; expected in [0, 1]");
  }
}

// A chain of different blocks as numbers below 24.
using Numbers = std::vector<std::size_t>;

shapes::Chain chain(std::size_t length) {
  shapes::Chain genome;
  genome.blocks.resize(length);
  for (std::size_t place = 0; place < length; ++place) {
    auto& block = genome.blocks[place];
    block.op = decltype(block.op)::at(place % 4);
    block.width = decltype(block.width)::at(place / 4);
  }
  return genome;
}

Numbers numbers(const shapes::Chain& genome) {
  Numbers values;
  for (const auto& block : genome.blocks) {
    values.push_back(block.op.index() + 4 * block.width.index() + 12 * block.kernel.index());
  }
  return values;
}

template <class Policy>
std::map<Numbers, std::size_t> outcomes(const shapes::Chain& genome, int mutants) {
  std::map<Numbers, std::size_t> counts;
  RandomStream random(7);
  for (int i = 0; i < mutants; ++i) {
    auto mutant = genome;
    Policy{}.mutate(mutant, random);
    ++counts[numbers(mutant)];
  }
  return counts;
}

// The outcomes are those of the model, each as often as the model reaches it.
void expect_outcomes(const std::map<Numbers, std::size_t>& counts, const std::map<Numbers, double>& shares,
                     int mutants) {
  std::vector<std::size_t> observed;
  std::vector<double> expected;
  double total = 0;
  for (const auto& [outcome, share] : shares) total += share;
  for (const auto& [outcome, share] : shares) {
    observed.push_back(counts.count(outcome) ? counts.at(outcome) : 0);
    expected.push_back(mutants * share / total);
  }
  EXPECT_LT(chi_square(observed, expected), chi_square_limit(shares.size() - 1));
  for (const auto& [outcome, count] : counts) EXPECT_TRUE(shares.count(outcome));
}

TEST(InsertMutation, InsertsAnyItemAtAnyPlace) {
  const Numbers values = numbers(chain(5));
  std::map<Numbers, double> shares;
  for (std::size_t place = 0; place <= 5; ++place) {
    for (std::size_t item = 0; item < 24; ++item) {
      Numbers longer = values;
      longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(place), item);
      ++shares[longer];
    }
  }
  expect_outcomes(outcomes<InsertMutation>(chain(5), 30000), shares, 30000);
}

TEST(DeleteMutation, DeletesAnyItem) {
  const Numbers values = numbers(chain(9));
  std::map<Numbers, double> shares;
  for (std::size_t place = 0; place < 9; ++place) {
    Numbers shorter = values;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(place));
    ++shares[shorter];
  }
  expect_outcomes(outcomes<DeleteMutation>(chain(9), 9000), shares, 9000);
}

TEST(SwapMutation, ExchangesAnyTwo) {
  const Numbers values = numbers(chain(6));
  std::map<Numbers, double> shares;
  for (std::size_t first = 0; first < 6; ++first) {
    for (std::size_t second = 0; second < first; ++second) {
      Numbers exchanged = values;
      std::swap(exchanged[first], exchanged[second]);
      ++shares[exchanged];
    }
  }
  expect_outcomes(outcomes<SwapMutation>(chain(6), 15000), shares, 15000);
}

TEST(Mutations, LeaveWhatTheyCannotChange) {
  const Numbers full = numbers(chain(10)), least = numbers(chain(3));
  EXPECT_EQ(outcomes<InsertMutation>(chain(10), 100), (std::map<Numbers, std::size_t>{{full, 100}}));
  EXPECT_EQ(outcomes<DeleteMutation>(chain(3), 100), (std::map<Numbers, std::size_t>{{least, 100}}));
  RandomStream random(8);
  shapes::Bare empty;
  SwapMutation{}.mutate(empty, random);
  DeleteMutation{}.mutate(empty, random);
  EXPECT_TRUE(Equal{}(empty, shapes::Bare{}));
  const auto flat = sample<shapes::Flat>(random);
  auto mutant = flat;
  InsertMutation{}.mutate(mutant, random);
  DeleteMutation{}.mutate(mutant, random);
  SwapMutation{}.mutate(mutant, random);
  EXPECT_TRUE(Equal{}(flat, mutant));
}

// All genomes that lack one item, with the public members alone.
template <class Items>
Items without(Items items, std::size_t place) {
  for (; place + 1 < items.size(); ++place) items[place] = items[place + 1];
  items.resize(items.size() - 1);
  return items;
}

using Bytes = GenomeBytes<shapes::Nested>;

std::set<Bytes> deletions(const shapes::Nested& genome) {
  std::set<Bytes> results;
  for (std::size_t stage = 0; stage < genome.stages.size(); ++stage) {
    auto shorter = genome;
    shorter.stages = without(genome.stages, stage);
    results.insert(to_bytes(shorter));
    for (std::size_t block = 0; block < genome.stages[stage].blocks.size(); ++block) {
      shorter = genome;
      shorter.stages[stage].blocks = without(genome.stages[stage].blocks, block);
      results.insert(to_bytes(shorter));
    }
  }
  return results;
}

std::set<Bytes> swaps(const shapes::Nested& genome) {
  std::set<Bytes> results;
  const auto add = [&](auto items_of) {
    for (std::size_t first = 0; first < items_of(genome).size(); ++first) {
      for (std::size_t second = 0; second < first; ++second) {
        auto exchanged = genome;
        std::swap(items_of(exchanged)[first], items_of(exchanged)[second]);
        results.insert(to_bytes(exchanged));
      }
    }
  };
  add([](auto& nested) -> auto& { return nested.stages; });
  add([](auto& nested) -> auto& { return nested.tail; });
  for (std::size_t stage = 0; stage < genome.stages.size(); ++stage) {
    add([stage](auto& nested) -> auto& { return nested.stages[stage].blocks; });
  }
  return results;
}

TEST(Mutations, ReachInnerContainersToo) {
  RandomStream random(9);
  for (int round = 0; round < 20; ++round) {
    auto genome = sample<shapes::Nested>(random);
    const auto reached = [&](const auto& policy) {
      std::set<Bytes> results;
      for (int i = 0; i < 1000; ++i) {
        auto mutant = genome;
        policy.mutate(mutant, random);
        results.insert(to_bytes(mutant));
      }
      return results;
    };
    genome.stages.resize(3);
    genome.stages[0].blocks.resize(2);
    EXPECT_EQ(reached(DeleteMutation{}), deletions(genome));
    EXPECT_EQ(reached(SwapMutation{}), swaps(genome));

    std::set<std::vector<std::size_t>> lengths, expected;
    const auto lengths_of = [](const shapes::Nested& nested) {
      std::vector<std::size_t> result{nested.stages.size()};
      for (const auto& stage : nested.stages) result.push_back(stage.blocks.size());
      return result;
    };
    for (const Bytes& bytes : reached(InsertMutation{})) {
      const auto longer = from_bytes<shapes::Nested>(bytes);
      EXPECT_TRUE(deletions(longer).count(to_bytes(genome)));
      lengths.insert(lengths_of(longer));
    }
    for (std::size_t place = 0; place <= 3; ++place) {
      for (std::size_t blocks = 0; blocks <= 3; ++blocks) {
        auto longer = lengths_of(genome);
        ++longer[0];
        longer.insert(longer.begin() + 1 + static_cast<std::ptrdiff_t>(place), blocks);
        expected.insert(longer);
      }
      if (place < 3 && genome.stages[place].blocks.size() < 3) {
        auto longer = lengths_of(genome);
        ++longer[1 + place];
        expected.insert(longer);
      }
    }
    EXPECT_EQ(lengths, expected);
  }
}

TEST(OneOf, AppliesEachEquallyOften) {
  RandomStream random(10);
  std::array<std::size_t, 3> lengths{};  // 4, 5 or 6 blocks
  for (int i = 0; i < 9000; ++i) {
    auto genome = chain(5);
    OneOf<InsertMutation, DeleteMutation, SwapMutation>{}.mutate(genome, random);
    ++lengths.at(genome.blocks.size() - 4);
  }
  EXPECT_LT(chi_square(lengths), chi_square_limit(2));
}

}  // namespace mutation_test
