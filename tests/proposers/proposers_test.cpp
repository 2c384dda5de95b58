// Laws that hold for every proposer, and what each one promises beyond.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include <gptnas/concepts/proposer.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/infilling.hpp>
#include <gptnas/proposers/ngram_proposer.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/quality_conditioned.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>

#include "../genome/shapes.hpp"
#include "../roomy_gpt_size.hpp"
#include "../sanitized.hpp"

namespace proposers_test {

using namespace gptnas;

enum class Op : std::uint8_t { conv, pool, skip };

struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block, (Choice<Op::conv, Op::pool, Op::skip>, op), (Choice<3, 5>, kernel));
};
struct Stage {
  BOOST_HANA_DEFINE_STRUCT(Stage, (Sequence<Block, 0, 3>, blocks), (Choice<1, 2>, stride));
};

struct Fixed {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Repeat<Choice<0, 1, 2, 3, 4>, 6>, edges));
  };
};
struct Chain {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Sequence<Block, 2, 6>, blocks));
  };
};
struct Nested {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Sequence<Stage, 1, 4>, stages), (Block, head), (Choice<false, true>, bias));
  };
};

template <class Space, template <class> class Policy>
struct Case {
  using SpaceType = Space;
  using ProposerType = Policy<Space>;
};
template <class Space>
using Trigram = NGramProposer<Space>;
template <class Space>
using SmallGpt = GptProposer<Space, EigenBackend<float>, Unconditioned, LeftToRight, RoomyGptSize>;
template <class Space>
using InfillingGpt = GptProposer<Space, EigenBackend<float>, Unconditioned, Infilling, RoomyGptSize>;
struct Tokens {
  template <class Genome>
  double operator()(const Genome& genome) const {
    return static_cast<double>(encode(genome).size());
  }
};
template <class Space>
using ConditionedGpt =
    GptProposer<Space, EigenBackend<float>, QualityConditioned<3, Tokens, 2>, Infilling, RoomyGptSize>;

template <class Policy>
Policy make() {
  if constexpr (requires {
                  GptProposerOptions{};
                  Policy(GptProposerOptions{});
                }) {
    return Policy({.elimination = {.initial_rate = 0.4, .final_rate = 0},
                   .bold_elimination = {.initial_rate = 0.4, .final_rate = 0},
                   .corpus = 64,
                   .pretraining_steps = 4,
                   .lesson_steps_per_token = 0.2});
  } else {
    return Policy{};
  }
}

template <class TestCase>
struct ProposerLaws : testing::Test {};
using Cases = testing::Types<Case<Fixed, NoProposer>, Case<Chain, NoProposer>, Case<Nested, NoProposer>,
                             Case<Fixed, UniformProposer>, Case<Chain, UniformProposer>, Case<Nested, UniformProposer>,
                             Case<Fixed, Trigram>, Case<Chain, Trigram>, Case<Nested, Trigram>, Case<Fixed, SmallGpt>,
                             Case<Chain, SmallGpt>, Case<Nested, SmallGpt>, Case<Fixed, InfillingGpt>,
                             Case<Chain, InfillingGpt>, Case<Nested, InfillingGpt>, Case<Fixed, ConditionedGpt>,
                             Case<Chain, ConditionedGpt>, Case<Nested, ConditionedGpt>>;
TYPED_TEST_SUITE(ProposerLaws, Cases);

// A genome is valid if reading it as tokens and back gives it again, byte for byte: unused slots are zero.
template <class Genome>
testing::AssertionResult valid(const Genome& genome) {
  const auto tokens = encode(genome);
  if (Equal{}(decode<Genome>(tokens), genome)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << print(genome);
}

TYPED_TEST(ProposerLaws, ProposalsAndReconstructionsAreValidAndDependOnTheStreamAlone) {
  using Space = typename TypeParam::SpaceType;
  using Policy = typename TypeParam::ProposerType;
  static_assert(Proposer<Policy, Space>);
  Policy first = make<Policy>(), second = make<Policy>();
  for (std::uint64_t id = 0; id < 60; ++id) {
    RandomStream random(5, id), again(5, id);
    Individual<Space> individual{.id = id, .genome = first.propose(random)};
    EXPECT_TRUE(valid(individual.genome));
    EXPECT_TRUE(Equal{}(individual.genome, second.propose(again)));
    first.reconstruct(individual.genome, 0.3, random);
    EXPECT_TRUE(valid(individual.genome));
    const double fitness[] = {static_cast<double>(id % 7)};
    first.observe(individual, std::span<const double>(fitness, id % 5 == 0 ? 0 : 1));
    second.observe(individual, std::span<const double>(fitness, id % 5 == 0 ? 0 : 1));
  }
}

TYPED_TEST(ProposerLaws, AtTheEndOfTheRunNothingIsReplaced) {
  using Policy = typename TypeParam::ProposerType;
  Policy policy = make<Policy>();
  RandomStream random(1);
  for (int i = 0; i < 20; ++i) {
    const auto genome = policy.propose(random);
    auto after = genome;
    policy.reconstruct(after, 1.0, random);
    EXPECT_TRUE(Equal{}(genome, after));
  }
}

TYPED_TEST(ProposerLaws, SeveralOffspringFollowTheLawsOfOne) {
  using Space = typename TypeParam::SpaceType;
  using Policy = typename TypeParam::ProposerType;
  if constexpr (PoolProposer<Policy, Space>) {
    using Genome = typename Space::Genome;
    Policy first = make<Policy>(), second = make<Policy>();
    RandomStream random(4), again(4);
    std::vector<Genome> genomes;
    for (int i = 0; i < 70; ++i) genomes.push_back(sample<Genome>(random));
    again = random;
    const std::vector<Genome> before = genomes;
    std::vector<Genome> others = genomes;
    first.reconstruct(std::span<Genome>(genomes), 0.1, random);
    second.reconstruct(std::span<Genome>(others), 0.1, again);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < genomes.size(); ++i) {
      EXPECT_TRUE(valid(genomes[i]));
      EXPECT_TRUE(Equal{}(genomes[i], others[i]));
      changed += !Equal{}(genomes[i], before[i]);
    }
    EXPECT_GT(changed, 10u);
    others = genomes;
    first.reconstruct(std::span<Genome>(others), 1, random);  // the end of the run
    for (std::size_t i = 0; i < genomes.size(); ++i) EXPECT_TRUE(Equal{}(genomes[i], others[i]));
    first.reconstruct(std::span<Genome>(), 0, random);
  }
}

TEST(ChooseComponents, TakesEachAtTheRate) {
  RandomStream random(3);
  const auto genome = sample<Fixed::Genome>(random);
  std::size_t chosen = 0;
  for (int i = 0; i < 10000; ++i) chosen += choose_components(genome, 0.4, random).size();
  EXPECT_NEAR(static_cast<double>(chosen) / 60000.0, 0.4, 0.01);
  EXPECT_TRUE(choose_components(genome, 0.0, random).empty());
  EXPECT_EQ(choose_components(genome, 1.0, random).size(), 6u);
}

TEST(ChooseComponents, AreTheItemsOfOutermostContainersAndTheMembersOutside) {
  Nested::Genome genome;
  genome.stages.resize(3);
  RandomStream random(3);
  EXPECT_EQ(choose_components(genome, 1.0, random).size(), 3u + 1u + 1u);
}

TEST(Elimination, FallsLinearlyAndRefusesRatesThatAreNone) {
  EXPECT_DOUBLE_EQ(Elimination{}.rate(0), 0.4);
  EXPECT_DOUBLE_EQ(Elimination{}.rate(0.25), 0.3);
  EXPECT_DOUBLE_EQ(Elimination{}.rate(1), 0.0);
  EXPECT_THROW((Elimination{.initial_rate = 1.5}.rate(0)), std::invalid_argument);
}

TEST(UniformProposer, ReplacesComponentsByUniformOnes) {
  UniformProposer<Fixed> policy{.elimination = {.initial_rate = 1}};
  RandomStream random(9);
  std::vector<int> counts(5);
  for (int i = 0; i < 5000; ++i) {
    Fixed::Genome genome;
    policy.reconstruct(genome, 0, random);
    ++counts[gene_value(genome, 2)];
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 130);
}

// What is not chosen stays: with one component in two replaced, each of the others is as before.
TEST(ReconstructLeftToRight, LeavesWhatIsNotChosen) {
  struct LastLegal {
    void begin(RandomStream&) {}
    void push(std::size_t) {}
    std::size_t draw(const std::array<bool, vocabulary_size<Nested::Genome>>& legal, RandomStream&) {
      std::size_t token = legal.size() - 1;
      while (!legal[token]) --token;
      return token;
    }
  } model;
  Nested::Genome genome;
  genome.stages = {Stage{{Block{Op::conv, 3}, Block{Op::pool, 3}}, 1}, Stage{{}, 1}, Stage{{Block{Op::conv, 3}}, 1}};
  ChosenComponents<Nested::Genome> chosen;
  chosen.push_back(layout<Nested::Genome>.components[1]);  // the second stage
  RandomStream random(1);
  reconstruct_left_to_right(genome, chosen, model, random);
  EXPECT_EQ(print(genome),
            "{stages=[{blocks=[conv-3 pool-3] stride=1} {blocks=[skip-5 skip-5 skip-5] stride=2} "
            "{blocks=[conv-3] stride=1}] head=conv-3 bias=false}");
}

// The probabilities of the interpolated bigram, worked out by hand: after "1" the counts are {2: 3, 3: 1}, k = 2; the
// unigram has {1: 4, 2: 3, 3: 1} of 8, k = 3; so p(2 | 1) = (3 + 2 (3 + 3/3) / 11) / 6 over legal tokens {1, 2, 3}.
TEST(NGram, InterpolatesAsWittenAndBell) {
  NGram<4, 2> model;
  for (const int last : {2, 2, 2, 3}) model.add(std::vector<std::size_t>{0, 1, static_cast<std::size_t>(last)});
  const std::array<bool, 4> legal{false, true, true, true};
  RandomStream random(2);
  model.reset();
  model.push(1);
  int twos = 0;
  for (int i = 0; i < 40000; ++i) twos += model.draw(legal, random) == 2;
  EXPECT_NEAR(twos / 40000.0, (3 + 2 * (3 + 1.0) / 11) / 6, 0.01);
}

template <class Policy>
double share_of_proposed_threes(Policy& policy) {
  int threes = 0;
  for (std::uint64_t id = 0; id < 200; ++id) {
    RandomStream random(8, id);
    auto genome = policy.propose(random);
    policy.reconstruct(genome, 0, random);
    for (std::size_t gene = 0; gene < 6; ++gene) threes += gene_value(genome, gene) == 3;
  }
  return threes / 1200.0;
}

// The share of genes at the observed optimum must rise far above chance once a model has learned from elites.
template <class Policy>
double share_of_threes(Policy policy) {
  for (std::uint64_t id = 0; id < 60; ++id) {
    RandomStream random(4, id);
    Individual<Fixed> individual{.id = id};
    double threes = 0;
    for (std::size_t gene = 0; gene < 6; ++gene) {
      const std::size_t value = random.chance(0.7) ? 3 : random.below(5);
      set_gene_value(individual.genome, gene, value);
      threes += value == 3;
    }
    policy.observe(individual, std::span<const double>(&threes, 1));
  }
  return share_of_proposed_threes(policy);
}

TEST(LearningProposers, ProposeWhatWasGood) {
  EXPECT_NEAR(share_of_threes(NoProposer<Fixed>{}), 0.2, 0.05);
  EXPECT_GT(share_of_threes(NGramProposer<Fixed>{}), 0.5);
  EXPECT_GT(share_of_threes(GptProposer<Fixed>({.corpus = 200, .pretraining_steps = 50})), 0.5);
}

// As above, of one in ten that has threes and nine that have none.
template <class Policy>
double share_of_rare_threes(Policy policy) {
  for (std::uint64_t id = 0; id < 60; ++id) {
    RandomStream random(5, id);
    Individual<Fixed> individual{.id = id};
    const bool good = id % 10 == 0;
    for (std::size_t gene = 0; gene < 6; ++gene) {
      set_gene_value(individual.genome, gene, good && random.chance(0.9) ? 3 : random.below(3));
    }
    const std::array fitness{good ? 1.0 : 0.0};
    policy.observe(individual, fitness);
  }
  return share_of_proposed_threes(policy);
}

TEST(LearningProposers, LearnFromAShareOfWhatWasMeasured) {
  const auto ngrams = [](double share) {
    return share_of_rare_threes(NGramProposer<Fixed>({.elites = {.most = 15, .share = share}}));
  };
  const auto gpts = [](double share) {  // of several, as one may be unlucky
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      sum += share_of_rare_threes(GptProposer<Fixed>({.seed = seed,
                                                      .elimination = {.initial_rate = 1, .final_rate = 1},
                                                      .corpus = 200,
                                                      .pretraining_steps = 50,
                                                      .elites = {.most = 15, .share = share},
                                                      .lesson_steps_per_token = 5}));
    }
    return sum / 6;
  };
  EXPECT_GT(ngrams(0.1), 0.7);
  EXPECT_LT(ngrams(1), 0.5);
  EXPECT_GT(gpts(0.1), 0.7);
  EXPECT_LT(gpts(1), 0.5);
}

// Every one of a hundred thousand samples is valid, in every shape of genome; a small GPT, for the mask is the same.
template <class Type>
struct SpaceOf {
  using Genome = Type;
};
template <class Genome>
struct GptSamples : testing::Test {};
TYPED_TEST_SUITE(GptSamples, shapes::All);

TYPED_TEST(GptSamples, AreValid) {
  using Space = SpaceOf<TypeParam>;
  constexpr int samples = GPTNAS_SANITIZED ? 1000 : 100000;
  GptProposer<Space, EigenBackend<float>, Unconditioned, LeftToRight, RoomyGptSize> policy(
      {.corpus = 200, .pretraining_steps = 20});
  RandomStream random(11);
  for (int i = 0; i < samples; ++i) ASSERT_TRUE(valid(policy.propose(random)));
}

TEST(UniformProposer, RefusesABadRate) {
  UniformProposer<Fixed> policy{{.initial_rate = 1.5}};
  RandomStream random(1);
  EXPECT_THROW(policy.propose(random), std::invalid_argument);
}

TEST(NGramProposer, RefusesBadOptions) {
  EXPECT_THROW(NGramProposer<Fixed>({.elimination = {.final_rate = -0.1}}), std::invalid_argument);
  EXPECT_THROW(NGramProposer<Fixed>({.elites = {.most = 0}}), std::invalid_argument);
}

TEST(GptProposer, RefusesBadOptions) {
  EXPECT_THROW(GptProposer<Fixed>({.sampling = {.temperature = -1}}), std::invalid_argument);
  EXPECT_THROW(GptProposer<Fixed>({.corpus = 0}), std::invalid_argument);
  EXPECT_THROW(GptProposer<Fixed>({.interval = 0}), std::invalid_argument);
  EXPECT_THROW(GptProposer<Fixed>({}, std::span<const Fixed::Genome>()), std::invalid_argument);
}

}  // namespace proposers_test
