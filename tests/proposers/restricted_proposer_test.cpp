// A proposer that keeps to a list, against a search of the list by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gptnas/concepts/proposer.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/restricted_proposer.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>

#include "../genome/constrained_shapes.hpp"
#include "../genome/shapes.hpp"
#include "../message_of.hpp"

namespace restricted_proposer_test {

using namespace gptnas;

template <class Type>
struct SpaceOf {
  using Genome = Type;
};

template <class Genome>
std::vector<Genome> samples(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<Genome> genomes;
  for (std::size_t i = 0; i < count; ++i) genomes.push_back(sample<Genome>(random));
  return genomes;
}

template <class Genome>
bool has(const std::vector<Genome>& genomes, const Genome& genome) {
  return std::ranges::any_of(genomes, [&](const Genome& each) {
    return Equal{}(canonical_of<SpaceOf<Genome>>(each), canonical_of<SpaceOf<Genome>>(genome));
  });
}

template <class Genome>
std::size_t distance(const Genome& first, const Genome& second) {
  const auto left = to_bytes(first), right = to_bytes(second);
  std::size_t different = 0;
  for (std::size_t i = 0; i < left.size(); ++i) different += left[i] != right[i];
  return different;
}

template <class Genome>
struct RestrictedLaws : testing::Test {};
using Shapes = testing::Types<shapes::Flat, shapes::Cell, shapes::Chain, shapes::Nested, shapes::Bounded>;
TYPED_TEST_SUITE(RestrictedLaws, Shapes);

TYPED_TEST(RestrictedLaws, ProposesWhatIsInTheListAndWasNotObserved) {
  using Space = SpaceOf<TypeParam>;
  static_assert(Proposer<RestrictedProposer<Space, UniformProposer<Space>>, Space>);
  std::vector<TypeParam> waiting = samples<TypeParam>(40, 1);
  const std::vector<TypeParam> allowed = waiting;
  UniformProposer<Space> free;
  RestrictedProposer<Space, UniformProposer<Space>> proposer({}, allowed);
  for (std::uint64_t id = 0; id < 100 && !waiting.empty(); ++id) {
    RandomStream random(2, id, Purpose::propose), same = random, again = random;
    TypeParam genome = allowed[id % allowed.size()], proposal = genome, twin = genome;
    proposer.reconstruct(genome, 0, random);
    proposer.reconstruct(twin, 0, again);
    EXPECT_TRUE(Equal{}(genome, twin));
    free.reconstruct(proposal, 0, same);
    if (has(allowed, proposal)) {
      EXPECT_TRUE(Equal{}(genome, proposal));
    } else {
      ASSERT_TRUE(has(waiting, genome));
      for (const TypeParam& each : waiting) EXPECT_LE(distance(genome, proposal), distance(each, proposal));
    }
    const double fitness = 1;
    proposer.observe(Individual<Space>{.id = id, .genome = genome}, std::span(&fitness, 1));
    std::erase_if(waiting, [&](const TypeParam& each) { return has(std::vector{genome}, each); });
  }
}

// Of whatever else the list has, and without a draw of its own.
TYPED_TEST(RestrictedLaws, WhatTheListHasIsProposedAsItIs) {
  using Space = SpaceOf<TypeParam>;
  NoProposer<Space> free;
  RandomStream random(3), same(3);
  for (std::uint64_t i = 0; i < 50; ++i) {
    const TypeParam expected = free.propose(random);
    std::vector<TypeParam> allowed = samples<TypeParam>(40, i + 4);
    allowed.push_back(expected);
    RestrictedProposer<Space, NoProposer<Space>> proposer({}, allowed);
    EXPECT_TRUE(Equal{}(proposer.propose(same), expected));
    EXPECT_EQ(same.uniform(), random.uniform());
  }
}

TEST(RestrictedProposer, KeepsToItsListOnceAllWereObserved) {
  using Space = SpaceOf<shapes::Cell>;
  const auto allowed = samples<shapes::Cell>(2, 1);
  RestrictedProposer<Space, NoProposer<Space>> proposer({}, allowed);
  for (const auto& genome : allowed) proposer.observe(Individual<Space>{.genome = genome}, {});  // failures
  RandomStream random(4), same(4);
  const auto free = sample<shapes::Cell>(same);
  const auto genome = proposer.propose(random);
  ASSERT_TRUE(has(allowed, genome));
  for (const auto& each : allowed) EXPECT_LE(distance(genome, free), distance(each, free));
}

TEST(RestrictedProposer, RefusesAnEmptyList) {
  using Space = SpaceOf<shapes::Cell>;
  EXPECT_EQ(gptnas_test::message_of([] { RestrictedProposer<Space, NoProposer<Space>>({}, {}); }),
            "RestrictedProposer: number of genomes is 0; expected at least 1");
}

// The nearest of all that are equally near is not always the first.
TEST(RestrictedProposer, PrefersNoPlaceOfTheList) {
  using Genome = Repeat<Choice<0, 1, 2, 3, 4>, 3>;
  using Space = SpaceOf<Genome>;
  std::vector<Genome> allowed(4);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t gene = 0; gene < 3; ++gene) set_gene_value(allowed[i], gene, i + 1);
  }
  RestrictedProposer<Space, NoProposer<Space>> proposer({}, allowed);
  std::vector<std::size_t> counts(5);
  RandomStream random(6);
  for (int i = 0; i < 400; ++i) {
    Genome genome;  // all 0
    proposer.reconstruct(genome, 0, random);
    ++counts[gene_value(genome, 0)];
  }
  EXPECT_EQ(counts[0], 0u);
  for (std::size_t value = 1; value < 5; ++value) EXPECT_NEAR(static_cast<double>(counts[value]), 100, 35);
}

}  // namespace restricted_proposer_test
