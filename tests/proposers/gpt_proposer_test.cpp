// What a GPT proposer promises of its policies: quality, cost, and infilling.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/infilling.hpp>
#include <gptnas/proposers/quality_conditioned.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>

#include "../genome/shapes.hpp"
#include "../message_of.hpp"

namespace gpt_proposer_test {

using namespace gptnas;
using gptnas_test::message_of;

template <class Type>
struct SpaceOf {
  using Genome = Type;
};
using Cell = shapes::Cell;  // six genes of five values
using CellSpace = SpaceOf<Cell>;
using Machine = EigenBackend<float>;

template <class Conditioning, class Order = LeftToRight>
using CellProposer = GptProposer<CellSpace, Machine, Conditioning, Order>;

double threes(const Cell& cell) {
  double count = 0;
  for (std::size_t gene = 0; gene < 6; ++gene) count += gene_value(cell, gene) == 3;
  return count;
}

// ---- Quality ----

TEST(QuantileBins, AreEquallyLargeOrShrink) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back((i * 37) % 100);
  const auto equal = quantile_bins(values, 4), halved = quantile_bins(values, 3, 0.5);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(equal[i], static_cast<std::size_t>(values[i] / 25)) << values[i];
    // 4 : 2 : 1
    const double rank = values[i] + 0.5;
    EXPECT_EQ(halved[i], rank < 400.0 / 7 ? 0u : rank < 600.0 / 7 ? 1u : 2u) << values[i];
  }
}

TEST(QuantileBins, EqualValuesShareOneAndTheBestAreInTheLast) {
  using Bins = std::vector<std::size_t>;
  EXPECT_EQ(quantile_bins(std::vector<double>{1, 1, 1, 1, 1, 1, 1, 2}, 4), (Bins{0, 0, 0, 0, 0, 0, 0, 3}));
  EXPECT_EQ(quantile_bins(std::vector<double>{5, 9, 5, 5, 1}, 3), (Bins{1, 2, 1, 1, 0}));
  EXPECT_EQ(quantile_bins(std::vector<double>{7, 7, 7}, 3), (Bins{2, 2, 2}));
  EXPECT_EQ(quantile_bins(std::vector<double>{1, 2}, 5), (Bins{0, 4}));
  EXPECT_EQ(quantile_bins(std::vector<double>{}, 3), Bins{});
  EXPECT_THROW(quantile_bins(std::vector<double>{1, std::nan("")}, 3), std::invalid_argument);
}

TEST(QualityConditioned, ALessonHasAsManyOfEachBinAndEachGenomeOnce) {
  QualityConditioned<3>::Memory<Cell> memory({.ratio = 0.5}, {});
  RandomStream random(1);
  std::vector<Cell> cells;
  for (int i = 0; i < 70; ++i) {
    cells.push_back(sample<Cell>(random));
    EXPECT_TRUE(memory.add(cells.back(), threes(cells.back()) + i * 1e-3));
    EXPECT_FALSE(memory.add(cells.back(), 100));  // known
  }
  std::vector<int> counts(3);
  for (const auto& each : memory.lesson()) {
    ++counts.at(each.bin);
    EXPECT_TRUE(each.bin != 2 || threes(each.genome) >= 1);
  }
  EXPECT_EQ(counts, (std::vector<int>{40, 40, 40}));
}

// A GPT that has read cells with their quality, the number of threes, proposes more of them for the best quality than
// for the worst, and than one that was only told which are the best.
template <class Gpt>
double mean_threes(Gpt& gpt, Token head) {
  double sum = 0;
  const SamplingOptions sampling;
  for (std::uint64_t id = 0; id < 300; ++id) {
    RandomStream random(8, id);
    auto writer = gpt.writer(sampling, head);
    sum += threes(propose_left_to_right<Cell>(writer, random));
  }
  return sum / 300;
}

template <class Gpt>
void teach(Gpt& gpt, std::size_t count = 100) {
  RandomStream random(4);
  for (std::size_t i = 0; i < count; ++i) {
    const Cell cell = sample<Cell>(random);
    gpt.observe(cell, threes(cell));
  }
}

TEST(QualityConditioned, TheBestQualityHasMoreOfWhatIsGood) {
  GenomeGpt<Cell, Machine, QualityConditioned<4>> gpt;
  EXPECT_EQ(gpt.best_head(), start_token);
  teach(gpt);
  EXPECT_EQ(gpt.best_head(), gpt.head_of(3));
  const double best = mean_threes(gpt, gpt.head_of(3)), worst = mean_threes(gpt, gpt.head_of(0));
  EXPECT_GT(best, 2.2);  // random ones have 1.2
  EXPECT_LT(worst, 1.1);
  EXPECT_NEAR(mean_threes(gpt, start_token), 1.2, 0.5);  // of the unlabelled ones it knows the same as before
}

TEST(QualityConditioned, LearnsThroughTheProposerToo) {
  const auto mean = [](auto proposer) {
    RandomStream random(4);
    for (std::uint64_t id = 0; id < 100; ++id) {
      const Individual<CellSpace> individual{.id = id, .genome = sample<Cell>(random)};
      const double fitness = threes(individual.genome);
      proposer.observe(individual, std::span(&fitness, 1));
    }
    double sum = 0;
    for (std::uint64_t id = 0; id < 300; ++id) {
      RandomStream stream(8, id);
      auto cell = proposer.propose(stream);
      proposer.reconstruct(cell, 0, stream);
      sum += threes(cell) / 300;
    }
    return sum;
  };
  EXPECT_GT(mean(CellProposer<QualityConditioned<4>>()), 2.2);
  EXPECT_GT(mean(CellProposer<QualityConditioned<4>, Infilling>()), 2.2);
  EXPECT_LT(mean(CellProposer<QualityConditioned<4>>({.lesson_steps_per_token = 0})), 1.5);
}

// ---- Cost ----

// Quality says the same as the cost here; so the best quality must ask for the largest cost, and get it.
struct Threes {
  double operator()(const Cell& cell) const { return threes(cell); }
};

TEST(QualityConditioned, ACostIsDrawnFirstAndKept) {
  GenomeGpt<Cell, Machine, QualityConditioned<2, Threes, 3>> gpt;
  using Format = decltype(gpt)::Format;
  EXPECT_EQ(Format::vocabulary, 6u + 2 + 3);
  EXPECT_EQ(Format::context, 7u);
  Cell cell;  // no three: the least cost
  auto sequence = gpt.sequence(cell, gpt.head_of(1));
  ASSERT_EQ(sequence.size(), 8u);
  EXPECT_EQ(sequence[0], gpt.head_of(1));
  EXPECT_EQ(sequence[1], Format::first_cost);
  for (std::size_t gene = 0; gene < 6; ++gene) set_gene_value(cell, gene, 3);
  EXPECT_EQ(gpt.sequence(cell)[1], Format::first_cost + 2);
  EXPECT_EQ(gpt.sequence(cell)[0], start_token);
  teach(gpt);
  EXPECT_GT(mean_threes(gpt, gpt.head_of(1)), mean_threes(gpt, gpt.head_of(0)) + 1);
}

struct NoNumber {
  double operator()(const Cell&) const { return std::numeric_limits<double>::quiet_NaN(); }
};

// ---- Infilling ----

// Each odd component equals the one before it. Given what is on its right, an even one is known; from the left it is
// not.
template <class Order>
double share_recovered(std::size_t first, std::size_t steps = 300, Order order = {}) {
  std::vector<Cell> corpus(2000);
  RandomStream random(1);
  for (Cell& cell : corpus) {
    for (std::size_t gene = 0; gene < 6; ++gene) {
      set_gene_value(cell, gene, gene % 2 == 1 ? gene_value(cell, gene - 1) : random.below(5));
    }
  }
  CellProposer<Unconditioned, Order> proposer({.pretraining_steps = steps,
                                               .fitter = {.batch_size = 32},
                                               .pretraining_learning_rate = {.peak = 3e-3, .warm_up_steps = 10}},
                                              corpus, {}, order);
  const SamplingOptions sampling;
  int recovered = 0;
  for (std::size_t i = 0; i < 600; ++i) {
    const std::size_t gene = first + 2 * (i % 3);
    ChosenComponents<Cell> chosen;
    chosen.push_back(layout<Cell>.components[gene]);
    Cell cell = corpus[i];
    set_gene_value(cell, gene, 0);  // it must not be read
    auto writer = proposer.gpt().writer(sampling);
    Order::reconstruct(cell, chosen, writer, random);
    recovered += gene_value(cell, gene) == gene_value(corpus[i], gene);
  }
  return recovered / 600.0;
}

TEST(Infilling, PredictsFromTheRight) {
  EXPECT_GT(share_recovered(0, 300, Infilling{.learns_kept = true}), 0.9);
  EXPECT_GT(share_recovered<Infilling>(0, 1000), 0.9);
  EXPECT_NEAR(share_recovered<LeftToRight>(0), 0.2, 0.06);
}

TEST(Infilling, PredictsFromTheLeft) {
  EXPECT_GT(share_recovered(1, 300, Infilling{.learns_kept = true}), 0.9);
  EXPECT_GT(share_recovered<Infilling>(1, 1000), 0.9);
  EXPECT_GT(share_recovered<LeftToRight>(1), 0.9);
}

// ---- All of them ----

using Conditioned = CellProposer<QualityConditioned<3>, Infilling>;
constexpr std::size_t small_corpus = 100;

// What a proposer does next: learns a little, then proposes, at last a pool.
std::vector<Cell> continued(Conditioned& proposer) {
  RandomStream random(6);
  std::vector<Cell> cells;
  for (std::uint64_t id = 0; id < 40; ++id) {
    Individual<CellSpace> individual{.id = id, .genome = proposer.propose(random)};
    proposer.reconstruct(individual.genome, 0, random);
    const double fitness = threes(individual.genome);
    proposer.observe(individual, std::span(&fitness, 1));
    cells.push_back(individual.genome);
  }
  std::vector<Cell> pool = cells;
  proposer.reconstruct(std::span(pool), 0, random);
  cells.insert(cells.end(), pool.begin(), pool.end());
  return cells;
}

bool equal(const std::vector<Cell>& first, const std::vector<Cell>& second) {
  return std::equal(first.begin(), first.end(), second.begin(), second.end(), Equal{});
}

TEST(GptProposer, MovesAndCopiesGoOnAlike) {
  Conditioned original({.corpus = small_corpus, .pretraining_steps = 20});
  continued(original);
  Conditioned copy = original, assigned({.seed = 2, .corpus = small_corpus, .pretraining_steps = 1});
  assigned = original;
  Conditioned moved = std::move(original);
  const auto cells = continued(moved);
  EXPECT_TRUE(equal(cells, continued(copy)));
  EXPECT_TRUE(equal(cells, continued(assigned)));
  EXPECT_FALSE(equal(cells, continued(copy)));  // it has learned meanwhile
}

TEST(GptProposer, BeginsWithAGptThatHasLearned) {
  Conditioned original({.corpus = small_corpus, .pretraining_steps = 20});
  Conditioned other({.seed = 2}, original.gpt());
  const auto cells = continued(original);
  EXPECT_TRUE(equal(cells, continued(other)));
  EXPECT_FALSE(equal(cells, continued(original)));  // each learns on its own
  EXPECT_THROW(Conditioned({.sampling = {.temperature = -1}}, original.gpt()), std::invalid_argument);
}

// Of a pool that is predicted anew as a whole at temperature 0, all that are not bold are the likeliest cell.
TEST(GptProposer, AShareOfAPoolIsBold) {
  for (const double share : {0.0, 0.3, 1.0}) {
    CellProposer<Unconditioned> proposer({.elimination = {.initial_rate = 1, .final_rate = 1},
                                          .sampling = {.temperature = 0},
                                          .bold_share = share,
                                          .bold_elimination = {.initial_rate = 1, .final_rate = 1},
                                          .corpus = small_corpus,
                                          .pretraining_steps = 20});
    RandomStream random(3);
    Cell likeliest;
    proposer.reconstruct(likeliest, 0, random);
    std::vector<Cell> pool(100);
    proposer.reconstruct(std::span(pool), 0, random);
    const auto bold = static_cast<std::ptrdiff_t>(100 * share);
    const auto is_likeliest = [&](const Cell& cell) { return Equal{}(cell, likeliest); };
    EXPECT_LE(std::count_if(pool.begin(), pool.begin() + bold, is_likeliest), bold / 10) << share;
    EXPECT_TRUE(std::all_of(pool.begin() + bold, pool.end(), is_likeliest)) << share;
  }
}

// Nothing is known of what is good when a search asks for them.
TEST(GptProposer, WholeGenomesAreDrawnAtATemperatureOfAtLeastOne) {
  const auto cells = [](double temperature) {
    CellProposer<Unconditioned> proposer(
        {.sampling = {.temperature = temperature}, .corpus = small_corpus, .pretraining_steps = 20});
    RandomStream random(3);
    std::vector<Cell> proposals;
    for (int i = 0; i < 20; ++i) proposals.push_back(proposer.propose(random));
    return proposals;
  };
  EXPECT_TRUE(equal(cells(0), cells(1)));
  EXPECT_FALSE(equal(cells(1), cells(2)));
}

// Where all of the pool is drawn above temperature 1 already, the bold ones are not tamer.
TEST(GptProposer, TheBoldAreNoTamerThanTheRest) {
  const auto pool = [](double share) {
    constexpr Elimination rate{.initial_rate = 0.4, .final_rate = 0.4};
    CellProposer<Unconditioned> proposer({.elimination = rate,
                                          .sampling = {.temperature = 3},
                                          .bold_share = share,
                                          .bold_elimination = rate,
                                          .corpus = small_corpus,
                                          .pretraining_steps = 20});
    RandomStream random(3);
    std::vector<Cell> cells(100);
    proposer.reconstruct(std::span(cells), 0, random);
    return cells;
  };
  EXPECT_TRUE(equal(pool(1), pool(0)));
}

// What is learned during the run changes what the others are drawn from.
TEST(GptProposer, TheBoldAreDrawnByTheGptAsItBegan) {
  for (const double share : {0.0, 1.0}) {
    Conditioned proposer({.bold_share = share, .corpus = small_corpus, .pretraining_steps = 20});
    const auto pool = [&] {
      RandomStream random(3);
      std::vector<Cell> cells(100);
      proposer.reconstruct(std::span(cells), 0, random);
      return cells;
    };
    const std::vector<Cell> before = pool();
    continued(proposer);
    EXPECT_EQ(equal(pool(), before), share == 1) << share;
  }
}

TEST(GptProposer, TheBoldHaveARateOfTheirOwn) {
  CellProposer<Unconditioned> proposer({.bold_share = 0.5,
                                        .bold_elimination = {.initial_rate = 0, .final_rate = 1},
                                        .corpus = small_corpus,
                                        .pretraining_steps = 20});
  RandomStream random(3);
  const Cell parent = sample<Cell>(random);
  const auto changed = [&](double progress) {
    std::vector<Cell> pool(100, parent);
    proposer.reconstruct(std::span(pool), progress, random);
    const auto is_changed = [&](const Cell& cell) { return !Equal{}(cell, parent); };
    return std::array{std::count_if(pool.begin(), pool.begin() + 50, is_changed),
                      std::count_if(pool.begin() + 50, pool.end(), is_changed)};
  };
  EXPECT_EQ(changed(0)[0], 0);
  EXPECT_GT(changed(0)[1], 25);
  EXPECT_GT(changed(1)[0], 25);
}

// A rate of 0, before the run or in it, leaves a GPT as it was.
TEST(GptProposer, LearnsBeforeTheRunAndInItAtRatesOfTheirOwn) {
  const auto taught = [](const GptProposerOptions& options) {
    CellProposer<Unconditioned> proposer(options);
    teach(proposer.gpt());
    RandomStream random(6);
    std::vector<Cell> cells;
    for (int i = 0; i < 40; ++i) cells.push_back(proposer.propose(random));
    return cells;
  };
  const auto with_rates = [&](double pretraining, double lesson) {
    return taught({.corpus = small_corpus,
                   .pretraining_steps = 20,
                   .pretraining_learning_rate = {.peak = pretraining},
                   .lesson_learning_rate = {.peak = lesson}});
  };
  const auto without_steps = taught({.corpus = small_corpus, .pretraining_steps = 0, .lesson_steps_per_token = 0});
  EXPECT_TRUE(equal(without_steps, with_rates(0, 0)));
  EXPECT_FALSE(equal(without_steps, with_rates(1e-3, 0)));
  EXPECT_FALSE(equal(without_steps, with_rates(0, 1e-3)));
}

TEST(GptProposer, HasMoreStepsALessonTheMoreTokensThereAre) {
  EXPECT_EQ(GptProposerOptions{}.gpt<Cell>().lesson_steps, 3u);                  // 6 tokens
  EXPECT_EQ(GptProposerOptions{}.gpt<NasBench101::Genome>().lesson_steps, 11u);  // 26 tokens
  EXPECT_EQ(GptProposerOptions{.lesson_steps_per_token = 2}.gpt<Cell>().lesson_steps, 12u);
  EXPECT_EQ(GptProposerOptions{.lesson_steps_per_token = 0.01}.gpt<Cell>().lesson_steps, 1u);
  EXPECT_EQ(GptProposerOptions{.lesson_steps_per_token = 0}.gpt<Cell>().lesson_steps, 0u);
}

TEST(GptProposer, TheSeedDecidesWhatItKnows) {
  const auto with_seed = [](std::uint64_t seed) {
    Conditioned proposer({.seed = seed, .corpus = small_corpus, .pretraining_steps = 20});
    return continued(proposer);
  };
  EXPECT_TRUE(equal(with_seed(1), with_seed(1)));
  EXPECT_FALSE(equal(with_seed(1), with_seed(2)));
}

TEST(GptProposer, TellsItsTimes) {
  Conditioned proposer({.corpus = small_corpus, .pretraining_steps = 20, .interval = 5});
  EXPECT_EQ(proposer.times().proposals.calls, 0u);
  EXPECT_EQ(proposer.times().proposals.mean(), 0);
  EXPECT_EQ(proposer.times().pretraining.calls, 1u);
  EXPECT_GT(proposer.times().pretraining.seconds, 0);
  RandomStream random(1);
  for (std::uint64_t id = 0; id < 30; ++id) {
    const Individual<CellSpace> individual{.id = id, .genome = proposer.propose(random)};
    const double fitness = 1;
    proposer.observe(individual, std::span(&fitness, id % 3 == 0 ? 0 : 1));
  }
  EXPECT_EQ(proposer.times().proposals.calls, 30u);
  EXPECT_GT(proposer.times().proposals.mean(), 0);
  EXPECT_GE(proposer.times().lessons.calls, 3u);
  EXPECT_LE(proposer.times().lessons.calls, 4u);
  EXPECT_GT(proposer.times().lessons.seconds, 0);
}

TEST(GptProposer, ALessonThatDivergesIsAnError) {
  Conditioned proposer(
      {.corpus = small_corpus, .pretraining_steps = 20, .interval = 5, .lesson_learning_rate = {.peak = 1e30}});
  RandomStream random(1);
  const std::string divergence = message_of([&] {
    for (std::uint64_t id = 0; id < 20; ++id) {
      const Individual<CellSpace> individual{.id = id, .genome = proposer.propose(random)};
      const double fitness = 1;
      proposer.observe(individual, std::span(&fitness, 1));
    }
  });
  EXPECT_TRUE(divergence.starts_with("GenomeGpt: loss of a lesson is")) << divergence;
  EXPECT_TRUE(divergence.ends_with("expected finite: a lower learning rate")) << divergence;
}

TEST(GptProposer, RefusesBadOptionsOfPolicies) {
  EXPECT_EQ(message_of([] { Conditioned({.corpus = 5}, {.ratio = 0}); }),
            "QualityConditioned::ratio is 0; expected in (0, 1]");
  EXPECT_EQ(message_of([] { Conditioned({.corpus = 5}, {}, {.presentations = 0}); }),
            "Infilling::presentations is 0; expected at least 1");
  EXPECT_EQ(message_of([] { CellProposer<QualityConditioned<2, NoNumber>>({.corpus = 5}); }),
            "QualityConditioned: cost of a genome is nan; expected finite");
  EXPECT_EQ(message_of([] { Conditioned({.elimination = {.initial_rate = 40}}); }),
            "Elimination: rate is 40; expected in [0, 1]");
  EXPECT_EQ(message_of([] { Conditioned({.replay = -1}); }), "GenomeGpt::replay is -1; expected in [0, 1000]");
  EXPECT_THROW(Conditioned({.replay = HUGE_VAL}), std::invalid_argument);
  EXPECT_EQ(message_of([] { Conditioned({.elites = {.most = 0}, .interval = 0}); }),
            "GenomeGpt::interval is 0; expected at least 1");
  EXPECT_EQ(message_of([] { Conditioned({.pretraining_steps = 0, .pretraining_learning_rate = {.peak = -1}}); }),
            "LearningRate::peak is -1; expected finite, at least 0");
  EXPECT_THROW(Conditioned({.pretraining_steps = 0, .lesson_learning_rate = {.peak = HUGE_VAL}}),
               std::invalid_argument);
  EXPECT_EQ(message_of([] { Conditioned({.pretraining_steps = 0, .lesson_learning_rate = {.last = 2}}); }),
            "LearningRate::last is 2; expected in [0, 1]");
  for (const std::size_t steps : {1u, 600u}) {  // the last step diverges, and an earlier one
    const std::string divergence = message_of([&] {
      Conditioned({.corpus = 5, .pretraining_steps = steps, .pretraining_learning_rate = {.peak = 1e30}});
    });
    EXPECT_TRUE(divergence.starts_with("GenomeGpt: loss of the pre-training is")) << divergence;
    EXPECT_TRUE(divergence.ends_with("expected finite: a lower learning rate")) << divergence;
  }
  for (const double share : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(Conditioned({.bold_share = share, .corpus = 5}), std::invalid_argument);
    EXPECT_THROW(Conditioned({.bold_elimination = {.initial_rate = share, .final_rate = 0}, .corpus = 5}),
                 std::invalid_argument);
    EXPECT_TRUE(message_of([&] {  // before the pre-training, which would diverge
                  Conditioned({.bold_share = share, .corpus = 5, .pretraining_learning_rate = {.peak = 1e30}});
                }).starts_with("GptProposer::bold_share is "));
  }
  for (const double steps : {-0.1, 1000.1, 1e300, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(Conditioned({.corpus = 5, .lesson_steps_per_token = steps}), std::invalid_argument);
  }
}

}  // namespace gpt_proposer_test
