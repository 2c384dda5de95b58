// Laws that hold for every ranker and every kernel, and what each one promises beyond.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <gptnas/core/standard_normal.hpp>
#include <gptnas/core/thread_executor.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/mu_plus_lambda.hpp>
#include <gptnas/evolution/random_search.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/proposers/cost_kernel.hpp>
#include <gptnas/proposers/gaussian_process.hpp>
#include <gptnas/proposers/gaussian_process_ranker.hpp>
#include <gptnas/proposers/hamming_kernel.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/no_ranker.hpp>
#include <gptnas/proposers/ordinal_kernel.hpp>
#include <gptnas/proposers/path_kernel.hpp>
#include <gptnas/proposers/successive_halving_ranker.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/tensor/eigen.hpp>

#include <Eigen/Dense>  // behind gptnas/tensor/eigen.hpp, which knows its warnings

#include "../genome/shapes.hpp"
#include "../message_of.hpp"

namespace rankers_test {

using namespace gptnas;
using gptnas_test::message_of;
using Cell = NasBench201::Genome;

std::vector<Cell> cells_of(std::initializer_list<const char*> digits) {
  std::vector<Cell> cells;
  for (const char* each : digits) cells.push_back(NasBench201::genome(NasBench201::index_of(each)));
  return cells;
}

struct CellCost {
  double operator()(const Cell& cell) const {
    return static_cast<double>(NasBench201::cell_multiply_accumulates(cell)) / 1e6;
  }
};

// ---- Kernels ----

template <class Genome>
std::vector<Genome> samples(std::size_t count) {
  RandomStream random(1);
  std::vector<Genome> genomes;
  for (std::size_t i = 0; i < count; ++i) genomes.push_back(sample<Genome>(random));
  return genomes;
}

/// Its matrix over some genomes is symmetric, 1 on the diagonal, and positive semidefinite.
template <class Genome, class Kernel>
void expect_kernel(const Kernel& kernel) {
  std::vector<typename Kernel::Features> features;
  for (const Genome& genome : samples<Genome>(60)) features.push_back(kernel.features(genome));
  Eigen::MatrixXd matrix(60, 60);
  for (Eigen::Index i = 0; i < 60; ++i) {
    for (Eigen::Index j = 0; j < 60; ++j) {
      matrix(i, j) = kernel(features[static_cast<std::size_t>(i)], features[static_cast<std::size_t>(j)]);
    }
  }
  EXPECT_EQ(matrix, matrix.transpose());
  EXPECT_EQ(matrix.diagonal(), Eigen::VectorXd::Ones(60));
  EXPECT_GT(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix).eigenvalues().minCoeff(), -1e-12);
}

TEST(Kernels, ArePositiveSemidefinite) {
  expect_kernel<Cell>(HammingKernel<Cell>{});
  expect_kernel<shapes::Flat>(HammingKernel<shapes::Flat>{.scale = 0.1});
  expect_kernel<shapes::Chain>(HammingKernel<shapes::Chain>{});
  expect_kernel<shapes::Flat>(OrdinalKernel<shapes::Flat>{});
  expect_kernel<shapes::Chain>(OrdinalKernel<shapes::Chain>{.scale = 5});
  expect_kernel<shapes::Nested>(OrdinalKernel<shapes::Nested>{});
  expect_kernel<shapes::Large>(OrdinalKernel<shapes::Large>{.scale = 40});
  expect_kernel<Cell>(PathKernel<NasBench201>{});
  expect_kernel<Cell>(CostKernel<Cell, CellCost>{});
}

TEST(Kernels, AreWhatTheySay) {
  const auto value = [](const auto& kernel, const char* first, const char* second) {
    const auto cell = [](const char* digits) { return NasBench201::genome(NasBench201::index_of(digits)); };
    return kernel(kernel.features(cell(first)), kernel.features(cell(second)));
  };
  const HammingKernel<Cell> hamming{.scale = 0.5};
  const PathKernel<NasBench201> path{.scale = 4};
  const CostKernel<Cell, CellCost> cost{.scale = 0.5};
  EXPECT_DOUBLE_EQ(value(hamming, "012340", "012344"), std::exp(-1 / 6.0 / 0.5));
  EXPECT_DOUBLE_EQ(value(hamming, "000000", "111111"), std::exp(-2));
  EXPECT_DOUBLE_EQ(value(path, "000100", "000300"),
                   std::exp(-0.5));                      // the path of nothing against that of a convolution
  EXPECT_DOUBLE_EQ(value(path, "003300", "000300"), 1);  // a dead edge
  EXPECT_DOUBLE_EQ(value(path, "300010", "100030"), 1);  // a skip connection before or after
  EXPECT_EQ(value(cost, "000300", "300000"), 1);
  const double distance = (std::log1p(9 * 0.262144) - std::log1p(0.262144)) / 0.5;
  EXPECT_DOUBLE_EQ(value(cost, "000300", "000200"), std::exp(-0.5 * distance * distance));
}

TEST(HammingKernel, TokensThatOneGenomeLacksDiffer) {
  using Chain = shapes::Chain;
  constexpr double most = Layout<Chain>::max_tokens;
  const HammingKernel<Chain> kernel{.scale = 0.5};
  for (const Chain& first : samples<Chain>(20)) {
    for (const Chain& second : samples<Chain>(20)) {
      const auto a = encode(first), b = encode(second);
      int different = 0;
      for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        different += i >= a.size() || i >= b.size() || a[i] != b[i];
      }
      EXPECT_DOUBLE_EQ(kernel(kernel.features(first), kernel.features(second)), std::exp(-different / most / 0.5));
    }
  }
}

TEST(OrdinalKernel, IsHammingsWhereNothingIsOrdered) {
  const HammingKernel<Cell> hamming{.scale = 0.5};
  const OrdinalKernel<Cell> ordinal{.scale = 3};  // of the six tokens of a cell
  const std::vector<Cell> cells = samples<Cell>(20);
  for (const Cell& first : cells) {
    for (const Cell& second : cells) {
      EXPECT_EQ(ordinal(ordinal.features(first), ordinal.features(second)),
                hamming(hamming.features(first), hamming.features(second)));
    }
  }
}

TEST(OrdinalKernel, ValuesOfAnOrderedGeneAreNearOrFar) {
  using Width = Choice<256, 128, 64, 32, 16>;
  using Widths = Sequence<Width, 0, 2>;
  const OrdinalKernel<Widths> kernel{.scale = 0.5};
  const auto value = [&](std::initializer_list<Width> first, std::initializer_list<Width> second) {
    return kernel(kernel.features(Widths(first)), kernel.features(Widths(second)));
  };
  EXPECT_EQ(value({32, 16}, {32, 16}), 1);
  EXPECT_DOUBLE_EQ(value({16, 64}, {32, 64}), std::exp(-2 * 0.0625));
  EXPECT_DOUBLE_EQ(value({256, 64}, {32, 16}), std::exp(-2 * (0.5625 + 0.25)));
  // A value against the end of the other sequence, and the end against nothing.
  EXPECT_DOUBLE_EQ(value({64, 64}, {64}), std::exp(-2 * (1 + 0.0 + 1)));
  EXPECT_DOUBLE_EQ(value({64, 16}, {64}), std::exp(-2 * (1 + 0.25 + 1)));
  EXPECT_DOUBLE_EQ(value({}, {16}), std::exp(-2 * (1 + 0.25 + 1)));
}

TEST(OrdinalKernel, OperationsOfACellAreLabels) {
  using Digits = gptnas::Cell<4, 4, 1, 2, 3>;
  const OrdinalKernel<Digits> kernel;
  const auto features = [&](int first) {
    return kernel.features(Digits({Choice<1, 2, 3>(first), Choice<1, 2, 3>(1)}, {{0, 1}, {1, 2}, {2, 3}}));
  };
  EXPECT_EQ(kernel(features(1), features(2)), kernel(features(1), features(3)));
}

TEST(NasBench201, CellsOfOneUniqueStringHaveTheSamePaths) {
  std::map<std::string, std::vector<std::uint64_t>> paths;
  for (std::size_t number = 0; number < NasBench201::size; ++number) {
    const Cell cell = NasBench201::genome(number);
    const auto [place, fresh] = paths.try_emplace(NasBench201::unique_string(cell), NasBench201::paths(cell));
    EXPECT_TRUE(fresh || place->second == NasBench201::paths(cell)) << NasBench201::arch_string(cell);
  }
}

TEST(NasBench201, MultiplyAccumulatesOfACellAreThoseOfItsNetwork) {
  const TaskShape task{3, 32, 32, 10};
  const auto whole = [&](const Cell& cell) { return NasBench201::build(cell, task).multiply_accumulates(); };
  for (const Cell& cell : samples<Cell>(20)) {
    EXPECT_EQ(whole(cell), whole(Cell{}) + 15 * NasBench201::cell_multiply_accumulates(cell));
  }
}

// ---- The Gaussian process ----

/// Numbers, alike as far as they are close.
struct Near {
  using Features = double;
  double scale = 1;
  double features(double place) const { return place / scale; }
  double operator()(double first, double second) const { return std::exp(-0.5 * (first - second) * (first - second)); }
};

/// Of some places.
Eigen::MatrixXd matrix_of(const Near& kernel, const std::vector<double>& places) {
  const auto size = static_cast<Eigen::Index>(places.size());
  Eigen::MatrixXd matrix(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) {
      matrix(i, j) = kernel(kernel.features(places[static_cast<std::size_t>(i)]),
                            kernel.features(places[static_cast<std::size_t>(j)]));
    }
  }
  return matrix;
}

TEST(GaussianProcess, IsTheTextbooksFormula) {
  RandomStream random(1);
  const std::vector<double> at{-2, 0.3, 5};
  GaussianProcess<double, Near> process({.noise = 0.1});
  std::vector<double> places, values;
  for (Eigen::Index size = 1; size <= 30; ++size) {
    places.push_back(4 * standard_normal(random));
    values.push_back(std::sin(places.back()));
    process.add(places.back());
    process.fit(values);
    const auto predictions = process.predict(at);
    const double weight = process.weights()[0];
    const Eigen::MatrixXd covariance =
        weight * matrix_of({}, places) + process.noise() * Eigen::MatrixXd::Identity(size, size);
    for (std::size_t place = 0; place < at.size(); ++place) {
      Eigen::VectorXd likeness(size);
      for (Eigen::Index i = 0; i < size; ++i) {
        likeness[i] = weight * Near{}(places[static_cast<std::size_t>(i)], at[place]);
      }
      const Eigen::VectorXd parts = covariance.inverse() * likeness;
      EXPECT_NEAR(predictions[place].mean, parts.dot(Eigen::Map<const Eigen::VectorXd>(values.data(), size)), 1e-12);
      EXPECT_NEAR(predictions[place].deviation, std::sqrt(weight - parts.dot(likeness)), 1e-7);
    }
  }
}

using Near2 = GaussianProcess<double, Near, Near>;  // of two scales

/// How likely its weights and noise are, to a constant: by the density of the values and the priors.
double log_posterior(const std::array<double, 3>& variances, const std::array<Near, 2>& kernels,
                     const GaussianProcessOptions& options, const std::vector<double>& places,
                     const std::vector<double>& values) {
  const auto size = static_cast<Eigen::Index>(places.size());
  const Eigen::Map<const Eigen::VectorXd> targets(values.data(), size);
  Eigen::MatrixXd covariance = variances[2] * Eigen::MatrixXd::Identity(size, size);
  for (std::size_t i = 0; i < 2; ++i) covariance += variances[i] * matrix_of(kernels[i], places);
  double sum = std::log(covariance.determinant()) + targets.dot(covariance.inverse() * targets);
  const std::array first{0.5, 0.5, options.noise};
  for (std::size_t i = 0; i < 3; ++i) sum += options.prior * (std::log(variances[i]) + first[i] / variances[i]);
  return -sum / 2;
}

TEST(GaussianProcess, StepsTowardsTheLikeliestWeights) {
  const std::array kernels{Near{.scale = 0.3}, Near{.scale = 3}};
  for (const double prior : {0.0, 0.3, 20.0}) {
    RandomStream random(7);
    const GaussianProcessOptions options{.noise = 0.4, .prior = prior};
    Near2 process(options, {kernels[0], kernels[1]});
    std::vector<double> places, values;
    for (int i = 0; i < 25; ++i) {
      places.push_back(5 * standard_normal(random));
      values.push_back(std::sin(places.back()) + 0.3 * standard_normal(random));
      process.add(places.back());
    }
    const auto density = [&](double first, double second, double noise) {
      const auto& weights = process.weights();
      return log_posterior({first * weights[0], second * weights[1], noise * process.noise()}, kernels, options, places,
                           values);
    };
    double before = density(1, 1, 1);
    process.fit(values, 0);
    EXPECT_EQ(density(1, 1, 1), before);
    for (int step = 0; step < 50; ++step) {
      process.fit(values);
      const double after = density(1, 1, 1);
      EXPECT_GE(after, before - 1e-9) << step;
      before = after;
    }
    process.fit(values, 3000);
    const double best = density(1, 1, 1) + 1e-6;
    for (const double factor : {0.9, 1.1}) {
      EXPECT_GE(best, density(factor, 1, 1)) << prior;
      EXPECT_GE(best, density(1, factor, 1)) << prior;
      EXPECT_GE(best, density(1, 1, factor)) << prior;
    }
  }
}

TEST(GaussianProcess, LearnsWhichKernelCounts) {
  RandomStream random(1);
  Near2 process({}, {{.scale = 1e-3}, {.scale = 1}});  // the first finds all places different
  std::vector<double> values;
  for (int i = 0; i < 60; ++i) {
    const double place = 4 * standard_normal(random);
    process.add(place);
    values.push_back(std::sin(place));
    process.fit(values);
  }
  EXPECT_LT(10 * process.weights()[0], process.weights()[1]);
  EXPECT_LT(process.noise(), 0.1);
}

TEST(GaussianProcess, KnowsNothingAtFirst) {
  GaussianProcess<double, Near> process;
  process.fit({});
  const std::vector<double> at{1, 2};
  const auto predictions = process.predict(at);
  ASSERT_EQ(predictions.size(), 2u);
  EXPECT_EQ(predictions[1].mean, 0);
  EXPECT_EQ(predictions[1].deviation, 1);
}

TEST(GaussianProcess, BearsOnePlaceManyTimes) {
  for (const double prior : {0.0, 0.3}) {
    GaussianProcess<double, Near> process({.noise = 1e-9, .prior = prior});
    const std::vector<double> values(50, 3.0);
    for (std::size_t i = 0; i < values.size(); ++i) process.add(1.5);
    process.fit(values, 100);
    const std::vector<double> at{1.5};
    EXPECT_NEAR(process.predict(at)[0].mean, 3, 1e-5);
  }
}

TEST(GaussianProcess, BearsValuesThatAreAllTheSame) {
  for (const double prior : {0.0, 0.3}) {
    for (const double value : {0.0, 2.0}) {
      GaussianProcess<double, Near> process({.prior = prior});
      const std::vector<double> values(10, value);
      for (std::size_t i = 0; i < values.size(); ++i) process.add(static_cast<double>(i));
      process.fit(values, 1000);
      const std::vector<double> at{4.5};
      EXPECT_NEAR(process.predict(at)[0].mean, value, 0.1);
      EXPECT_TRUE(std::isfinite(process.predict(at)[0].deviation));
    }
  }
}

TEST(GaussianProcess, RefusesBadInput) {
  using Process = GaussianProcess<double, Near>;
  EXPECT_EQ(message_of([] { Process({.noise = 0}); }),
            "GaussianProcess: noise is 0; expected finite, more than 0");
  EXPECT_THROW(Process({.noise = std::numeric_limits<double>::infinity()}), std::invalid_argument);
  EXPECT_EQ(message_of([] { Process({.prior = -1}); }),
            "GaussianProcess: prior is -1; expected finite, at least 0");
  EXPECT_THROW(Process({.prior = std::nan("")}), std::invalid_argument);
  Process process;
  process.add(1);
  EXPECT_EQ(message_of([&] { process.fit({}); }), "GaussianProcess::fit: values is 0; expected 1, one a place");
  EXPECT_EQ(message_of([&] { process.predict({}); }),
            "GaussianProcess::predict: places with a value is 0; expected 1, all of them");
  GaussianProcess<Cell, HammingKernel<Cell>> broken({}, {{.scale = 0}});
  EXPECT_THROW(broken.add({}), std::invalid_argument);
  GaussianProcess<Cell, HammingKernel<Cell>> negative({}, {{.scale = -1}});
  for (const Cell& cell : cells_of({"000000", "444444"})) negative.add(cell);
  const std::array values{1.0, 2.0};
  EXPECT_EQ(message_of([&] { negative.fit(values); }),
            "GaussianProcess: a kernel is not positive semidefinite; expected kernels that are, and scales above 0");
}

// ---- Rankers ----

using CellRanker = GaussianProcessRanker<NasBench201>;
static_assert(Ranker<NoRanker, NasBench201> && Ranker<CellRanker, NasBench201>);

/// A ranker that has seen some cells, whose fitness is the number of 3x3 convolutions.
double convolutions(const Cell& cell) {
  double count = 0;
  for (const auto& edge : cell.edges) count += edge == NasBench201::Operation::nor_conv_3x3;
  return count;
}

CellRanker taught(double scale = 1, std::size_t count = 40) {
  CellRanker ranker;
  std::uint64_t id = 0;
  for (const Cell& cell : samples<Cell>(count)) {
    const std::array fitness{scale * std::exp(convolutions(cell))};
    ranker.observe({.id = id++, .genome = cell}, fitness);
  }
  return ranker;
}

TEST(GaussianProcessRanker, ScoresDoNotDependOnTheOthers) {
  CellRanker ranker = taught();
  const std::vector<Cell> cells = samples<Cell>(10);
  std::vector<double> together(10), alone(1);
  ranker.score(cells, together);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    ranker.score(std::span(cells).subspan(i, 1), alone);
    EXPECT_NEAR(alone[0], together[i], 1e-12);
  }
}

TEST(GaussianProcessRanker, LearnsRanksAlone) {
  const std::vector<Cell> cells = samples<Cell>(10);
  std::vector<double> first(10), second(10);
  CellRanker small = taught(1e-3), large = taught(1e6);
  small.score(cells, first);
  large.score(cells, second);
  EXPECT_EQ(first, second);
}

TEST(GaussianProcessRanker, ScoresTheBetterHigher) {
  CellRanker ranker({.exploration = 0});
  std::uint64_t id = 0;
  for (const Cell& cell : samples<Cell>(100)) {
    const std::array fitness{convolutions(cell)};
    ranker.observe({.id = id++, .genome = cell}, fitness);
  }
  const auto cell = [](const char* digits) { return NasBench201::genome(NasBench201::index_of(digits)); };
  const std::vector<Cell> cells{cell("000000"), cell("030303"), cell("333333")};
  std::vector<double> scores(3);
  ranker.score(cells, scores);
  EXPECT_LT(scores[0], scores[1]);
  EXPECT_LT(scores[1], scores[2]);
}

// A genome of numbers.
struct Widths {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Repeat<Choice<8, 16, 24, 32, 40, 48, 56, 64>, 3>, layers));
  };
};

TEST(GaussianProcessRanker, ExpectsTheBestBetweenTheNumbersItHasSeen) {
  GaussianProcessRanker<Widths> ranker({.exploration = 0});
  std::uint64_t id = 0;
  for (const Widths::Genome& genome : samples<Widths::Genome>(100)) {
    if (genome.layers[0] == 40) continue;
    const double distance = genome.layers[0] - 40;
    const std::array fitness{-distance * distance};
    ranker.observe({.id = id++, .genome = genome}, fitness);
  }
  std::vector<Widths::Genome> genomes(8);
  for (std::size_t value = 0; value < genomes.size(); ++value) set_gene_value(genomes[value], 0, value);
  std::vector<double> scores(8);
  ranker.score(genomes, scores);
  EXPECT_EQ(std::max_element(scores.begin(), scores.end()) - scores.begin(), 4);
  EXPECT_TRUE(std::is_sorted(scores.begin(), scores.begin() + 5));
  EXPECT_TRUE(std::is_sorted(scores.rbegin(), scores.rbegin() + 4));
}

TEST(GaussianProcessRanker, ChoosesOnceItKnowsEnough) {
  CellRanker ranker({.pool = 7, .initial = 2});
  EXPECT_EQ(ranker.pool(), 1u);
  const std::array fitness{1.0};
  ranker.observe({}, {});  // a failure
  ranker.observe({}, fitness);
  ranker.observe({}, fitness);  // repeated
  EXPECT_EQ(ranker.pool(), 1u);
  ranker.observe({.genome = NasBench201::genome(1)}, fitness);
  EXPECT_EQ(ranker.pool(), 7u);
  std::vector<double> score(1);
  const std::vector<Cell> cells(1);
  ranker.score(cells, score);
  EXPECT_TRUE(std::isfinite(score[0]));
}

TEST(GaussianProcessRanker, RefusesBadInput) {
  EXPECT_THROW(CellRanker({.pool = 0}), std::invalid_argument);
  EXPECT_THROW(CellRanker({.initial = 0}), std::invalid_argument);
  EXPECT_THROW(CellRanker({.exploration = -1}), std::invalid_argument);
  EXPECT_THROW(CellRanker({.exploration = std::nan("")}), std::invalid_argument);
  EXPECT_THROW(CellRanker({.exploration = std::numeric_limits<double>::infinity()}), std::invalid_argument);
  EXPECT_THROW(CellRanker({.process = {.noise = 0}}), std::invalid_argument);
}

// ---- Rankers in a search ----

struct Convolutions {
  static constexpr std::array objectives{Objective{"convolutions", Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};
  template <class Space>
  Outcome evaluate(const Individual<Space>& individual, double, RandomStream&, std::stop_token) const {
    return Measured{{convolutions(individual.genome)}, {}, 1};
  }
};

/// Likes large numbers of cells, and counts what it is asked.
struct LargeNumbers {
  std::size_t size;
  std::vector<std::size_t>* pools;

  std::size_t pool() const { return size; }
  void score(std::span<const Cell> cells, std::span<double> scores) {
    pools->push_back(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) scores[i] = static_cast<double>(NasBench201::index(cells[i]));
  }
  void observe(const Individual<NasBench201>&, std::span<const double>) {}
};

using Proposer = NoProposer<NasBench201>;
using Strategy = GeneticAlgorithm<NasBench201, Tournament<2>, UniformCrossover, DefaultMutation, MuPlusLambda>;

template <class Ranker, class Duplicates = TellAgain, class Executor = InlineExecutor>
auto history_with(Ranker ranker, Executor executor = {}, std::size_t evaluations = 60, std::uint64_t seed = 3) {
  Proposer proposer;
  const Convolutions trainer;
  Search<NasBench201, Proposer, Convolutions, Strategy, Executor, Duplicates, Ranker> search{
      {.seed = seed}, proposer, trainer, Strategy{{.population = 10, .offspring = 4}}, executor, {}, ranker};
  return search.run({.evaluations = evaluations}).history;
}

TEST(Search, MeasuresWhatTheRankerLikesBest) {
  std::vector<std::size_t> pools;
  const auto chosen = history_with(LargeNumbers{20, &pools}), plain = history_with(NoRanker{});
  ASSERT_GE(pools.size(), 60u);
  double sum = 0, plain_sum = 0;
  for (std::size_t i = 0; i < 10; ++i) {  // the largest of twenty random numbers
    sum += static_cast<double>(NasBench201::index(chosen[i].genome)) / NasBench201::size / 10;
    plain_sum += static_cast<double>(NasBench201::index(plain[i].genome)) / NasBench201::size / 10;
  }
  EXPECT_NEAR(sum, 20.0 / 21, 0.06);
  EXPECT_NEAR(plain_sum, 0.5, 0.3);
}

TEST(Search, LeavesOutOfThePoolWhatIsKnown) {
  std::vector<std::size_t> pools, all_pools;
  history_with(LargeNumbers{20, &pools});
  EXPECT_EQ(*std::max_element(pools.begin(), pools.end()), 20u);
  EXPECT_LT(*std::min_element(pools.begin(), pools.end()), 20u);
  history_with<LargeNumbers, Ignore>(LargeNumbers{20, &all_pools});
  EXPECT_EQ(all_pools, std::vector<std::size_t>(60, 20));
}

// Takes down the pools that it is asked about.
struct Listening {
  std::vector<std::vector<Cell>>* pools;

  std::size_t pool() const { return 400; }
  void score(std::span<const Cell> cells, std::span<double> scores) {
    pools->emplace_back(cells.begin(), cells.end());
    std::ranges::fill(scores, 0.0);
  }
  void observe(const Individual<NasBench201UpToIsomorphism>&, std::span<const double>) {}
};

template <class Duplicates>
std::vector<std::vector<Cell>> random_pools() {
  using Space = NasBench201UpToIsomorphism;
  std::vector<std::vector<Cell>> pools;
  NoProposer<Space> proposer;
  const Convolutions trainer;
  Search<Space, NoProposer<Space>, Convolutions, RandomSearch<Space>, InlineExecutor, Duplicates, Listening> search{
      {.seed = 3}, proposer, trainer, {}, {}, {}, Listening{&pools}};
  search.run({.evaluations = 20});
  return pools;
}

// Of the same proposals, where duplicates are remembered, the first of each class.
TEST(Search, ScoresIsomorphicProposalsOnce) {
  const auto whole = random_pools<Ignore>(), scored = random_pools<TellAgain>();
  ASSERT_EQ(whole.size(), 20u);
  ASSERT_EQ(scored.size(), 20u);
  std::unordered_set<Cell, Hash, Equal> measured;
  for (std::size_t pool = 0; pool < whole.size(); ++pool) {
    ASSERT_EQ(whole[pool].size(), 400u);
    std::vector<Cell> expected;
    auto met = measured;
    for (const Cell& cell : whole[pool]) {
      if (met.insert(canonical_of<NasBench201UpToIsomorphism>(cell)).second) expected.push_back(cell);
    }
    EXPECT_LT(expected.size(), 400u);
    EXPECT_TRUE(std::ranges::equal(scored[pool], expected, Equal{})) << pool;
    measured.insert(
        canonical_of<NasBench201UpToIsomorphism>(scored[pool][0]));  // of equal scores the first is measured
  }
}

// By the space's own canonical form: a proposal is a repetition only where its whole pool is known.
TEST(Search, KnowsIsomorphicCellsInThePool) {
  struct Unknown {
    std::size_t pool() const { return 20; }
    void score(std::span<const Cell>, std::span<double> scores) { std::ranges::fill(scores, 0.0); }
    void observe(const Individual<NasBench201UpToIsomorphism>&, std::span<const double>) {}
  };
  NoProposer<NasBench201UpToIsomorphism> proposer;
  const Convolutions trainer;
  Search<NasBench201UpToIsomorphism, decltype(proposer), Convolutions, RandomSearch<NasBench201UpToIsomorphism>,
         InlineExecutor, TellAgain, Unknown>
      search{{.seed = 3}, proposer, trainer};
  for (const auto& entry : search.run({.evaluations = 2000}).history) EXPECT_FALSE(entry.repeated);
}

TEST(GaussianProcessRanker, AnIsomorphicCellIsNothingNew) {
  GaussianProcessRanker<NasBench201UpToIsomorphism> ranker({.pool = 7, .initial = 2});
  const std::array fitness{1.0};
  const auto cell = [](const char* digits) { return NasBench201::genome(NasBench201::index_of(digits)); };
  ranker.observe({.genome = cell("003300")}, fitness);
  ranker.observe({.genome = cell("000300")}, fitness);  // without the dead edge
  EXPECT_EQ(ranker.pool(), 1u);
  ranker.observe({.genome = cell("000200")}, fitness);
  EXPECT_EQ(ranker.pool(), 7u);
}

TEST(Search, APoolOfOneIsNoChoice) {
  std::vector<std::size_t> pools;
  const auto chosen = history_with(LargeNumbers{1, &pools}), plain = history_with(NoRanker{});
  ASSERT_EQ(chosen.size(), plain.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) EXPECT_TRUE(Equal{}(chosen[i].genome, plain[i].genome));
  EXPECT_TRUE(pools.empty());
}

TEST(Search, RankedRunsAreTheSameOnAnyNumberOfThreads) {
  const auto one = history_with(CellRanker{}, InlineExecutor{});
  const auto two = history_with<CellRanker, TellAgain, ThreadExecutor>(CellRanker{}, ThreadExecutor(2));
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(Equal{}(one[i].genome, two[i].genome));
}

TEST(Search, AGaussianProcessFindsTheBestSooner) {
  const auto queries = [](const auto& history) {
    std::size_t count = 0;
    for (const auto& entry : history) {
      count += !entry.repeated;
      if (entry.outcome.measured()->objectives[0] == 6) return count;
    }
    return count + 1;
  };
  std::size_t ranked = 0, plain = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ranked += queries(history_with(CellRanker{}, InlineExecutor{}, 200, seed));
    plain += queries(history_with(NoRanker{}, InlineExecutor{}, 200, seed));
  }
  EXPECT_LT(2 * ranked, plain);
}

// ---- Successive halving ----

/// At low fidelity it sees the first edges only; it costs what its fidelity says.
struct FirstEdges {
  static constexpr std::array objectives{Objective{"convolutions", Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};
  Outcome evaluate(const Individual<NasBench201>& individual, double fidelity, RandomStream&, std::stop_token) const {
    if (individual.genome.edges[5] == NasBench201::Operation::none) return Failed{FailureKind::threw, "no last edge"};
    const auto seen = static_cast<std::size_t>(6 * fidelity + 0.5);
    double count = 0;
    for (std::size_t edge = 0; edge < seen; ++edge) {
      count += individual.genome.edges[edge] == NasBench201::Operation::nor_conv_3x3;
    }
    return Measured{{count}, {}, fidelity};
  }
};

using Halving = SuccessiveHalvingRanker<NasBench201, FirstEdges>;
static_assert(Ranker<Halving, NasBench201>);

TEST(SuccessiveHalvingRanker, OrdersByTheHighestRungThatWasReached) {
  const FirstEdges trainer;
  Halving ranker(trainer, {.rungs = {{4, 1.0 / 3}, {2, 2.0 / 3}}});
  // By the first two edges the second and the fourth are best, by the first four the second; the third one fails, and
  // the fifth is no candidate.
  const auto cells = cells_of({"000003", "333331", "333330", "330003", "333333"});
  std::vector<double> scores(5);
  ranker.score(cells, scores);
  EXPECT_EQ(scores, (std::vector<double>{-2, 0, -3, -1, -4}));
  EXPECT_DOUBLE_EQ(ranker.spent(), 3.0 / 3 + 2 * 2.0 / 3);
  ranker.score(std::span(cells).first(4), std::span(scores).first(4));
  EXPECT_DOUBLE_EQ(ranker.spent(), 3.0 / 3 + 2 * 2.0 / 3) << "a cell is measured once";
}

/// Throws for the first cell, measures no number of the second, two objectives of the third; the rest is as above.
struct Troubled : FirstEdges {
  Outcome evaluate(const Individual<NasBench201>& individual, double fidelity, RandomStream& random,
                   std::stop_token stop) const {
    const std::size_t index = NasBench201::index(individual.genome);
    if (index == 0) throw std::runtime_error("no such luck");
    if (index == 1) return Measured{{std::nan("")}, {}, 1};
    if (index == 2) return Measured{{9, 9}, {}, 1};
    return FirstEdges::evaluate(individual, fidelity, random, stop);
  }
};

TEST(SuccessiveHalvingRanker, WhatFailsComesLastInWhateverWay) {
  const Troubled trainer;
  SuccessiveHalvingRanker<NasBench201, Troubled> ranker(trainer, {.rungs = {{5, 1.0 / 3}}});
  std::vector<double> scores(5);
  for (int repetition = 0; repetition < 2; ++repetition) {
    ranker.score(cells_of({"000000", "000001", "000002", "333330", "333333"}), scores);
    EXPECT_EQ(scores, (std::vector<double>{-1, -2, -3, -4, 0}));
  }
  EXPECT_DOUBLE_EQ(ranker.spent(), 1.0 / 3);
}

TEST(SuccessiveHalvingRanker, TakesTheCandidatesThatTheFirstRankerLikes) {
  const FirstEdges trainer;
  std::vector<std::size_t> pools;
  SuccessiveHalvingRanker<NasBench201, FirstEdges, LargeNumbers> ranker(trainer, {.rungs = {{2, 0.5}}, .initial = 1},
                                                                        {20, &pools});
  EXPECT_EQ(ranker.pool(), 1u);
  const std::array fitness{1.0};
  ranker.observe({}, fitness);
  EXPECT_EQ(ranker.pool(), 20u);
  const auto cells = cells_of({"000001", "444441", "333331", "111111"});
  std::vector<double> scores(4);
  ranker.score(cells, scores);
  EXPECT_EQ(scores, (std::vector<double>{-3, -1, 0, -2}));
  EXPECT_DOUBLE_EQ(ranker.spent(), 1.0);
}

TEST(SuccessiveHalvingRanker, RefusesBadInput) {
  const FirstEdges trainer;
  EXPECT_EQ(message_of([&] { Halving(trainer, {.rungs = {}}); }),
            "SuccessiveHalvingRanker: rungs is 0; expected at least 1");
  EXPECT_EQ(message_of([&] {
              Halving(trainer, {.rungs = {{2, 0.1}, {2, 0.5}}});
            }),
            "HalvingRung::candidates is 2; expected at least 1, and less than before");
  EXPECT_THROW(Halving(trainer, {.rungs = {{0, 0.1}}}), std::invalid_argument);
  EXPECT_EQ(message_of([&] {
              Halving(trainer, {.rungs = {{4, 0.5}, {2, 0.5}}});
            }),
            "HalvingRung::fidelity is 0.5; expected in (0, 1], and more than before");
  EXPECT_THROW(Halving(trainer, {.rungs = {{4, 1.5}}}), std::invalid_argument);
  EXPECT_THROW(Halving(trainer, {.rungs = {{4, std::nan("")}}}), std::invalid_argument);
}

// What is spent on all choices is what their costs add up to; choices that are drawn anew count too.
TEST(Search, TellsWhatTheChoicesCost) {
  Proposer proposer;
  const FirstEdges trainer;
  const auto costs = [&]<class Duplicates>(Duplicates duplicates) {
    Search<NasBench201, Proposer, FirstEdges, Strategy, InlineExecutor, Duplicates, Halving> search{
        {.seed = 3},
        proposer,
        trainer,
        Strategy{{.population = 10, .offspring = 4}},
        {},
        duplicates,
        Halving(trainer, {.rungs = {{4, 0.5}}, .initial = 5})};
    return search.run({.evaluations = 40}).history;
  };
  const auto history = costs(TellAgain{});
  std::size_t successes = 0;
  for (std::size_t i = 0; i < history.size(); ++i) {
    EXPECT_GE(history[i].ranking_cost, 0);
    EXPECT_LE(history[i].ranking_cost, i < 5 ? 0 : 4 * 0.5);
    if (i > 20 && i < 30) successes += history[i].ranking_cost > 0;
    const Measured* measured = history[i].outcome.measured();
    EXPECT_TRUE(measured == nullptr || measured->cost == 1);
  }
  EXPECT_GT(successes, 5u);
  for (const auto& entry : history_with(CellRanker{})) EXPECT_EQ(entry.ranking_cost, 0);
}

}  // namespace rankers_test
