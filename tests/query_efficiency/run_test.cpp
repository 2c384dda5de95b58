// What a run counts, on a table whose best cell is known, with a strategy that asks for what it is told.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/proposers/gaussian_process_ranker.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/no_ranker.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>

#include "../../examples/query_efficiency/any_policies.hpp"
#include "../../examples/query_efficiency/arms.hpp"
#include "../../examples/query_efficiency/run.hpp"
#include "digits.hpp"

namespace run_test {

using namespace query_efficiency;
using gptnas_test::counted;
using gptnas_test::benchmark;
using gptnas_test::Digits;
using gptnas_test::SortedDigits;

using Cells = std::vector<std::size_t>;
constexpr double never = Run::never;

// Asks for these cells in order, and from then on for the last one.
template <class Space>
struct Script {
  std::optional<nas::Individual<Space>> ask(nas::RandomStream&) {
    return nas::Individual<Space>{.genome = Space::cell(cells[std::min(next++, cells.size() - 1)])};
  }
  void tell(const nas::Individual<Space>&, std::span<const double>) {}
  std::size_t in_flight() const { return batch; }
  std::size_t initial_evaluations() const { return 1; }

  Cells cells;
  std::size_t batch = 1;
  std::size_t next = 0;
};

template <class Space, class Ranker = nas::NoRanker>
Run run_script(const SharedBenchmark<Space>& table, Script<Space> script, Ranker ranker = {}) {
  counted.clear();
  return run(*table, 1, any_proposer<Space>(nas::NoProposer<Space>()), std::move(script),
             any_ranker<Space>(std::move(ranker)));
}

// The regret where these are the best cells after each query.
void expect_regret_of(const Run& run, const Cells& best) {
  ASSERT_EQ(run.regret.size(), best.size());
  for (std::size_t query = 0; query < best.size(); ++query) {
    EXPECT_NEAR(run.regret[query], 99.9 - 0.1 * static_cast<double>(best[query]), 1e-9) << "after " << query + 1;
  }
}

TEST(Run, ACellIsPaidForOnce) {
  const auto run = run_script(benchmark<Digits>(7), {{123, 321, 123, 123, 231, 12, 999}});
  EXPECT_EQ(counted, (Cells{123, 321, 123, 123, 231, 12, 999}));
  EXPECT_EQ(run.queries, 5);
  EXPECT_EQ(run.queries_by_other, 3);  // 123, 012, 999
  EXPECT_EQ(run.keys, 5u);
  EXPECT_EQ(run.other_keys, 3u);
  expect_regret_of(run, {123, 321, 321, 321, 999, 999, 999});
}

TEST(Run, WhereTheKeyIsTheClassAnIsomorphicCellHasTheLabelThatWasPaidFor) {
  const auto run = run_script(benchmark<SortedDigits>(7), {{123, 321, 132, 12, 321, 200, 999}});
  EXPECT_EQ(counted, (Cells{123, 321, 132, 12, 321, 200, 999}));
  EXPECT_EQ(run.queries, 4);
  EXPECT_EQ(run.queries_by_other, 6);  // all of them, 321 once
  EXPECT_EQ(run.keys, 4u);
  EXPECT_EQ(run.other_keys, 6u);
  expect_regret_of(run, {123, 123, 200, 999, 999, 999, 999});
}

TEST(Run, EndsWhereTheBestCellIsFound) {
  for (const std::size_t batch : {1u, 2u, 3u, 4u}) {
    const auto run = run_script(benchmark<Digits>(8), {{500, 999, 700, 800, 900}, batch});
    EXPECT_EQ(counted, (Cells{500, 999})) << batch;
    EXPECT_EQ(run.queries, 2);
    EXPECT_EQ(run.keys, 2u);
    expect_regret_of(run, {500, 999, 999, 999, 999, 999, 999, 999});
  }
}

TEST(Run, EndsAtItsLimit) {
  const auto run = run_script(benchmark<Digits>(4), {{1, 3, 2, 3, 4, 999}});
  EXPECT_EQ(counted, (Cells{1, 3, 2, 3, 4}));
  EXPECT_EQ(run.queries, never);
  EXPECT_EQ(run.queries_by_other, never);
  EXPECT_EQ(run.queries_or_limit(), 5);
  EXPECT_EQ(run.keys, 4u);
  expect_regret_of(run, {1, 3, 3, 4});
}

TEST(Run, TheLastQueryCounts) {
  const auto run = run_script(benchmark<Digits>(4), {{1, 3, 2, 999}});
  EXPECT_EQ(run.queries, 4);
  EXPECT_EQ(run.queries_or_limit(), 4);
}

// So few cells are asked for that the run ends before its limit, by its proposals.
TEST(Run, TheRegretGoesOnWhereARunEndsEarly) {
  const auto run = run_script(benchmark<Digits>(6), {{10, 30, 20}});
  EXPECT_EQ(run.queries, never);
  EXPECT_EQ(run.keys, 3u);
  expect_regret_of(run, {10, 30, 30, 30, 30, 30});
}

TEST(Run, TheTestAccuracyIsThatOfTheBestByValidation) {
  EXPECT_NEAR(run_script(benchmark<Digits>(3), {{100, 700, 300}}).test_accuracy, 130, 1e-9);
  EXPECT_NEAR(run_script(benchmark<Digits>(3), {{100, 999, 300}}).test_accuracy, 100.1, 1e-9);
}

// ---- Halving ----

// Ten cells, as all runs begin, then pools of sixteen.
Cells from_0_to(std::size_t end) {
  Cells cells(end);
  std::iota(cells.begin(), cells.end(), std::size_t{0});
  return cells;
}

Run run_halving(std::size_t limit, const Cells& cells) {
  const auto table = benchmark<Digits>(limit);
  const auto trainer = std::make_shared<const Fidelities<Digits>>(
      std::vector<Fidelities<Digits>::Level>{{twelve_epochs, table->trainer}, {1, table->trainer}});
  return run_script(table, {cells}, halving<Digits>(trainer, 16, nas::NoRanker())(1));
}

// A choice costs 16 * 12 / 200 + 1 = 1.96 queries. The sum of fifty of them is 98, though not to the last bit.
TEST(Halving, ACheapMeasurementCostsTwelveTwoHundredthsOfAQuery) {
  const auto run = run_halving(110, from_0_to(990));
  Cells best;
  for (std::size_t query = 1; query <= 110; ++query) {
    best.push_back(query <= 10 ? query - 1 : 9 + 16 * ((100 * query - 1000) / 196));
  }
  expect_regret_of(run, best);
  EXPECT_EQ(run.keys, 61u);  // what was measured in full
  EXPECT_EQ(counted.back(), 825u);
}

TEST(Halving, ACheapMeasurementIsPaidForOnce) {
  Cells cells = from_0_to(26);                                                                      // 10 + 1.96
  for (std::size_t cell = 10; cell < 26; ++cell) cells.push_back(std::min<std::size_t>(cell, 24));  // + 1
  for (std::size_t cell = 10; cell < 25; ++cell) cells.push_back(std::min<std::size_t>(cell, 23));
  cells.push_back(999);  // + 0.06 + 1
  const auto run = run_halving(20, cells);
  EXPECT_EQ(counted, (Cells{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 25, 24, 999}));
  EXPECT_EQ(run.queries, 15);  // 14.02
  expect_regret_of(run, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 25, 25, 25, 999, 999, 999, 999, 999, 999});
}

TEST(Halving, WhatIsFoundBeyondTheLimitIsNotFound) {
  Cells cells = from_0_to(42);
  cells.back() = 999;  // at 13.92 queries
  const auto beyond = run_halving(13, cells), within = run_halving(14, cells);
  EXPECT_EQ(beyond.queries, never);
  EXPECT_EQ(beyond.queries_or_limit(), 14);
  EXPECT_NEAR(beyond.regret.back(), 97.4, 1e-9);
  EXPECT_NEAR(beyond.test_accuracy, 197.5, 1e-9);
  EXPECT_EQ(within.queries, 14);
}

// ---- Arms ----

TEST(Arms, TheRunsOfASeedShareTheirFirstTenCells) {
  const auto table = benchmark<Digits>(40);
  // In the place of the GPT, which takes long to compile.
  const auto gpt = [](std::uint64_t) { return nas::UniformProposer<Digits>{{.initial_rate = 0.8, .final_rate = 0.8}}; };
  const auto gaussian_process = [](std::uint64_t) { return nas::GaussianProcessRanker<Digits>(); };
  const auto trainer = std::make_shared<const Fidelities<Digits>>(
      std::vector<Fidelities<Digits>::Level>{{twelve_epochs, table->trainer}, {1, table->trainer}});
  std::vector<Arm> arms;
  add_searches(arms, table);
  add_proposers(arms, table, "", false, gpt, no_ranker);
  add_proposers(arms, table, default_ranker, false, gpt, gaussian_process);
  const auto both = halving<Digits>(trainer, 8, nas::GaussianProcessRanker<Digits>());
  arms.push_back(arm(table, "GPT + halving", gpt, five_best<Digits>, halving<Digits>(trainer, 16, nas::NoRanker())));
  arms.push_back(arm(table, "GPT + GP + halving", gpt, five_best<Digits>, both));

  std::vector<std::string> names;
  std::vector<Cells> starts;
  for (const std::uint64_t seed : {1u, 3u, 4u}) {
    std::vector<Cells> runs;
    for (const Arm& each : arms) {
      counted.clear();
      each.run(seed);
      ASSERT_GT(counted.size(), 10u) << each.name;
      runs.push_back(counted);
      EXPECT_TRUE(std::equal(counted.begin(), counted.begin() + 10, runs.front().begin())) << each.name << ", " << seed;
      if (seed == 1) names.push_back(each.name);
    }
    EXPECT_GT(std::set<Cells>(runs.begin(), runs.end()).size(), 8u) << "then they part";
    starts.emplace_back(runs.front().begin(), runs.front().begin() + 10);
  }
  EXPECT_NE(starts[0], starts[1]);
  EXPECT_NE(starts[1], starts[2]);
  EXPECT_EQ(names,
            (std::vector<std::string>{"random search", "local search", "regularized evolution", "genetic algorithm",
                                      "mutation", "uniform", "n-gram", "GPT", "mutation + GP", "uniform + GP",
                                      "n-gram + GP", "GPT + GP", "GPT + halving", "GPT + GP + halving"}));
}

// ---- Endpoints ----

Run with_regret(std::vector<double> regret, double queries = never) { return {.queries = queries, .regret = regret}; }

TEST(Endpoint, OfTheRegretIsTheMeanOfItsLogarithmOverQueries25To150) {
  auto run = with_regret(std::vector<double>(150));
  for (std::size_t query = 1; query <= 150; ++query) {
    run.regret[query - 1] = query < 25 ? 1e9 : std::pow(10, -static_cast<double>(query) / 100);
  }
  EXPECT_NEAR(run.endpoint(Endpoint::log_regret), -0.875, 1e-12);  // of -0.25, -0.26, ..., -1.5
  run.regret[23] = 0;
  EXPECT_NEAR(run.endpoint(Endpoint::log_regret), -0.875, 1e-12);
  run.regret[24] *= 10;  // the first and the last that count
  run.regret[149] *= 100;
  EXPECT_NEAR(run.endpoint(Endpoint::log_regret), -0.875 + 3.0 / 126, 1e-12);
}

TEST(Endpoint, OfTheRegretTakesLessThanAThousandthOfAPointForOne) {
  auto run = with_regret(std::vector<double>(150, 0.1));
  std::fill(run.regret.begin() + 87, run.regret.end(), 0);  // half of the 126 queries
  EXPECT_NEAR(run.endpoint(Endpoint::log_regret), -2, 1e-12);
  std::fill(run.regret.begin() + 87, run.regret.end(), 0.0005);
  EXPECT_NEAR(run.endpoint(Endpoint::log_regret), -2, 1e-12);
}

TEST(Endpoint, OfQueriesIsOneMoreThanTheLimitWhereTheBestCellWasNotFound) {
  EXPECT_EQ(with_regret(std::vector<double>(300), 300).endpoint(Endpoint::queries), 300);
  EXPECT_EQ(with_regret(std::vector<double>(300)).endpoint(Endpoint::queries), 301);
}

// ---- Times ----

// A proposer that says what it took.
struct Timed : nas::NoProposer<Digits> {
  void observe(const nas::Individual<Digits>&, std::span<const double>) { ++taken.lessons.calls; }
  nas::GptProposerTimes times() const { return taken; }

  nas::GptProposerTimes taken{.proposals = {}, .lessons = {}, .pretraining = {.calls = 1, .seconds = 5}};
};

TEST(Run, KeepsWhatTheProposerTook) {
  const auto table = benchmark<Digits>(6);
  const auto timed = run(*table, 1, any_proposer<Digits>(Timed()), Script<Digits>{{1, 2, 3, 999}},
                         any_ranker<Digits>(nas::NoRanker()));
  EXPECT_EQ(timed.times.lessons.calls, 4u);
  EXPECT_EQ(timed.times.pretraining.seconds, 5);
  EXPECT_EQ(run_script(table, {{1, 2, 3, 999}}).times.proposals.calls, 0u);
}

}  // namespace run_test
