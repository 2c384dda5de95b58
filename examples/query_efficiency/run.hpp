// One search on a table, and what is kept of it.
#pragma once

#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

#include "any_policies.hpp"

namespace query_efficiency {

namespace nas = gptnas;

inline constexpr std::size_t initial = 10;  // individuals that the runs of a seed share

// What the runs of an arm are compared by; less is better.
enum class Endpoint {
  queries,     // to the best cell
  log_regret,  // the mean of log10 of the regret, at least 0.001 points, over queries 25 to 150
};

struct Run {
  static constexpr double never = std::numeric_limits<double>::infinity();

  double queries = never;                // until the best cell was found
  double queries_by_other = never;       // the same, where cells are told apart by the other key
  std::size_t keys = 0, other_keys = 0;  // among all that was asked for
  std::vector<double> regret = {};       // (queries) of the column that is searched, in points, after each query
  double test_accuracy = 0;              // in percent, of the cell that is chosen in the end
  double milliseconds = 0;               // of a processor, a query: learning included, pre-training not
  nas::GptProposerTimes times = {};      // by the clock, of the GPT that proposes, if one does

  // Censored: one more than the limit where the best cell was not found.
  double queries_or_limit() const { return std::min(queries, static_cast<double>(regret.size() + 1)); }

  double endpoint(Endpoint which) const {
    if (which == Endpoint::queries) return queries_or_limit();
    double sum = 0;
    for (std::size_t query = 25; query <= 150; ++query) sum += std::log10(std::max(regret[query - 1], 0.001));
    return sum / 126;
  }
};

// A table to search.
template <class Space>
struct Benchmark {
  using Genome = typename Space::Genome;
  using Trainer = nas::TabularTrainer<Space>;

  Trainer trainer;
  double points;                       // of accuracy, in percent, that one unit of the table's columns is
  std::size_t limit;                   // queries
  Genome (*other_key)(const Genome&);  // what tells cells apart, if not the space's own key

  double best() const { return trainer.best_validation(); }
};

template <class Space>
using SharedBenchmark = std::shared_ptr<const Benchmark<Space>>;  // by its arms

// Of the calling thread: what else the machine does does not count.
inline double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Ends a run that has found the best cell.
struct EndAtTheBest {
  template <class Evaluated>
  void observe(const Evaluated& evaluated, const nas::SearchProgress&) {
    if (evaluated.outcome.measured()->objectives[0] == best) stop.request_stop();
  }

  double best;
  std::stop_source& stop;
};

// Every label is a query; a cell that was asked before gets the label that was paid for.
template <class Space, class Strategy>
Run run(const Benchmark<Space>& benchmark, std::uint64_t seed, AnyProposer<Space> proposer, Strategy strategy,
        AnyRanker<Space> ranker) {
  nas::Search<Space, AnyProposer<Space>, typename Benchmark<Space>::Trainer, Strategy, nas::InlineExecutor,
              nas::TellAgain, AnyRanker<Space>>
      search{{.seed = seed, .expected_evaluations = benchmark.limit},
             proposer,
             benchmark.trainer,
             std::move(strategy),
             {},
             {},
             std::move(ranker)};
  const double best = benchmark.best();
  std::stop_source stop;
  const double begin = processor_seconds();
  const auto result = search.run({.evaluations = benchmark.limit}, EndAtTheBest{best, stop}, stop.get_token());
  const double milliseconds = 1000 * (processor_seconds() - begin);

  Run run;
  double chosen = -std::numeric_limits<double>::infinity();
  const auto regret = [&] { return benchmark.points * (best - chosen); };
  std::unordered_set<typename Space::Genome, nas::Hash, nas::Equal> others;
  double cost = 0;  // in queries; a choice may have cost a part of one
  for (const auto& entry : result.history) {
    const nas::Measured& measured = *entry.outcome.measured();
    cost += entry.ranking_cost + (entry.repeated ? 0 : measured.cost);
    const auto queries = static_cast<std::size_t>(std::ceil(cost - 1e-6));
    if (queries > benchmark.limit) continue;  // beyond it the time alone counts
    // What is measured now is known behind its last query; until then, what was known before.
    if (queries > run.regret.size()) run.regret.resize(queries, regret());
    others.insert(benchmark.other_key(entry.genome));
    if (measured.objectives[0] > chosen) {
      chosen = measured.objectives[0];
      run.test_accuracy = benchmark.points * measured.metrics[0];
    }
    run.keys += !entry.repeated;
    run.regret.back() = regret();
    if (chosen == best && run.queries == Run::never) {
      run.queries = static_cast<double>(queries);
      run.queries_by_other = static_cast<double>(others.size());
    }
  }
  run.milliseconds = milliseconds / cost;
  run.times = proposer.times();
  run.other_keys = others.size();
  run.regret.resize(benchmark.limit, regret());
  return run;
}

// The default ranker, a Gaussian process, in names of arms.
inline constexpr const char* default_ranker = "GP";

// What an arm of the factorial is called; without a ranker its name is empty.
inline std::string arm_name(const std::string& proposer, const std::string& ranker) {
  return ranker.empty() ? proposer : proposer + " + " + ranker;
}

// A way to search, and its runs, one a seed.
struct Arm {
  std::string name;
  std::function<Run(std::uint64_t seed)> run;
  bool ranker_by_gpt = false;
  std::vector<Run> runs = {};

  template <class Value>  // of a run
  std::vector<double> values(Value value) const {
    std::vector<double> all;
    for (const Run& each : runs) all.push_back(static_cast<double>(value(each)));
    return all;
  }
  std::size_t found_by(std::size_t budget) const {
    const auto found = [&](const Run& each) { return each.queries <= static_cast<double>(budget); };
    return static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), found));
  }
};

}  // namespace query_efficiency
