// Laws of infilling and of all policies of a GPT proposer, on genomes of every shape.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/infilling.hpp>
#include <gptnas/proposers/quality_conditioned.hpp>

#include "../genome/constrained_shapes.hpp"
#include "../genome/shapes.hpp"
#include "../roomy_gpt_size.hpp"
#include "../sanitized.hpp"

namespace infilling_test {

using namespace gptnas;
using shapes::Cell;

template <class Type>
struct SpaceOf {
  using Genome = Type;
};

// All that is pushed to it, and draws what a sequence says, from a place on.
struct Dictated {
  std::vector<Token> pushed;
  std::vector<Token> sequence;
  std::size_t given;

  void begin(RandomStream&) { pushed.clear(); }
  void push(std::size_t token) { pushed.push_back(static_cast<Token>(token)); }
  template <class Mask>
  std::size_t draw(const Mask& legal, RandomStream&) {
    EXPECT_GE(pushed.size(), given);
    EXPECT_TRUE(legal.at(sequence.at(pushed.size())));
    return sequence.at(pushed.size());
  }
};

template <class Genome>
struct InfillingLaws : testing::Test {};
using Shapes = testing::Types<shapes::Flat, shapes::Cell, shapes::Chain, shapes::Nested, shapes::Small, shapes::Bare,
                              shapes::Large, shapes::Bounded, shapes::Balanced, shapes::Picky>;
TYPED_TEST_SUITE(InfillingLaws, Shapes);

// The model reads exactly the sequence that it learned, but its end, and what it says is what is put into the genome.
TYPED_TEST(InfillingLaws, PredictionsReadWhatWasLearned) {
  RandomStream random(3);
  for (int i = 0; i < 300; ++i) {
    const auto genome = sample<TypeParam>(random);
    const auto chosen = choose_components(genome, random.uniform(), random);
    const HoledGenome<TypeParam> holed(genome, chosen);
    const auto sequence = holed.sequence();
    EXPECT_EQ(sequence.size(), encode(genome).size() + 2 * chosen.size());
    Dictated model{{}, {sequence.begin(), sequence.end()}, holed.kept.size()};
    auto filled = genome;
    reconstruct_infilling(filled, chosen, model, random);
    EXPECT_TRUE(Equal{}(filled, genome)) << print(filled) << " of " << print(genome);
    if (chosen.empty()) continue;
    ASSERT_LT(model.pushed.size(), sequence.size());
    EXPECT_GE(model.pushed.size(), holed.kept.size() + 1);
    EXPECT_TRUE(std::equal(model.pushed.begin(), model.pushed.end(), sequence.begin()));
  }
}

TEST(HoledGenome, HasAHoleForEachComponentAndThenWhatWasInIt) {
  Cell cell;
  for (std::size_t gene = 0; gene < 6; ++gene) set_gene_value(cell, gene, gene % 5);
  ChosenComponents<Cell> chosen;
  chosen.push_back(layout<Cell>.components[1]);
  chosen.push_back(layout<Cell>.components[4]);
  const auto sequence = HoledGenome<Cell>(cell, chosen).sequence();
  // tokens 1 to 5 are values, holes are 6 to 11
  EXPECT_EQ((std::vector<Token>(sequence.begin(), sequence.end())),
            (std::vector<Token>{1, 7, 3, 4, 10, 1, 7, 2, 10, 5}));
}

// Where the holes are, and what is kept, is not learned: it is never asked for.
TEST(Infilling, LearnsWhatIsDrawnAlone) {
  const GenomeGpt<Cell, EigenBackend<float>, Unconditioned, Infilling> gpt;
  GptSampler sampler(gpt.model());
  sampler.push(start_token);
  double total = 0, holes = 0;
  for (std::size_t token = 0; token < sampler.logits().size(); ++token) {
    const double weight = std::exp(static_cast<double>(sampler.logits()[token]));
    total += weight;
    if (token >= hole_token<Cell>(0)) holes += weight;
  }
  EXPECT_LT(holes / total, 0.02);  // three sequences in eight begin with a hole
}

template <class Genome>
struct GptPolicies : testing::Test {};
TYPED_TEST_SUITE(GptPolicies, Shapes);

struct Tokens {
  template <class Genome>
  double operator()(const Genome& genome) const {
    return static_cast<double>(encode(genome).size());
  }
};

// `decode` refuses what breaks a constraint.
template <class Genome>
bool valid(const Genome& genome) {
  return Equal{}(decode<Genome>(encode(genome)), genome);
}

TYPED_TEST(GptPolicies, TenThousandProposalsAreValid) {
  using Conditioning = QualityConditioned<2, Tokens, 2>;
  GptProposer<SpaceOf<TypeParam>, EigenBackend<float>, Conditioning, Infilling, RoomyGptSize> proposer(
      {.elimination = {.initial_rate = 0.5}, .corpus = 100, .pretraining_steps = 5, .lesson_steps_per_token = 0.2});
  RandomStream random(11);
  constexpr std::uint64_t proposals = GPTNAS_SANITIZED ? 300 : 10000;
  for (std::uint64_t id = 0; id < proposals; ++id) {
    Individual<SpaceOf<TypeParam>> individual{.id = id, .genome = proposer.propose(random)};
    ASSERT_TRUE(valid(individual.genome));
    proposer.reconstruct(individual.genome, 0, random);
    ASSERT_TRUE(valid(individual.genome));
    const double fitness = random.uniform();
    if (id < 100) proposer.observe(individual, std::span(&fitness, 1));
  }
}

// Genomes that are written side by side, more than there are rows, are those that the same streams give one by one; so
// are fewer after a lesson.
template <class Genome, class Conditioning, class Order>
void expect_the_same_side_by_side() {
  GenomeGpt<Genome, EigenBackend<float>, Conditioning, Order, RoomyGptSize> gpt(
      {.corpus = 100, .pretraining_steps = 5});
  RandomStream random(12);
  const auto compare = [&](std::size_t count, std::uint64_t seed) {
    std::vector<Genome> genomes;
    std::vector<ChosenComponents<Genome>> chosen;
    for (std::size_t i = 0; i < count; ++i) {
      genomes.push_back(sample<Genome>(random));
      chosen.push_back(choose_components(genomes.back(), random.uniform(), random));
    }
    const SamplingOptions sampling;
    std::vector<Genome> together = genomes;
    gpt.reconstruct(together, chosen, sampling, seed);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Genome alone = genomes[i];
      RandomStream own(seed, i, Purpose::reconstruct);
      auto writer = gpt.writer(sampling);
      Order::reconstruct(alone, chosen[i], writer, own);
      EXPECT_TRUE(Equal{}(together[i], alone)) << print(together[i]) << ", alone " << print(alone);
      changed += !Equal{}(together[i], genomes[i]);
    }
    EXPECT_GT(changed, count / 60);
  };
  compare(600, 7);
  for (int i = 0; i < 200 && !gpt.has_learned(); ++i) gpt.observe(sample<Genome>(random), random.uniform());
  ASSERT_TRUE(gpt.has_learned());
  compare(100, 8);
}

TYPED_TEST(GptPolicies, SideBySideEachIsAsAlone) {
  expect_the_same_side_by_side<TypeParam, QualityConditioned<2, Tokens, 2>, Infilling>();
}

template <class Genome>
class GptFromLeftToRight : public testing::Test {};
using ShapesFromLeftToRight = testing::Types<shapes::Cell, shapes::Nested, shapes::Balanced, shapes::Picky>;
TYPED_TEST_SUITE(GptFromLeftToRight, ShapesFromLeftToRight);

TYPED_TEST(GptFromLeftToRight, SideBySideEachIsAsAlone) {
  expect_the_same_side_by_side<TypeParam, Unconditioned, LeftToRight>();
}

}  // namespace infilling_test
