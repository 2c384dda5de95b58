// The laws of every shipped space: whatever samples, changes, recombines or proposes its genomes gives valid ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <span>
#include <unordered_map>
#include <vector>

#include <gptnas/concepts/space.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/cell_mutations.hpp>
#include <gptnas/evolution/component_crossover.hpp>
#include <gptnas/evolution/default_mutation.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/one_point_crossover.hpp>
#include <gptnas/evolution/two_point_crossover.hpp>
#include <gptnas/evolution/uniform_crossover.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/enumerate.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/infilling.hpp>
#include <gptnas/proposers/left_to_right.hpp>
#include <gptnas/proposers/quality_conditioned.hpp>
#include <gptnas/proposers/unconditioned.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>
#include <gptnas/spaces/darts.hpp>
#include <gptnas/spaces/gpt_nas.hpp>
#include <gptnas/spaces/mobilenet_v3.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/spaces/nas_bench_macro.hpp>

#include "../evolution/cell_shapes.hpp"
#include "../evolution/valid.hpp"
#include "../genome/constrained_shapes.hpp"
#include "../genome/shapes.hpp"
#include "../roomy_gpt_size.hpp"
#include "../sanitized.hpp"

namespace laws_test {

using namespace gptnas;
using gptnas_test::valid;

constexpr int draws = GPTNAS_SANITIZED ? 1000 : 100000;

template <class SpaceType>
struct SpaceLaws : testing::Test {};
using Spaces = testing::Types<NasBench101, NasBench201, NasBenchMacro, Darts<>, Darts<20, 36, DartsCellsWithNone>,
                              GptNas, MobileNetV3, MobileNetV3Within<60'000'000>>;
TYPED_TEST_SUITE(SpaceLaws, Spaces);

TYPED_TEST(SpaceLaws, SamplesAreValid) {
  RandomStream random(1);
  for (int draw = 0; draw < draws; ++draw) ASSERT_TRUE(valid(sample<typename TypeParam::Genome>(random)));
}

TYPED_TEST(SpaceLaws, MutantsAreValid) {
  using Genome = typename TypeParam::Genome;
  RandomStream random(2);
  Genome genome = sample<Genome>(random);
  for (int draw = 0; draw < draws; ++draw) {
    const Genome parent = genome;
    DefaultMutation{}.mutate(genome, random);
    ASSERT_TRUE(valid(genome));
    Genome other = parent;
    OneGeneMutation{}.mutate(other, random);
    ASSERT_TRUE(valid(other));
    ASSERT_FALSE(Equal{}(other, parent)) << print(parent);
    if (draw % 100 == 0) genome = sample<Genome>(random);
  }
}

TYPED_TEST(SpaceLaws, ChildrenAreValid) {
  using Genome = typename TypeParam::Genome;
  RandomStream random(3);
  for (int draw = 0; draw < draws; draw += 4) {
    const Genome first = sample<Genome>(random), second = sample<Genome>(random);
    ASSERT_TRUE(valid(OnePointCrossover{}.cross(first, second, random)));
    ASSERT_TRUE(valid(TwoPointCrossover{}.cross(first, second, random)));
    ASSERT_TRUE(valid(UniformCrossover{}.cross(first, second, random)));
    ASSERT_TRUE(valid(ComponentCrossover{}.cross(first, second, random)));
  }
}

TYPED_TEST(SpaceLaws, UniformReconstructionsAreValid) {
  RandomStream random(4);
  UniformProposer<TypeParam> proposer;
  auto genome = proposer.propose(random);
  for (int draw = 0; draw < draws; ++draw) {
    proposer.reconstruct(genome, 0.2, random);
    ASSERT_TRUE(valid(genome));
  }
}

// Whole genomes and reconstructions, of a GPT that learns during the first of them.
template <class SpaceType, class Conditioning, class Order>
void check_gpt_proposals(int proposals) {
  GptProposer<SpaceType, EigenBackend<float>, Conditioning, Order, RoomyGptSize> proposer(
      {.corpus = 100, .pretraining_steps = 10, .lesson_steps_per_token = 0.2});
  RandomStream random(5);
  for (int draw = 0; draw < proposals; draw += 2) {
    Individual<SpaceType> individual{.genome = proposer.propose(random)};
    ASSERT_TRUE(valid(individual.genome));
    proposer.reconstruct(individual.genome, 0.2, random);
    ASSERT_TRUE(valid(individual.genome));
    const double fitness = random.uniform();
    if (draw < 60) proposer.observe(individual, std::span(&fitness, 1));
  }
}

TYPED_TEST(SpaceLaws, GptProposalsAreValid) { check_gpt_proposals<TypeParam, Unconditioned, Infilling>(draws); }

TYPED_TEST(SpaceLaws, ProposalsFromLeftToRightAreValid) {
  check_gpt_proposals<TypeParam, Unconditioned, LeftToRight>(draws);
}

TYPED_TEST(SpaceLaws, ProposalsByInfillingAndQualityAreValid) {
  check_gpt_proposals<TypeParam, QualityConditioned<2>, Infilling>(draws / 5);
}

// On small types, every genome is visited.
template <class Type>
struct SpaceOf {
  using Genome = Type;
};

template <class SpaceType>
struct SmallSpaceLaws : testing::Test {};
using SmallSpaces = testing::Types<NasBench201, NasBenchMacro, SpaceOf<shapes::SmallCell>, SpaceOf<shapes::TwoCells>,
                                   SpaceOf<shapes::Bounded>, SpaceOf<shapes::Balanced>, SpaceOf<shapes::Picky>,
                                   SpaceOf<shapes::Small>>;
TYPED_TEST_SUITE(SmallSpaceLaws, SmallSpaces);

// Whether each of the nodes is reached from the first one.
bool reaches_all(const std::vector<std::vector<std::size_t>>& edges) {
  std::vector<bool> seen(edges.size());
  std::vector<std::size_t> open{0};
  seen[0] = true;
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    for (const std::size_t next : edges[node]) {
      if (!seen[next]) open.push_back(next);
      seen[next] = true;
    }
  }
  return std::find(seen.begin(), seen.end(), false) == seen.end();
}

// The graph of what a mutation makes of what is strongly connected.
template <class Genome, class Policy>
void check_reachability(const Policy& policy) {
  std::unordered_map<Genome, std::size_t, Hash, Equal> numbers;
  std::vector<Genome> genomes;
  for_each_genome<Genome>([&](const Genome& genome) {
    ASSERT_TRUE(valid(genome));
    ASSERT_TRUE(numbers.emplace(genome, genomes.size()).second);
    genomes.push_back(genome);
  });
  std::vector<std::vector<std::size_t>> to(genomes.size()), from(genomes.size());
  RandomStream random(6);
  for (std::size_t number = 0; number < genomes.size(); ++number) {
    for (int draw = 0; draw < 100; ++draw) {
      Genome genome = genomes[number];
      policy.mutate(genome, random);
      const std::size_t mutant = numbers.at(genome);
      to[number].push_back(mutant);
      from[mutant].push_back(number);
    }
  }
  EXPECT_TRUE(reaches_all(to));
  EXPECT_TRUE(reaches_all(from));
}

TYPED_TEST(SmallSpaceLaws, MutationLeadsFromAnyGenomeToAnyOther) {
  check_reachability<typename TypeParam::Genome>(DefaultMutation{});
}

TYPED_TEST(SmallSpaceLaws, NeighboursAreMutual) {
  using Genome = typename TypeParam::Genome;
  std::size_t checked = 0;
  for_each_genome<Genome>([&](const Genome& genome) {
    if (++checked > 500) return;
    for (const Genome& neighbour : neighbours(genome)) {
      ASSERT_TRUE(valid(neighbour));
      std::size_t back = 0;
      for (const Genome& each : neighbours(neighbour)) back += Equal{}(each, genome);
      ASSERT_EQ(back, 1u);
    }
  });
}

TEST(CellMutations, LeadFromAnyGenomeToAnyOther) {
  check_reachability<shapes::SmallCell>(CellMutation{});
  check_reachability<shapes::TwoCells>(CellMutation{});
}

TEST(CellMutations, MutantsAreValid) {
  using Genome = NasBench101::Genome;
  RandomStream random(8);
  Genome genome = sample<Genome>(random);
  for (int draw = 0; draw < draws; ++draw) {
    CellMutation{}.mutate(genome, random);
    ASSERT_TRUE(valid(genome));
    if (draw % 100 == 0) genome = sample<Genome>(random);
  }
}

// What each mutation of cells promises.
TEST(CellMutations, ChangeWhatTheySay) {
  using Genome = NasBench101::Genome;
  RandomStream random(7);
  const auto operations_differ = [](const Genome& a, const Genome& b) {
    int count = 0;
    for (std::size_t vertex = 1; vertex < 6; ++vertex) count += a.cell.operation(vertex) != b.cell.operation(vertex);
    return count;
  };
  const auto edges_differ = [](const Genome& a, const Genome& b) {
    int count = 0;
    for (std::size_t to = 1; to < 7; ++to) count += std::popcount(a.cell.sources(to) ^ b.cell.sources(to));
    return count;
  };
  int removed = 0, moved = 0;
  for (int draw = 0; draw < 2000; ++draw) {
    const Genome parent = sample<Genome>(random);
    const std::size_t edges = parent.cell.edge_count();
    Genome child = parent;
    AddEdgeMutation{}.mutate(child, random);
    ASSERT_TRUE(valid(child));
    ASSERT_EQ(child.cell.edge_count(), edges < 9 ? edges + 1 : edges);
    ASSERT_EQ(edges_differ(child, parent), edges < 9);
    child = parent;
    RemoveEdgeMutation{}.mutate(child, random);
    ASSERT_TRUE(valid(child));
    ASSERT_LE(edges_differ(child, parent), 1);
    ASSERT_LE(child.cell.edge_count(), edges);
    removed += child.cell.edge_count() < edges;
    child = parent;
    MoveEdgeMutation{}.mutate(child, random);
    ASSERT_TRUE(valid(child));
    ASSERT_EQ(child.cell.edge_count(), edges);
    moved += edges_differ(child, parent) == 2;
    child = parent;
    OperationMutation{}.mutate(child, random);
    ASSERT_TRUE(valid(child));
    ASSERT_EQ(operations_differ(child, parent), 1);
    ASSERT_EQ(edges_differ(child, parent), 0);
  }
  EXPECT_GT(removed, 1900);  // a cell that is one path has no edge to spare
  EXPECT_GT(moved, 1990);
}

}  // namespace laws_test
