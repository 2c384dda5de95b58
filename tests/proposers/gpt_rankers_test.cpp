// Laws that hold for every ranker, and what those with a GPT promise beyond.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include <gptnas/concepts/ranker.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/gpt/gpt_reader.hpp>
#include <gptnas/proposers/ensemble_ranker.hpp>
#include <gptnas/proposers/gaussian_process_ranker.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/infilling.hpp>
#include <gptnas/proposers/likelihood_ratio_ranker.hpp>
#include <gptnas/proposers/no_ranker.hpp>
#include <gptnas/study/kendall.hpp>

#include "../genome/shapes.hpp"
#include "../message_of.hpp"

namespace gpt_rankers_test {

using namespace gptnas;
using gptnas_test::message_of;
using shapes::Cell;
using shapes::Chain;

template <class Type>
struct SpaceOf {
  using Genome = Type;
};
using CellSpace = SpaceOf<Cell>;
using Machine = EigenBackend<float>;

template <class Genome>
std::vector<Genome> samples(std::size_t count, std::uint64_t seed = 1) {
  RandomStream random(seed);
  std::vector<Genome> genomes;
  for (std::size_t i = 0; i < count; ++i) genomes.push_back(sample<Genome>(random));
  return genomes;
}

// How many genes have their first value, those at the beginning counting more.
template <class Genome>
double firsts(const Genome& genome) {
  double sum = 0;
  const std::size_t genes = gene_count(genome);
  for (std::size_t gene = 0; gene < genes; ++gene) {
    sum += gene_value(genome, gene) == 0 ? 1 + 1 / (1 + static_cast<double>(gene)) : 0;
  }
  return sum / static_cast<double>(genes);
}

template <class Space, class Ranker>
void teach(Ranker& ranker, std::size_t count) {
  std::uint64_t id = 0;
  for (const auto& genome : samples<typename Space::Genome>(count, 2)) {
    const double fitness = firsts(genome);
    ranker.observe(Individual<Space>{.id = id++, .genome = genome}, std::span(&fitness, 1));
  }
}

template <class Ranker, class Genome>
std::vector<double> scores_of(Ranker& ranker, const std::vector<Genome>& genomes) {
  std::vector<double> scores(genomes.size(), std::nan(""));
  ranker.score(std::span(genomes), std::span(scores));
  return scores;
}

// ---- Laws ----

template <class Type, template <class> class Policy>
struct Case {
  using Genome = Type;
  using Space = SpaceOf<Type>;
  using Ranker = Policy<Space>;
};
template <class>
using None = NoRanker;
template <class Space>
using Process = GaussianProcessRanker<Space>;
template <class Space>
using Ratio = LikelihoodRatioRanker<Space>;
template <class Space>
using Ensemble = EnsembleRanker<Space>;

template <class TestCase>
struct RankerLaws : testing::Test {};
using Cases = testing::Types<Case<Cell, None>, Case<Chain, None>, Case<Cell, Process>, Case<Chain, Process>,
                             Case<Cell, Ratio>, Case<Chain, Ratio>, Case<Cell, Ensemble>, Case<Chain, Ensemble>>;
TYPED_TEST_SUITE(RankerLaws, Cases);

TYPED_TEST(RankerLaws, ScoresAreNumbersOfTheGenomeAlone) {
  using Space = typename TypeParam::Space;
  static_assert(Ranker<typename TypeParam::Ranker, Space>);
  typename TypeParam::Ranker ranker{};
  EXPECT_EQ(ranker.pool(), 1u);
  ranker.observe(Individual<Space>{}, {});  // a failure
  EXPECT_EQ(ranker.pool(), 1u);
  const auto genomes = samples<typename TypeParam::Genome>(70);
  for (const std::size_t count : {0u, 1u, 5u}) {  // who asks early is answered
    auto early = ranker;
    teach<Space>(early, count);
    for (const double score : scores_of(early, genomes)) EXPECT_TRUE(std::isfinite(score)) << count;
  }
  teach<Space>(ranker, 30);
  EXPECT_GE(ranker.pool(), 1u);
  const auto scores = scores_of(ranker, genomes);
  for (std::size_t i = 0; i < genomes.size(); ++i) {
    EXPECT_TRUE(std::isfinite(scores[i]));
    EXPECT_NEAR(scores_of(ranker, std::vector(1, genomes[i]))[0], scores[i], 1e-4);
  }
}

TYPED_TEST(RankerLaws, CopiesLearnOnTheirOwn) {
  using Space = typename TypeParam::Space;
  typename TypeParam::Ranker ranker{};
  teach<Space>(ranker, 20);
  const auto genomes = samples<typename TypeParam::Genome>(20);
  const auto before = scores_of(ranker, genomes);
  auto copy = ranker;
  EXPECT_EQ(scores_of(copy, genomes), before);
  teach<Space>(copy, 40);
  EXPECT_EQ(scores_of(ranker, genomes), before);
  teach<Space>(ranker, 40);
  EXPECT_EQ(scores_of(copy, genomes), scores_of(ranker, genomes));
}

// Of a genome that comes again with a number, it learns as if there had been none before.
TYPED_TEST(RankerLaws, NanIsRefusedAndLeavesNoTrace) {
  using Space = typename TypeParam::Space;
  typename TypeParam::Ranker ranker{};
  teach<Space>(ranker, 20);
  auto other = ranker;
  const auto genomes = samples<typename TypeParam::Genome>(20);
  const double nan = std::nan("");
  if constexpr (!std::is_same_v<typename TypeParam::Ranker, NoRanker>) {
    EXPECT_THROW(ranker.observe(Individual<Space>{.genome = genomes[0]}, std::span(&nan, 1)), std::invalid_argument);
  }
  EXPECT_EQ(scores_of(ranker, genomes), scores_of(other, genomes));
  const double fitness = 0.5;
  for (auto* each : {&ranker, &other}) {
    each->observe(Individual<Space>{.genome = genomes[0]}, std::span(&fitness, 1));
  }
  EXPECT_EQ(scores_of(ranker, genomes), scores_of(other, genomes));
}

TYPED_TEST(RankerLaws, NothingIsScoredWhereThereIsNothing) {
  typename TypeParam::Ranker ranker{};
  teach<typename TypeParam::Space>(ranker, 20);
  EXPECT_TRUE(scores_of(ranker, std::vector<typename TypeParam::Genome>()).empty());
}

// ---- What they learn ----

template <class Genome, class Ranker>
double tau_after(Ranker ranker, std::size_t labels) {
  teach<SpaceOf<Genome>>(ranker, labels);
  const auto genomes = samples<Genome>(300, 7);
  std::vector<double> values;
  for (const auto& genome : genomes) values.push_back(firsts(genome));
  return kendall_tau(scores_of(ranker, genomes), values);
}

TEST(LikelihoodRatioRanker, LikesTheBetter) {
  EXPECT_GT(tau_after<Cell>(LikelihoodRatioRanker<CellSpace>(), 100), 0.35);
  EXPECT_GT(tau_after<Chain>(LikelihoodRatioRanker<SpaceOf<Chain>>(), 100), 0.2);
}

TEST(EnsembleRanker, LikesTheBetter) {
  EXPECT_GT(tau_after<Cell>(EnsembleRanker<CellSpace>({.exploration = 0}), 100), 0.5);
  EXPECT_GT(tau_after<Cell>(EnsembleRanker<CellSpace>(), 100), 0.4);
  EXPECT_GT(tau_after<Chain>(EnsembleRanker<SpaceOf<Chain>>({.exploration = 0}), 100), 0.2);
}

TEST(EnsembleRanker, LearnsRanksAlone) {
  EnsembleRanker<CellSpace> ranker, other;
  std::uint64_t id = 0;
  for (const Cell& cell : samples<Cell>(40, 2)) {
    const double fitness = firsts(cell), stretched = 1e6 * std::exp(3 * fitness);
    ranker.observe({.id = id, .genome = cell}, std::span(&fitness, 1));
    other.observe({.id = id++, .genome = cell}, std::span(&stretched, 1));
  }
  const auto cells = samples<Cell>(20);
  EXPECT_EQ(scores_of(ranker, cells), scores_of(other, cells));
}

// What was measured often is known: there, exploration adds little.
TEST(EnsembleRanker, ExploresWhereLittleIsKnown) {
  EnsembleRanker<CellSpace> exploring({.exploration = 1}), exploiting({.exploration = 0});
  const auto known = samples<Cell>(100, 2), unknown = samples<Cell>(100, 3);
  teach<CellSpace>(exploring, 100);
  teach<CellSpace>(exploiting, 100);
  const auto mean_deviation = [&](const std::vector<Cell>& cells) {
    const auto upper = scores_of(exploring, cells), mean = scores_of(exploiting, cells);
    double sum = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      EXPECT_GE(upper[i], mean[i]);
      sum += upper[i] - mean[i];
    }
    return sum / static_cast<double>(cells.size());
  };
  EXPECT_GT(mean_deviation(unknown), 1.2 * mean_deviation(known));
}

// The last gene is no input of a language model's sequence; a ranker must see it nevertheless.
TEST(EnsembleRanker, SeesTheLastGene) {
  EnsembleRanker<CellSpace> ranker({.exploration = 0});
  std::uint64_t id = 0;
  for (const Cell& cell : samples<Cell>(100, 2)) {
    const double fitness = static_cast<double>(gene_value(cell, 5));
    ranker.observe({.id = id++, .genome = cell}, std::span(&fitness, 1));
  }
  const auto cells = samples<Cell>(200, 7);
  std::vector<double> values;
  for (const Cell& cell : cells) values.push_back(static_cast<double>(gene_value(cell, 5)));
  EXPECT_GT(kendall_tau(scores_of(ranker, cells), values), 0.6);
}

TEST(GptRankers, ChooseOnceTheyKnowEnough) {
  EnsembleRanker<CellSpace> ensemble({.pool = 7, .initial = 2});
  LikelihoodRatioRanker<CellSpace> ratio({.pool = 9, .gpt = {.corpus = 50, .pretraining_steps = 2, .interval = 3}});
  const double fitness = 1;
  for (std::uint64_t id = 0; id < 3; ++id) {
    Individual<CellSpace> individual{.id = id};
    set_gene_value(individual.genome, 0, id);
    EXPECT_EQ(ensemble.pool(), id < 2 ? 1u : 7u);
    EXPECT_EQ(ratio.pool(), 1u);
    for (int again = 0; again < 2; ++again) {  // a repeated genome is nothing new
      ensemble.observe(individual, std::span(&fitness, 1));
      ratio.observe(individual, std::span(&fitness, 1));
    }
  }
  EXPECT_EQ(ratio.pool(), 9u);
  EXPECT_TRUE(std::isfinite(scores_of(ratio, samples<Cell>(1))[0]));
}

// A ranker may share the proposer's GPT, which then learns once for both.
TEST(LikelihoodRatioRanker, SharesTheGptOfAProposer) {
  using Proposer = GptProposer<CellSpace, Machine, QualityConditioned<3>, Infilling>;
  Proposer proposer({.corpus = 100, .pretraining_steps = 20, .interval = 10});
  using Shared = LikelihoodRatioRanker<CellSpace, Proposer::GptType>;
  static_assert(!std::is_constructible_v<Shared, Proposer::GptType>, "a GPT that goes away");
  Shared ranker(proposer.gpt(), 20);
  EXPECT_EQ(ranker.pool(), 1u);
  teach<CellSpace>(ranker, 20);  // it learns nothing itself
  EXPECT_EQ(ranker.pool(), 1u);
  teach<CellSpace>(proposer, 20);
  EXPECT_EQ(ranker.pool(), 20u);
  EXPECT_EQ(proposer.times().lessons.calls, 2u);
  const auto cells = samples<Cell>(20);
  const auto scores = scores_of(ranker, cells);
  GptReader<Proposer::GptType::Model> reader;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::vector<Proposer::GptType::Sequence> both{
        proposer.gpt().sequence(cells[i], Proposer::GptType::head_of(2)),
        proposer.gpt().sequence(cells[i], Proposer::GptType::head_of(0))};
    const auto likelihoods = reader.log_likelihoods(proposer.gpt().model(), both);
    EXPECT_NEAR(scores[i], likelihoods[0] - likelihoods[1], 1e-4);
  }
}

TEST(EnsembleRanker, StartsFromAGivenGpt) {
  using Conditioning = Unconditioned;
  const GenomeGpt<Cell, Machine, Conditioning, Infilling> gpt({.corpus = 100, .pretraining_steps = 20});  // has room
  EnsembleRanker<CellSpace, GenomeGpt<Cell, Machine, Conditioning, Infilling>> ranker(gpt, {.exploration = 0});
  EXPECT_GT(tau_after<Cell>(ranker, 100), 0.4);
}

TEST(GptRankers, RefuseBadOptions) {
  EXPECT_EQ(message_of([] { EnsembleRanker<CellSpace>({.pool = 0}); }),
            "EnsembleRanker::pool is 0; expected at least 1");
  EXPECT_EQ(message_of([] { EnsembleRanker<CellSpace>({.initial = 0}); }),
            "EnsembleRanker::initial is 0; expected at least 1");
  EXPECT_EQ(message_of([] { EnsembleRanker<CellSpace>({.members = 1}); }),
            "EnsembleRanker::members is 1; expected at least 2");
  EXPECT_EQ(message_of([] { EnsembleRanker<CellSpace>({.features = 0}); }),
            "EnsembleRanker::features is 0; expected at least 1");
  EXPECT_EQ(message_of([] { EnsembleRanker<CellSpace>({.units = 0}); }),
            "EnsembleRanker::units is 0; expected at least 1");
  EXPECT_EQ(message_of([] { EnsembleRanker<CellSpace>({.exploration = -1}); }),
            "EnsembleRanker::exploration is -1; expected finite, at least 0");
  EXPECT_EQ(message_of([] { EnsembleRanker<CellSpace>({.noise = 0}); }),
            "EnsembleRanker::noise is 0; expected finite, more than 0");
  EXPECT_EQ(message_of([] { LikelihoodRatioRanker<CellSpace>({.pool = 0}); }),
            "LikelihoodRatioRanker::pool is 0; expected at least 1");
  EXPECT_EQ(message_of([] { LikelihoodRatioRanker<CellSpace>({.gpt = {.interval = 0}}); }),
            "GenomeGpt::interval is 0; expected at least 1");
}

// ---- The reader ----

TEST(GptReader, AgreesWithTheSampler) {
  using Size = GptSize<7, 9, 16, 2, 2>;
  const Gpt<Size, EigenBackend<double>> model{RandomStream(3)};
  RandomStream random(4);
  std::vector<std::vector<Token>> sequences(50);
  for (auto& sequence : sequences) {
    sequence.resize(2 + random.below(9));
    for (Token& token : sequence) token = static_cast<Token>(random.below(7));
  }
  GptReader<Gpt<Size, EigenBackend<double>>> reader(20);
  GptSampler sampler(model);
  const auto read = reader.log_likelihoods(model, sequences), sampled = log_likelihoods(sampler, sequences);
  ASSERT_EQ(read.size(), 50u);
  for (std::size_t i = 0; i < read.size(); ++i) EXPECT_NEAR(read[i], sampled[i], 1e-10);

  // The logits of the last input are the product of its last state and the embedding.
  const auto embedding = model.parameter("wte.weight");
  std::size_t visited = 0;
  reader.visit_last_states(model, sequences, [&](std::size_t i, std::span<const double> states) {
    EXPECT_EQ(i, visited++);
    ASSERT_EQ(states.size(), 16 * (sequences[i].size() - 1));
    sampler.reset();
    for (std::size_t t = 0; t + 1 < sequences[i].size(); ++t) sampler.push(sequences[i][t]);
    for (std::size_t token = 0; token < 7; ++token) {
      double logit = 0;
      for (std::size_t c = 0; c < 16; ++c) logit += states[states.size() - 16 + c] * embedding[token * 16 + c];
      EXPECT_NEAR(logit, sampler.logits()[token], 1e-10);
    }
  });
  EXPECT_EQ(visited, 50u);
}

TEST(GptReader, RefusesBadInput) {
  using Size = GptSize<7, 9, 16, 1, 2>;
  using Model = Gpt<Size, EigenBackend<double>>;
  EXPECT_EQ(message_of([] { GptReader<Model>(8); }), "GptReader: rows is 8; expected at least 9, the context");
  const Model model{RandomStream(3)};
  GptReader<Model> reader;
  EXPECT_THROW(reader.log_likelihoods(model, std::vector<std::vector<Token>>{{0}}), std::invalid_argument);
  EXPECT_THROW(reader.log_likelihoods(model, std::vector<std::vector<Token>>{{0, 7}}), std::invalid_argument);
}

}  // namespace gpt_rankers_test
