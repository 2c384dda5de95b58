// What is computed of runs whose outcome is known.
#include <gtest/gtest.h>

#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "../../examples/query_efficiency/figures.hpp"
#include "../../examples/query_efficiency/run.hpp"
#include "../../examples/query_efficiency/studies.hpp"

namespace figures_test {

using namespace query_efficiency;

constexpr double never = Run::never;
using Runs = std::vector<Run>;

Run found_by_query(double queries) {
  return {.queries = queries, .queries_by_other = queries - 1, .regret = std::vector<double>(300)};
}
Run of_regret(double regret) { return {.regret = std::vector<double>(150, regret)}; }

// The same run ten times in each arm of the factorial.
Study study(Endpoint endpoint, const Run& run) {
  Study study{.name = "",
              .endpoint = endpoint,
              .limit = run.regret.size(),
              .other_key = "",
              .arms = {},
              .ablations = {},
              .samples = {},
              .rankers = {}};
  const auto add = [&](const std::string& name) {
    study.arms.push_back({.name = name, .run = {}, .runs = Runs(10, run)});
  };
  for (const char* search : {"random search", "local search", "regularized evolution", "genetic algorithm"}) {
    add(search);
  }
  for (const std::string ranker : {"", "likelihood", "ensemble", "GP"}) {
    for (const char* proposer : {"mutation", "uniform", "n-gram", "GPT"}) add(arm_name(proposer, ranker));
    if (!ranker.empty()) study.rankers.push_back({.name = ranker, .by_gpt = ranker != "GP", .quality = {}});
  }
  return study;
}

void set_runs(Study& study, const std::string& name, const Runs& runs) {
  for (Arm& arm : study.arms) {
    if (arm.name == name) arm.runs = runs;
  }
}

Json comparison_of_gpt_with(const std::string& other, const Study& study) {
  for (const Json& each : comparisons(study)) {
    if (each["first"] == "GPT" && each["second"] == other) return each;
  }
  throw std::logic_error("GPT is not compared with " + other);
}

// ---- Figures ----

TEST(Figures, SharesHaveWilsonIntervalsAndQuartilesAreCensored) {
  Runs runs;
  for (const double queries : {25.0, 50.0, 60.0, 80.0, 90.0, 110.0, 140.0, 160.0, never, never}) {
    runs.push_back(found_by_query(queries));
  }
  Study of_ten = study(Endpoint::queries, found_by_query(1));
  set_runs(of_ten, "GPT", runs);
  const Json gpt = figures(of_ten, of_ten.arms)["GPT"];
  EXPECT_EQ(gpt["runs"], 10);
  std::vector<double> shares;
  for (const auto& [budget, found] : gpt["found"].items()) shares.push_back(found["share"]);
  EXPECT_EQ(shares, (std::vector<double>{0.1, 0.2, 0.5, 0.7, 0.8, 0.8}));  // by 25, 50, 100, 150, 192, 300
  EXPECT_NEAR(gpt["found"]["100"]["lower"], 0.2365931, 1e-7);
  EXPECT_NEAR(gpt["found"]["100"]["upper"], 0.7634069, 1e-7);
  EXPECT_NEAR(gpt["found"]["300"]["lower"], 0.4901625, 1e-7);
  EXPECT_NEAR(gpt["found"]["300"]["upper"], 0.9433178, 1e-7);
  EXPECT_EQ(gpt["queries"], (Json{{"lower_quartile", 65}, {"median", 100}, {"upper_quartile", 155}, {"censored", 2}}));
  EXPECT_EQ(gpt["queries_by_the_other_key"]["median"], 99);
  EXPECT_NEAR(gpt["endpoint"]["mean"], 131.7, 1e-9);  // 301 for those that were not found
}

TEST(Figures, ThereIsNoMedianWhereHalfOfTheRunsDoNotFindTheBestCell) {
  Runs runs(10, found_by_query(300));
  for (std::size_t index = 0; index < 5; ++index) runs[index] = found_by_query(never);
  Study of_ten = study(Endpoint::queries, found_by_query(1));
  set_runs(of_ten, "GPT", runs);
  const Json gpt = figures(of_ten, of_ten.arms)["GPT"];
  EXPECT_EQ(gpt["queries"],
            (Json{{"lower_quartile", 300}, {"median", nullptr}, {"upper_quartile", nullptr}, {"censored", 5}}));
}

TEST(Figures, TheRegretIsThatAfterAsManyQueries) {
  auto run = of_regret(0);
  std::iota(run.regret.begin(), run.regret.end(), 1);
  const Study of_150 = study(Endpoint::log_regret, run);
  const Json gpt = figures(of_150, of_150.arms)["GPT"];
  std::vector<std::pair<std::string, double>> regret;
  for (const auto& [budget, each] : gpt["regret"].items()) regret.emplace_back(budget, each["mean"]);
  EXPECT_EQ(regret, (std::vector<std::pair<std::string, double>>{{"25", 25}, {"50", 50}, {"100", 100}, {"150", 150}}));
}

TEST(Figures, TimesAreThoseOfACallOverAllRuns) {
  auto short_run = found_by_query(20), long_run = found_by_query(200);
  short_run.times = {.proposals = {2, 0.004}, .lessons = {}, .pretraining = {1, 1}};
  long_run.times = {.proposals = {6, 0.004}, .lessons = {}, .pretraining = {1, 3}};
  Study of_two = study(Endpoint::queries, found_by_query(1));
  set_runs(of_two, "GPT", {short_run, long_run});
  const Json all = figures(of_two, of_two.arms);
  EXPECT_DOUBLE_EQ(all["GPT"]["milliseconds_a_proposal"], 1);
  EXPECT_TRUE(all["GPT"]["milliseconds_a_lesson"].is_null());  // there was none
  EXPECT_DOUBLE_EQ(all["GPT"]["milliseconds_of_pretraining"], 2000);
  EXPECT_TRUE(all["mutation"]["milliseconds_a_proposal"].is_null());
}

// ---- Comparisons ----

TEST(Comparisons, AreThoseNamedInAdvance) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  Study all = study(Endpoint::queries, found_by_query(100));
  Pairs pairs;
  for (const auto& [first, second] : family(all)) pairs.emplace_back(first->name, second->name);
  EXPECT_EQ(pairs, (Pairs{{"GPT", "random search"},
                          {"GPT", "local search"},
                          {"GPT", "regularized evolution"},
                          {"GPT", "genetic algorithm"},
                          {"GPT + GP", "random search"},
                          {"GPT + GP", "local search"},
                          {"GPT + GP", "regularized evolution"},
                          {"GPT + GP", "genetic algorithm"},
                          {"GPT", "mutation"},
                          {"GPT", "uniform"},
                          {"GPT", "n-gram"},
                          {"GPT + likelihood", "mutation + likelihood"},
                          {"GPT + likelihood", "uniform + likelihood"},
                          {"GPT + likelihood", "n-gram + likelihood"},
                          {"GPT + ensemble", "mutation + ensemble"},
                          {"GPT + ensemble", "uniform + ensemble"},
                          {"GPT + ensemble", "n-gram + ensemble"},
                          {"GPT + GP", "mutation + GP"},
                          {"GPT + GP", "uniform + GP"},
                          {"GPT + GP", "n-gram + GP"}}));
  EXPECT_EQ(comparisons(all).size(), 20u);
  std::erase_if(all.rankers, [](const NamedRanker& ranker) { return ranker.by_gpt; });  // --quick
  EXPECT_EQ(comparisons(all).size(), 14u);
}

// Of ten pairs in which the same side is better, the exact p is 2 / 2^10; Holm multiplies it by 20.
TEST(Comparisons, OfQueriesAreInTheFirstsFavourWhereItNeedsFewer) {
  Study all = study(Endpoint::queries, found_by_query(100));
  for (const double later : {101.0, never}) {
    set_runs(all, "n-gram", Runs(10, found_by_query(later)));
    const Json worse = comparison_of_gpt_with("n-gram", all);
    EXPECT_EQ(worse["a12"], 1);
    EXPECT_DOUBLE_EQ(worse["wilcoxon_p"], 2.0 / 1024);
    EXPECT_DOUBLE_EQ(worse["holm_p"], 40.0 / 1024);
    EXPECT_DOUBLE_EQ(worse["mcnemar_p"], 2.0 / 1024);  // found by 100
    EXPECT_DOUBLE_EQ(worse["mcnemar_holm_p"], 40.0 / 1024);
  }
  set_runs(all, "uniform", Runs(10, found_by_query(99)));
  const Json better = comparison_of_gpt_with("uniform", all);
  EXPECT_EQ(better["a12"], 0);
  EXPECT_DOUBLE_EQ(better["wilcoxon_p"], 2.0 / 1024);
  EXPECT_DOUBLE_EQ(better["holm_p"], 40.0 / 1024);
  EXPECT_EQ(better["mcnemar_p"], 1);  // both are
  EXPECT_EQ(better["mcnemar_holm_p"], 1);
  const Json same = comparison_of_gpt_with("mutation", all);
  EXPECT_EQ(same["a12"], 0.5);
  EXPECT_EQ(same["wilcoxon_p"], 1);
}

TEST(Comparisons, OfTheRegretAreInTheFirstsFavourWhereItsIsLess) {
  Study all = study(Endpoint::log_regret, of_regret(0.1));
  set_runs(all, "n-gram", Runs(10, of_regret(0.2)));
  set_runs(all, "uniform", Runs(10, of_regret(0.05)));
  EXPECT_EQ(comparison_of_gpt_with("n-gram", all)["a12"], 1);
  EXPECT_DOUBLE_EQ(comparison_of_gpt_with("n-gram", all)["holm_p"], 40.0 / 1024);
  EXPECT_EQ(comparison_of_gpt_with("uniform", all)["a12"], 0);
  EXPECT_EQ(comparison_of_gpt_with("mutation", all)["a12"], 0.5);
}

// ---- Not worse ----

// The comparisons with this ranker.
std::vector<Json> not_worse_with(const std::string& ranker, const Study& study) {
  std::vector<Json> tests;
  for (const Json& test : not_worse(study)) {
    if (test["candidate"] == arm_name("GPT", ranker)) tests.push_back(test);
  }
  return tests;
}

// Of ten pairs on the same side of the margin, the exact one-sided p is 1 / 2^10, or 1.
TEST(NotWorse, IsByThreeQueries) {
  Study all = study(Endpoint::queries, found_by_query(100));
  const std::vector<std::pair<double, double>> expected{{97, 1.0 / 1024}, {102, 1.0 / 1024}, {103, 1}, {104, 1}};
  for (const auto& [queries, p] : expected) {
    set_runs(all, "GPT + GP", Runs(10, found_by_query(queries)));
    const std::vector<Json> tests = not_worse_with("GP", all);
    ASSERT_EQ(tests.size(), 3u);
    for (std::size_t other = 0; other < 3; ++other) {
      EXPECT_EQ(tests[other], (Json{{"candidate", "GPT + GP"},
                                    {"reference", std::string(other_proposers[other]) + " + GP"},
                                    {"margin", 3},
                                    {"mean_difference", queries - 100},
                                    {"p", p}}));
    }
  }
}

// Each ranker has its own.
TEST(NotWorse, IsWithTheSameRanker) {
  Study all = study(Endpoint::queries, found_by_query(100));
  set_runs(all, "GPT + likelihood", Runs(10, found_by_query(110)));
  EXPECT_EQ(not_worse(all).size(), 12u);
  for (const std::string ranker : {"", "likelihood", "ensemble", "GP"}) {
    const std::vector<Json> tests = not_worse_with(ranker, all);
    ASSERT_EQ(tests.size(), 3u);
    for (std::size_t other = 0; other < 3; ++other) {
      EXPECT_EQ(tests[other]["reference"], arm_name(other_proposers[other], ranker));
      EXPECT_EQ(tests[other]["mean_difference"], ranker == "likelihood" ? 10 : 0);
    }
  }
}

TEST(NotWorse, OfARunThatDoesNotFindTheBestCellIsByOneMoreThanTheLimit) {
  Study all = study(Endpoint::queries, found_by_query(299));
  set_runs(all, "GPT + GP", Runs(10, found_by_query(never)));
  EXPECT_EQ(not_worse_with("GP", all)[0]["mean_difference"], 2);
  EXPECT_EQ(not_worse_with("GP", all)[0]["p"], 1.0 / 1024);
}

TEST(NotWorse, IsByTwoHundredthsOfAPointAfter150Queries) {
  Study all = study(Endpoint::log_regret, of_regret(0.1));
  const std::vector<std::pair<double, double>> expected{{0.05, 1.0 / 1024}, {0.119, 1.0 / 1024}, {0.121, 1}};
  for (const auto& [regret, p] : expected) {
    auto run = of_regret(p == 1 ? 0 : 1);  // before it is the other way round
    run.regret[149] = regret;
    set_runs(all, "GPT + GP", Runs(10, run));
    for (const Json& test : not_worse_with("GP", all)) {
      EXPECT_EQ(test["margin"], 0.02);
      EXPECT_NEAR(test["mean_difference"], regret - 0.1, 1e-12);
      EXPECT_EQ(test["p"], p) << regret;
    }
  }
}

}  // namespace figures_test
