// Regularized evolution over the table of NAS-Bench-201: how good is the cell that it chooses after so many queries?
//
// Every budget is its own set of runs, over seeds that follow from --seed. A search selects on validation accuracy; the
// test accuracy is that of the one cell it chose.
//
// The table is no part of the project: measurements of NATS-Bench (Dong et al., 2021) as CSV, a row a cell. `ops` holds a
// digit an edge, in the order of the arch string: 0 none, 1 skip_connect, 2 nor_conv_1x1, 3 nor_conv_3x3, 4 avg_pool_3x3;
// `c10_valid_200`, `c10_test_200`, `c100_valid_200` and `c100_test_200` are accuracies in percent after 200 epochs.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/thread_executor.hpp>
#include <gptnas/core/write_file.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/evolution/distinct_tournament.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/study/summary.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

namespace nas = gptnas;

using Space = nas::NasBench201;
using Trainer = nas::TabularTrainer<Space>;
using Proposer = nas::NoProposer<Space>;
using Strategy = nas::RegularizedEvolution<Space, nas::DistinctTournament<3>, nas::OneGeneMutation>;

struct Run {
  double test_accuracy;
  bool found_best;
};

// One search. A cell that it meets again is answered from memory, enters the population and costs no query; the run
// also ends after 30 proposals a query, which is the default of `Budget`.
Run run(const Trainer& trainer, double best_validation, std::size_t queries, std::uint64_t seed) {
  Proposer proposer;
  nas::Search<Space, Proposer, Trainer, Strategy, nas::InlineExecutor> search{
      {.seed = seed}, proposer, trainer, Strategy{{.population = 10}}};
  const auto result = search.run({.evaluations = queries});
  const nas::Measured best = *result.best().outcome.measured();
  return {best.metrics[0], best.objectives[0] == best_validation};
}

struct BudgetSummary {
  nas::Summary test_accuracy;
  double found_best;  // share of the runs
};

BudgetSummary summarize(const Trainer& trainer, std::size_t queries, std::size_t runs, std::uint64_t seed) {
  const double best_validation = trainer.best_validation();
  std::vector<std::uint64_t> seeds(runs);
  nas::RandomStream random(seed, queries);  // the runs of one budget are none of another's
  for (std::uint64_t& each : seeds) each = random.bits64();
  std::vector<Run> results(runs);
  results[0] = run(trainer, best_validation, queries, seeds[0]);  // in this thread, where a wrong budget may throw
  nas::ThreadExecutor().for_each(runs - 1, [&](std::size_t index) {
    results[index + 1] = run(trainer, best_validation, queries, seeds[index + 1]);
  });
  std::vector<double> accuracies;
  double found = 0;
  for (const Run& result : results) {
    accuracies.push_back(result.test_accuracy);
    found += result.found_best;
  }
  return {nas::summarize(accuracies), found / static_cast<double>(runs)};
}

int main(int argc, char** argv) {
  std::filesystem::path data = "../shared/data", json;
  std::string dataset = "cifar10";
  std::vector<std::size_t> queries{50, 100, 192, 500};
  std::size_t runs = 1000;
  std::uint64_t seed = 1;
  constexpr std::uint64_t limit = 1'000'000'000;
  const CLI::Range from_zero(std::uint64_t{0}, limit), from_one(std::uint64_t{1}, limit);
  CLI::App app("Regularized evolution on NAS-Bench-201");
  app.add_option("--data", data, "folder with nas_bench_201.csv or nas_bench_201.csv.gz")->capture_default_str();
  app.add_option("--dataset", dataset, "cifar10 or cifar100")
      ->check(CLI::IsMember({"cifar10", "cifar100"}))
      ->capture_default_str();
  app.add_option("--queries", queries, "budgets, separated by commas")
      ->delimiter(',')
      ->check(from_one)
      ->capture_default_str();
  app.add_option("--runs", runs, "runs a budget, at least 1")->check(from_one)->capture_default_str();
  app.add_option("--seed", seed, "the seeds of all runs follow from it")
      ->check(from_zero)
      ->capture_default_str();
  app.add_option("--json", json, "write the figures to this file");
  CLI11_PARSE(app, argc, argv);

  try {
    const auto plain = data / "nas_bench_201.csv";
    const nas::Table table(std::filesystem::exists(plain) ? plain : data / "nas_bench_201.csv.gz");
    const std::string prefix = dataset == "cifar10" ? "c10" : "c100";
    const Trainer trainer(table, "ops", prefix + "_valid_200", prefix + "_test_200");

    nlohmann::ordered_json record = {{"dataset", dataset}, {"runs", runs}, {"seed", seed}};
    std::cout << dataset << ", " << runs << " runs a line; selected on validation, reported on test\n"
              << "queries  mean test accuracy %  standard error  found the best cell\n";
    for (const std::size_t budget : queries) {
      const auto [accuracy, found_best] = summarize(trainer, budget, runs, seed);
      std::cout << std::fixed << std::setw(7) << budget << std::setprecision(3) << std::setw(22) << accuracy.mean
                << std::setw(16) << accuracy.standard_error << std::setprecision(1) << std::setw(19)
                << 100 * found_best << " %" << std::endl;
      record["budgets"].push_back({{"queries", budget},
                                   {"mean_test_accuracy", accuracy.mean},
                                   {"standard_error", accuracy.standard_error},
                                   {"found_best", found_best}});
    }
    if (!json.empty()) nas::write_file(json, record.dump(2) + "\n");
  } catch (const std::exception& error) {
    std::cerr << "nas_bench_201: " << error.what() << '\n';
    return 1;
  }
}
