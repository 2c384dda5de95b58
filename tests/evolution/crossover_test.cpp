// Laws that hold for every crossover and genome, and the distribution of each crossover's children.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include <gptnas/concepts/crossover.hpp>
#include <gptnas/evolution/component_crossover.hpp>
#include <gptnas/evolution/one_point_crossover.hpp>
#include <gptnas/evolution/two_point_crossover.hpp>
#include <gptnas/evolution/uniform_crossover.hpp>
#include <gptnas/genome/sample.hpp>

#include "../chi_square.hpp"
#include "../genome/constrained_shapes.hpp"
#include "../genome/shapes.hpp"
#include "cell_shapes.hpp"
#include "valid.hpp"

namespace crossover_test {

using namespace gptnas;
using gptnas_test::chi_square;
using gptnas_test::chi_square_limit;
using gptnas_test::valid;

// Every gene and length of the child stands in a parent that has it, at the same place.
template <class Genome>
testing::AssertionResult inherits(const Genome& child, const Genome& first, const Genome& second) {
  std::array<std::bitset<Layout<Genome>::steps>, 2> passed;
  const std::array bytes{to_bytes(first), to_bytes(second)};
  for (std::size_t parent = 0; parent < 2; ++parent) {
    for_each_step<Genome>(bytes[parent], [&](std::size_t index, const Instruction&) { passed[parent].set(index); });
  }
  auto result = testing::AssertionSuccess();
  for_each_step<Genome>(to_bytes(child), [&](std::size_t index, const Instruction& instruction) {
    const std::uint8_t value = to_bytes(child)[instruction.offset];
    for (std::size_t parent = 0; parent < 2; ++parent) {
      if (passed[parent][index] && bytes[parent][instruction.offset] == value) return;
    }
    result = testing::AssertionFailure() << print(child) << " of " << print(first) << " and " << print(second);
  });
  return result;
}

template <class Genome, class Policy>
void check_laws(const Policy& policy) {
  static_assert(Crossover<Policy, Genome>);
  RandomStream parents(1);
  for (std::uint64_t id = 0; id < 2000; ++id) {
    const auto first = sample<Genome>(parents), second = sample<Genome>(parents);
    RandomStream random(2, id), again(2, id);
    const Genome child = policy.cross(first, second, random);
    ASSERT_TRUE(valid(child));
    ASSERT_TRUE(inherits(child, first, second));
    ASSERT_TRUE(Equal{}(child, policy.cross(first, second, again)));
    ASSERT_EQ(random(), again());
    ASSERT_TRUE(Equal{}(first, policy.cross(first, first, random)));
  }
}

template <class Genome>
struct CrossoverLaws : testing::Test {};
using Shapes = testing::Types<shapes::Flat, shapes::Cell, shapes::Chain, shapes::Nested, shapes::Small, shapes::Bare,
                              shapes::Bounded, shapes::Balanced, shapes::Picky, shapes::SmallCell, shapes::TwoCells>;
TYPED_TEST_SUITE(CrossoverLaws, Shapes);

TYPED_TEST(CrossoverLaws, OnePoint) { check_laws<TypeParam>(OnePointCrossover{}); }
TYPED_TEST(CrossoverLaws, TwoPoint) { check_laws<TypeParam>(TwoPointCrossover{}); }
TYPED_TEST(CrossoverLaws, Uniform) { check_laws<TypeParam>(UniformCrossover{}); }
TYPED_TEST(CrossoverLaws, Component) { check_laws<TypeParam>(ComponentCrossover{}); }

// A predicate that only two genomes satisfy.
struct Constant {
  BOOST_HANA_DEFINE_STRUCT(Constant, (Repeat<Choice<0, 1>, 9>, digits));

  static bool allows(const Constant& genome) {
    return std::all_of(genome.digits.begin(), genome.digits.end(),
                       [&](const auto& digit) { return digit.index() == genome.digits[0].index(); });
  }
};

TEST(Crossovers, GiveAParentWhereNoChildOfBothIsLegal) {
  Constant zeros, ones;
  for (auto& digit : ones.digits) digit = 1;
  RandomStream random(7);
  const auto check = [&](const auto& policy) {
    for (int i = 0; i < 1000; ++i) {
      const Constant child = policy.cross(zeros, ones, random);
      ASSERT_TRUE(Equal{}(child, zeros) || Equal{}(child, ones)) << print(child);
    }
  };
  check(OnePointCrossover{});
  check(TwoPointCrossover{});
  check(UniformCrossover{});
  check(ComponentCrossover{});
}

// A predicate that, of the children of two constant genomes, one cut satisfies.
struct Halves {
  BOOST_HANA_DEFINE_STRUCT(Halves, (Repeat<Choice<0, 1>, 6>, digits));

  static bool allows(const Halves& genome) {
    for (const std::size_t place : {1u, 2u, 4u, 5u}) {
      if (genome.digits[place].index() != genome.digits[place - 1].index()) return false;
    }
    return true;
  }
};

TEST(OnePointCrossover, FindsTheOnlyLegalCut) {
  Halves zeros, ones, expected;
  for (auto& digit : ones.digits) digit = 1;
  for (std::size_t place = 3; place < 6; ++place) expected.digits[place] = 1;
  RandomStream random(8);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Equal{}(OnePointCrossover{}.cross(zeros, ones, random), expected));
}

// Which of six edges come from the second parent, as bits, and how often.
template <class Policy>
std::vector<std::size_t> edge_patterns(const Policy& policy, int children) {
  shapes::Cell first, second;
  for (auto& edge : second.edges) edge = 1;
  std::vector<std::size_t> counts(64);
  RandomStream random(3);
  for (int i = 0; i < children; ++i) {
    const shapes::Cell child = policy.cross(first, second, random);
    std::size_t pattern = 0;
    for (std::size_t edge = 0; edge < 6; ++edge) pattern |= child.edges[edge].index() << edge;
    ++counts[pattern];
  }
  return counts;
}

TEST(UniformCrossover, TakesEveryGeneFromEitherParentIndependently) {
  EXPECT_LT(chi_square(edge_patterns(UniformCrossover{}, 64000)), chi_square_limit(63));
}

TEST(ComponentCrossover, TakesEveryComponentFromEitherParentIndependently) {
  EXPECT_LT(chi_square(edge_patterns(ComponentCrossover{}, 64000)), chi_square_limit(63));
}

TEST(OnePointCrossover, CutsAnywhereAndTakesOfBoth) {
  const auto counts = edge_patterns(OnePointCrossover{}, 5000);
  std::vector<double> expected(64);
  for (std::size_t cut = 1; cut <= 5; ++cut) expected[64 - (std::size_t{1} << cut)] = 1000;
  EXPECT_LT(chi_square(counts, expected), chi_square_limit(4));
}

TEST(TwoPointCrossover, TakesAnySegment) {
  const auto counts = edge_patterns(TwoPointCrossover{}, 21000);
  std::vector<double> expected(64);
  for (std::size_t begin = 0; begin < 6; ++begin) {
    for (std::size_t end = begin + 1; end <= 6; ++end) {
      expected[(std::size_t{1} << end) - (std::size_t{1} << begin)] = 1000;
    }
  }
  EXPECT_LT(chi_square(counts, expected), chi_square_limit(20));
}

TEST(Crossovers, TakeALengthFromEitherParentAndWithOnePointThatOfTheTail) {
  RandomStream random(4);
  shapes::Chain shorter, longer;
  longer.blocks.resize(10);
  for (auto& block : longer.blocks) block = {shapes::Op::identity, 5, 64};
  const auto lengths = [&](const auto& policy) {
    std::set<std::size_t> reached;
    for (int i = 0; i < 1000; ++i) reached.insert(policy.cross(shorter, longer, random).blocks.size());
    return reached;
  };
  const std::set<std::size_t> both{3, 10};
  EXPECT_EQ(lengths(OnePointCrossover{}), std::set<std::size_t>{10});
  EXPECT_EQ(lengths(TwoPointCrossover{}), both);
  EXPECT_EQ(lengths(UniformCrossover{}), both);
  EXPECT_EQ(lengths(ComponentCrossover{}), both);
}

struct Blocks {
  BOOST_HANA_DEFINE_STRUCT(Blocks, (Repeat<shapes::Block, 5>, blocks), (shapes::Stage, head));
};

TEST(ComponentCrossover, KeepsComponentsWhole) {
  RandomStream random(5);
  for (int i = 0; i < 2000; ++i) {
    const auto first = sample<Blocks>(random), second = sample<Blocks>(random);
    const Blocks child = ComponentCrossover{}.cross(first, second, random);
    for (std::size_t place = 0; place < 5; ++place) {
      EXPECT_TRUE(Equal{}(child.blocks[place], first.blocks[place]) ||
                  Equal{}(child.blocks[place], second.blocks[place]));
    }
  }
}

TEST(ComponentCrossover, DrawsTheParentOfEveryItemAnewAlsoWhereItBeginsWithASequence) {
  shapes::Nested first, second;
  first.stages.resize(4);
  second.stages.resize(4);
  for (std::size_t stage = 0; stage < 4; ++stage) {
    first.stages[stage].blocks.resize(2);
    second.stages[stage] = {{{shapes::Op::identity, 5, 64}, {shapes::Op::identity, 5, 64}}, 2};
  }
  RandomStream random(6);
  std::array<std::size_t, 16> counts{};
  for (int i = 0; i < 16000; ++i) {
    const auto child = ComponentCrossover{}.cross(first, second, random);
    std::size_t pattern = 0;
    for (std::size_t stage = 0; stage < 4; ++stage) {
      const bool from_second = Equal{}(child.stages[stage], second.stages[stage]);
      ASSERT_TRUE(from_second || Equal{}(child.stages[stage], first.stages[stage]));
      pattern |= std::size_t{from_second} << stage;
    }
    ++counts[pattern];
  }
  EXPECT_LT(chi_square(counts), chi_square_limit(15));
}

}  // namespace crossover_test
