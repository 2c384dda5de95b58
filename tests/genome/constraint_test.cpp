// Constraints: what they allow, by enumeration of everything; that there are no dead ends; the count.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/constrained_grammar.hpp>
#include <gptnas/genome/enumerate.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/sample.hpp>

#include "../message_of.hpp"
#include "constrained_shapes.hpp"

namespace constraint_test {

namespace nas = gptnas;

struct SmallCell {
  using CellType = nas::Cell<4, 4, 1, 2>;
  BOOST_HANA_DEFINE_STRUCT(SmallCell, (CellType, cell), (nas::Choice<false, true>, flag));
};

// Cells behind other parts, and behind each other.
struct Stem {
  BOOST_HANA_DEFINE_STRUCT(Stem, (nas::Choice<1, 2>, width));
};
struct Mixed {
  using First = nas::Cell<3, 2, 1, 2>;
  using Second = nas::Cell<4, 4, 1, 2>;
  BOOST_HANA_DEFINE_STRUCT(Mixed, (nas::Sequence<Stem, 0, 2>, stems), (First, first), (Second, second));
};

// Whether a genome keeps its constraint, told without the library's automaton.
bool keeps(const shapes::Bounded& genome) {
  unsigned width = genome.stem, pixels = 8, cost = 8 * genome.stem / 4;
  for (const shapes::Pooled& layer : genome.layers) {
    cost += width * layer.width * pixels / 2;
    width = layer.width;
    if (layer.pool) pixels = pixels > 1 ? pixels / 2 : 1;
  }
  return cost <= 40;
}
bool keeps(const shapes::Balanced& genome) {
  unsigned pools = 0, width = 0;
  for (const shapes::Pooled& layer : genome.layers) {
    if (layer.width < width) return false;
    width = layer.width;
    pools += layer.pool;
  }
  return pools == 2;
}
bool keeps(const shapes::Picky& genome) {
  return (genome.digits[0] + genome.digits[1] + genome.digits[2] + genome.digits[3]) % 2 == 0;
}
template <class CellType>
bool keeps_cell(const CellType& cell) {
  std::array<bool, CellType::vertices> reached{true};
  std::size_t edges = 0;
  for (std::size_t to = 1; to < CellType::vertices; ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      reached[to] = reached[to] || (reached[from] && cell.edge(from, to));
      edges += cell.edge(from, to);
    }
  }
  return reached.back() && edges <= CellType::max_edges;
}
bool keeps(const SmallCell& genome) { return keeps_cell(genome.cell); }
bool keeps(const Mixed& genome) { return keeps_cell(genome.first) && keeps_cell(genome.second); }

// All values of a type, be they valid or not.
template <class Genome, class Visit>
void for_each_value(nas::GenomeBytes<Genome>& bytes, std::size_t index, const Visit& visit) {
  if (index == nas::Layout<Genome>::steps) return visit(nas::from_bytes<Genome>(bytes));
  const nas::Instruction& instruction = nas::layout<Genome>.instructions[index];
  std::uint8_t& byte = bytes[instruction.offset];
  if (instruction.kind == nas::Instruction::Kind::gene) {
    for (std::uint8_t value = 0; value < instruction.cardinality; ++value) {
      byte = value;
      for_each_value<Genome>(bytes, index + 1, visit);
    }
    byte = 0;
  } else if (instruction.kind == nas::Instruction::Kind::end) {
    for_each_value<Genome>(bytes, index + 1, visit);
  } else {
    byte = instruction.slot;
    if (instruction.slot >= instruction.min) for_each_value<Genome>(bytes, instruction.after, visit);
    byte = static_cast<std::uint8_t>(instruction.slot + 1);
    for_each_value<Genome>(bytes, index + 1, visit);
    byte = instruction.slot;
  }
}

template <class Genome>
struct ConstraintLaws : testing::Test {
  using Genomes = std::set<nas::GenomeBytes<Genome>>;

  ConstraintLaws() {
    nas::GenomeBytes<Genome> bytes{};
    for_each_value<Genome>(bytes, 0, [&](const Genome& genome) {
      ++values;
      if (keeps(genome)) genomes.insert(nas::to_bytes(genome));
    });
  }

  std::size_t values = 0;
  Genomes genomes;  // the valid ones
};
using Constrained = testing::Types<shapes::Bounded, shapes::Balanced, shapes::Picky, SmallCell, Mixed>;
TYPED_TEST_SUITE(ConstraintLaws, Constrained);

TYPED_TEST(ConstraintLaws, IsValidSaysWhatIs) {
  nas::GenomeBytes<TypeParam> bytes{};
  for_each_value<TypeParam>(bytes, 0,
                            [&](const TypeParam& genome) { ASSERT_EQ(nas::is_valid(genome), keeps(genome)); });
  EXPECT_LT(this->genomes.size(), this->values);
  EXPECT_GT(this->genomes.size(), 10u);
}

TYPED_TEST(ConstraintLaws, EveryGenomeIsVisitedOnce) {
  typename TestFixture::Genomes visited;
  nas::for_each_genome<TypeParam>(
      [&](const TypeParam& genome) { ASSERT_TRUE(visited.insert(nas::to_bytes(genome)).second); });
  EXPECT_EQ(visited, this->genomes);
}

TYPED_TEST(ConstraintLaws, TheCountIsExact) {
  if constexpr (!nas::detail::HasPredicate<TypeParam>) {
    EXPECT_EQ(to_string(nas::cardinality<TypeParam>()), std::to_string(this->genomes.size()));
  }
}

// Any legal token leads to a genome, and every genome is reached.
TYPED_TEST(ConstraintLaws, ThereAreNoDeadEnds) {
  nas::RandomStream random(1);
  for (int draw = 0; draw < 20000; ++draw) {
    nas::Prefix<TypeParam> prefix;
    while (!prefix.complete()) prefix.push(nas::sample_legal(prefix.legal(), random));
    if constexpr (!nas::detail::HasPredicate<TypeParam>) {
      ASSERT_TRUE(this->genomes.count(nas::to_bytes(prefix.genome()))) << nas::print(prefix.genome());
    }
  }
  for (const auto& bytes : this->genomes) {
    const auto genome = nas::from_bytes<TypeParam>(bytes);
    nas::Prefix<TypeParam> prefix;
    for (const nas::Token token : nas::encode(genome)) prefix.push(token);
    ASSERT_TRUE(prefix.complete());
    ASSERT_TRUE(nas::Equal{}(prefix.genome(), genome));
  }
}

TYPED_TEST(ConstraintLaws, NodesOfTheGrammarAreDifferent) {
  const auto& grammar = nas::ConstrainedGrammar<TypeParam>::instance();
  using Edge = typename nas::ConstrainedGrammar<TypeParam>::Edge;
  std::set<std::pair<std::size_t, std::vector<Edge>>> nodes;
  for (std::uint32_t node = 0; node < grammar.size(); ++node) {
    const auto edges = grammar.edges(node);
    EXPECT_TRUE(nodes.emplace(grammar.node(node).state, std::vector(edges.begin(), edges.end())).second) << node;
  }
}

// What is kept stays, whatever is open, and all that fits is reached.
TYPED_TEST(ConstraintLaws, APartialGenomeIsCompletedInEveryWay) {
  if constexpr (nas::detail::HasPredicate<TypeParam>) return;
  nas::RandomStream random(2);
  const std::vector<nas::GenomeBytes<TypeParam>> all(this->genomes.begin(), this->genomes.end());
  for (int draw = 0; draw < 40; ++draw) {
    const auto bytes = all[random.below(static_cast<std::uint32_t>(all.size()))];
    nas::PartialGenome<TypeParam> partial(nas::from_bytes<TypeParam>(bytes));
    std::vector<bool> open(sizeof(TypeParam));
    std::size_t component = 0;
    nas::for_each_step<TypeParam>(bytes, [&](std::size_t index, const nas::Instruction& instruction) {
      if (!instruction.begins_component) return;
      while (nas::layout<TypeParam>.components[component].begin != index) ++component;
      const nas::ComponentSite site = nas::layout<TypeParam>.components[component];
      if (!random.chance(0.4)) return;
      partial.open(site);
      for (std::size_t step = site.begin; step < site.end; ++step) {
        open[nas::layout<TypeParam>.instructions[step].offset] = true;
      }
    });
    typename TestFixture::Genomes expected, found;
    for (const auto& others : all) {
      bool fits = true;
      for (std::size_t byte = 0; byte < bytes.size(); ++byte)
        fits = fits && (open[byte] || bytes[byte] == others[byte]);
      if (fits) expected.insert(others);
    }
    for (std::size_t attempt = 0; attempt < 40 * expected.size(); ++attempt) {
      nas::Prefix<TypeParam> prefix(partial);
      while (!prefix.complete()) prefix.push(nas::sample_legal(prefix.legal(), random));
      ASSERT_TRUE(expected.count(nas::to_bytes(prefix.genome())));
      found.insert(nas::to_bytes(prefix.genome()));
    }
    if (expected.size() < 30) {
      EXPECT_EQ(found, expected);
    }
  }
}

// Every one of the valid genomes of a fixed length has the same chance.
TEST(Constraint, SamplesAreUniformWhereTheLengthIsFixed) {
  nas::RandomStream random(3);
  std::unordered_map<SmallCell, std::size_t, nas::Hash, nas::Equal> counts;
  nas::for_each_genome<SmallCell>([&](const SmallCell& genome) { counts[genome] = 0; });
  const std::size_t draws = 200 * counts.size();
  for (std::size_t draw = 0; draw < draws; ++draw) ++counts.at(nas::sample<SmallCell>(random));
  double sum = 0;
  for (const auto& [genome, count] : counts)
    sum += (static_cast<double>(count) - 200) * (static_cast<double>(count) - 200) / 200;
  const double degrees = static_cast<double>(counts.size() - 1);
  EXPECT_LT(sum, degrees + 5 * std::sqrt(2 * degrees));
}

// Where a constraint is so narrow that no random genome keeps it, sampling goes token by token.
struct Narrow {
  BOOST_HANA_DEFINE_STRUCT(Narrow, (nas::Repeat<nas::Choice<0, 1, 2, 3>, 12>, digits));
  struct Constraint {
    using State = int;
    static State start() { return 0; }
    static State step(State state, nas::Choice<0, 1, 2, 3> digit) { return state + digit; }
    static bool accepts(State state) { return state == 35; }
  };
};

TEST(Constraint, MayBeNarrow) {
  nas::RandomStream random(4);
  EXPECT_EQ(to_string(nas::cardinality<Narrow>()), "12");
  std::unordered_set<Narrow, nas::Hash, nas::Equal> found;
  for (int draw = 0; draw < 300; ++draw) found.insert(nas::sample<Narrow>(random));
  EXPECT_EQ(found.size(), 12u);
  Narrow genome = *found.begin();
  for (int draw = 0; draw < 100; ++draw) {
    const Narrow parent = genome;
    nas::OneGeneMutation{}.mutate(genome, random);
    ASSERT_TRUE(nas::is_valid(genome));
    ASSERT_FALSE(nas::Equal{}(genome, parent));
  }
}

// One of 1,000 random genomes keeps the bound.
struct Cheap {
  BOOST_HANA_DEFINE_STRUCT(Cheap, (nas::Repeat<nas::Choice<0, 1, 2, 3, 4, 5, 6, 7, 8, 9>, 8>, digits));
  struct Constraint {
    using State = int;
    static constexpr std::uint64_t max_cost = 12;
    static State start() { return 0; }
    static State step(State state, nas::Choice<0, 1, 2, 3, 4, 5, 6, 7, 8, 9>) { return state; }
    static std::uint64_t cost(State, nas::Choice<0, 1, 2, 3, 4, 5, 6, 7, 8, 9> digit) {
      return static_cast<std::uint64_t>(digit.value());
    }
    static bool accepts(State) { return true; }
  };
};

// No component takes what the later ones then lack. The mean of a place is 12/9, its deviation below 2.
TEST(Constraint, SamplesSpendABoundEverywhere) {
  nas::RandomStream random(8);
  std::array<double, 8> sums{};
  constexpr int samples = 2000;
  for (int i = 0; i < samples; ++i) {
    const auto genome = nas::sample<Cheap>(random);
    for (std::size_t place = 0; place < sums.size(); ++place) sums[place] += genome.digits[place].value();
  }
  for (const double sum : sums) EXPECT_NEAR(sum / samples, 12.0 / 9, 4 * 2 / std::sqrt(samples));
}

// A cost that says "never" may be the largest number, and four of them together are none.
struct Forbidding {
  BOOST_HANA_DEFINE_STRUCT(Forbidding, (nas::Repeat<nas::Choice<0, 1, 2, 3>, 4>, operations));
  struct Constraint {
    using State = int;
    static constexpr std::uint64_t max_cost = 100;
    static State start() { return 0; }
    static State step(State state, nas::Choice<0, 1, 2, 3>) { return state; }
    static std::uint64_t cost(State, nas::Choice<0, 1, 2, 3> operation) {
      return operation == 3 ? std::numeric_limits<std::uint64_t>::max() : 1 + operation.index();
    }
    static bool accepts(State) { return true; }
  };
};

TEST(Constraint, CostsAreNotAddedBeyondTheLargestNumber) {
  EXPECT_EQ(to_string(nas::cardinality<Forbidding>()), "81");
  nas::RandomStream random(9);
  for (int i = 0; i < 300; ++i) {
    const auto genome = nas::sample<Forbidding>(random);
    ASSERT_TRUE(std::none_of(genome.operations.begin(), genome.operations.end(), [](auto each) { return each == 3; }));
  }
  std::size_t valid = 0;
  for (std::size_t number = 0; number < 256; ++number) {
    Forbidding genome;
    for (std::size_t place = 0, rest = number; place < 4; ++place, rest /= 4) {
      genome.operations[place] = nas::Choice<0, 1, 2, 3>::at(rest % 4);
    }
    valid += nas::is_valid(genome);
  }
  EXPECT_EQ(valid, 81u);
}

// Behind a 1, each 1 takes the whole bound.
struct Dear {
  using Digit = nas::Choice<0, 1>;
  BOOST_HANA_DEFINE_STRUCT(Dear, (nas::Repeat<Digit, 3>, digits));
  struct Constraint {
    using State = int;  // the first digit
    static constexpr std::uint64_t max_cost = std::uint64_t{1} << 63;
    static State start() { return -1; }
    static State step(State state, Digit digit) { return state < 0 ? digit.value() : state; }
    static std::uint64_t cost(State state, Digit digit) { return state == 1 && digit == 1 ? max_cost : 0; }
    static bool accepts(State) { return true; }
  };
};

TEST(Constraint, WhatIsKeptMayCostMoreThanTheLargestNumber) {
  EXPECT_EQ(to_string(nas::cardinality<Dear>()), "7");
  std::size_t visited = 0;
  nas::for_each_genome<Dear>([&](const Dear& genome) { visited += nas::is_valid(genome); });
  EXPECT_EQ(visited, 7u);
  nas::PartialGenome<Dear> partial(Dear{{0, 1, 1}});
  partial.open(nas::layout<Dear>.components[0]);
  const nas::Prefix<Dear> prefix(partial);
  const std::size_t token = nas::layout<Dear>.instructions[0].token;
  EXPECT_TRUE(prefix.legal()[token]);
  EXPECT_FALSE(prefix.legal()[token + 1]);
}

// More genomes than a double counts.
struct Vast {
  using Digit = nas::Choice<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>;
  BOOST_HANA_DEFINE_STRUCT(Vast, (nas::Repeat<Digit, 300>, digits));
  struct Constraint {
    using State = int;  // the sum, by which one in 251 is accepted
    static State start() { return 0; }
    static State step(State state, Digit digit) { return (state + digit) % 251; }
    static bool accepts(State state) { return state == 7; }
  };
};

TEST(Constraint, MayHaveMoreGenomesThanANumberHolds) {
  nas::RandomStream random(10);
  double sum = 0;
  for (int i = 0; i < 50; ++i) {
    const auto genome = nas::sample<Vast>(random);
    ASSERT_TRUE(nas::is_valid(genome));
    sum += genome.digits[0].value();
  }
  EXPECT_NEAR(sum / 50, 7.5, 3);
}

// A first item may take the whole bound; what would go on without it is more than a double counts.
struct Greedy {
  struct Item {
    BOOST_HANA_DEFINE_STRUCT(Item, (Vast::Digit, first), (Vast::Digit, second));
  };
  BOOST_HANA_DEFINE_STRUCT(Greedy, (nas::Sequence<Item, 1, 255>, items));
  struct Constraint {
    using State = int;
    static constexpr std::uint64_t max_cost = 255;
    static State start() { return 0; }
    static State step(State state, const Item&) { return state; }
    static std::uint64_t cost(State, const Item& item) { return item.first == 15 ? max_cost : 1; }
    static bool accepts(State) { return true; }
  };
};

TEST(Constraint, SomeTokenHasAChanceWhereverTheBudgetEnds) {
  const Greedy greedy{{{{15, 0}}}};
  nas::Prefix<Greedy> prefix;
  for (const nas::Token token : nas::encode(greedy)) {
    const auto continuations = prefix.continuations();
    EXPECT_EQ(*std::max_element(continuations.begin(), continuations.end()), 1);
    EXPECT_GE(continuations[token], 0);
    prefix.push(token);
  }
  EXPECT_TRUE(prefix.complete());
}

struct Empty {
  BOOST_HANA_DEFINE_STRUCT(Empty, (nas::Repeat<nas::Choice<0, 1>, 3>, digits));
  struct Constraint {
    using State = int;
    static State start() { return 0; }
    static State step(State state, nas::Choice<0, 1> digit) { return state + digit; }
    static bool accepts(State state) { return state == 4; }
  };
};
struct Never {
  BOOST_HANA_DEFINE_STRUCT(Never, (nas::Repeat<nas::Choice<0, 1>, 3>, digits));
  static bool allows(const Never&) { return false; }
};

// One genome of 512.
struct Rare {
  BOOST_HANA_DEFINE_STRUCT(Rare, (nas::Repeat<nas::Choice<0, 1>, 9>, digits));
  static bool allows(const Rare& genome) {
    return std::all_of(genome.digits.begin(), genome.digits.end(), [](const auto& digit) { return digit == 1; });
  }
};

TEST(Constraint, ThatFewSatisfyIsSampled) {
  nas::RandomStream random(5);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(Rare::allows(nas::sample<Rare>(random)));
}

TEST(Constraint, ThatNothingSatisfiesIsAnError) {
  nas::RandomStream random(5);
  EXPECT_EQ(gptnas_test::message_of<std::logic_error>([&] { nas::sample<Empty>(random); }),
            "gptnas: no genome satisfies its Constraint; see docs/concepts.md#constraint");
  EXPECT_EQ(gptnas_test::message_of<std::runtime_error>([&] { nas::sample<Never>(random); }),
            "sample: none of 10000 random genomes is allowed; expected a predicate that holds more often");
}

TEST(Constraint, IllegalTokensAreRefused) {
  nas::Prefix<shapes::Balanced> prefix;
  EXPECT_EQ(gptnas_test::message_of([&] { prefix.push(0); }), "Prefix::push: token is 0; expected a legal one");
  EXPECT_EQ(gptnas_test::message_of([&] { nas::decode<shapes::Balanced>(nas::encode(shapes::Balanced{})); }),
            "decode: the genome {layers=[1-false 1-false 1-false 1-false 1-false]} breaks the constraint of its type");
}

}  // namespace constraint_test
