// How many queries until the best cell of a table is found? Ways to propose, by ways to choose among proposals.
//
// Every arm is run over the same seeds; the runs of a seed share their first ten cells. Every label is a query; a cell
// that was asked before gets the label that was paid for. The tables are NAS-Bench-201, as nas_bench_201.cpp describes
// it, on CIFAR-10 and CIFAR-100, and NAS-Bench-101: a row a cell, `vertices`, `adj`, a hexadecimal number whose bit
// x + y(y-1)/2 is the edge x->y, `ops`, a digit an inner vertex, and `test_correct_of_29952`.
//
// The arms are in query_efficiency/arms.hpp, a run in run.hpp, what is said of them in report.cpp.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/thread_executor.hpp>
#include <gptnas/core/write_file.hpp>

#include "query_efficiency/report.hpp"
#include "query_efficiency/studies.hpp"

using namespace query_efficiency;

void run_all(std::vector<Arm>& arms, const std::string& table, std::size_t seeds, std::uint64_t first_seed) {
  for (Arm& arm : arms) {
    arm.runs.resize(seeds);
    nas::ThreadExecutor().for_each(seeds, [&](std::size_t index) { arm.runs[index] = arm.run(first_seed + index); });
    arm.run = {};  // and the GPTs that no other arm begins with
    std::cerr << table << ", " << arm.name << ": " << seeds << " runs done\n";
  }
}

bool has_ranker_by_gpt(const Arm& arm) { return arm.name.ends_with("likelihood") || arm.name.ends_with("ensemble"); }

// Before hours of runs.
void check_folder_of(const std::filesystem::path& file) {
  if (file.empty() || std::filesystem::is_directory(std::filesystem::absolute(file).parent_path())) return;
  throw nas::FileError(file.string(), "cannot be written; expected a writable folder");
}

int main(int argc, char** argv) {
  const std::vector<std::string> all{"cifar10", "cifar100", "nas-bench-101"};
  std::filesystem::path data = "../shared/data", json, csv;
  std::vector<std::string> datasets = all;
  std::size_t seeds = 200;
  bool quick = false;
  std::uint64_t first_seed = 1;
  CLI::App app("Queries until the best cell of a table is found, by proposer and ranker");
  app.add_option("--data", data, "folder with nas_bench_201.csv and nas_bench_101.csv, plain or .gz")
      ->capture_default_str();
  app.add_option("--dataset", datasets, "of cifar10, cifar100 and nas-bench-101, separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember(all))
      ->capture_default_str();
  CLI::Option* const seeds_option = app.add_option("--seeds", seeds, "runs an arm, at least 1")
                                        ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
                                        ->capture_default_str();
  app.add_option("--first-seed", first_seed, "of the runs")->capture_default_str();
  app.add_flag("--quick", quick, "20 seeds, without the ablations and the rankers by a GPT")->excludes(seeds_option);
  app.add_option("--json", json, "write the figures to this file");
  app.add_option("--csv", csv, "write the quartiles of the regret after each query to this file");
  CLI11_PARSE(app, argc, argv);
  if (quick) seeds = 20;

  try {
    check_folder_of(json);
    check_folder_of(csv);
    std::vector<Study> studies;  // all tables are read before the first run
    for (const std::string& name : datasets) {
      studies.push_back(name == "nas-bench-101" ? nas_bench_101(data) : nas_bench_201(data, name));
    }
    nlohmann::ordered_json record{{"seeds", seeds}, {"first_seed", first_seed}};
    std::string curves = "table,arm,query,lower_quartile,median,upper_quartile\n";
    for (Study& study : studies) {
      if (quick) std::erase_if(study.arms, has_ranker_by_gpt);
      run_all(study.arms, study.name, seeds, first_seed);
      if (!quick) run_all(study.ablations, study.name, (seeds + 3) / 4, first_seed);
      record["tables"][study.name] = report(study);
      curves += regret_curves(study);
    }
    if (!json.empty()) nas::write_file(json, record.dump(2) + "\n");
    if (!csv.empty()) nas::write_file(csv, curves);
  } catch (const std::exception& error) {
    std::cerr << "query_efficiency: " << error.what() << '\n';
    return 1;
  }
}
