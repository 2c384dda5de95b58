// How many queries until the best cell of a table is found? Ways to propose, by ways to choose among proposals.
//
// Every arm is run over the same seeds; the runs of a seed share their first ten cells. Every label is a query; a cell
// that was asked before gets the label that was paid for.
//
// The tables are no part of the project: two CSVs, plain or .gz, a row a cell.
// - nas_bench_201.csv, for CIFAR-10 and CIFAR-100: what nas_bench_201.cpp describes, and `c10_valid_12`, `c10_test_12`,
//   `c100_valid_12` and `c100_test_12`, the accuracies after 12 epochs.
// - nas_bench_101.csv, unless --dataset leaves it out: `vertices`; `adj`, a hexadecimal number whose bit x + y(y-1)/2
//   is the edge x->y; `ops`, a digit an inner vertex, 0 conv3x3-bn-relu, 1 conv1x1-bn-relu, 2 maxpool3x3, or "-" for
//   none; `test_correct_of_29952`, the correct ones of the 29,952 test images of three trainings of 108 epochs.
//
// The arms are in query_efficiency/arms.hpp, a run in run.hpp, what is computed of them in figures.hpp, what is said of
// them in report.cpp.

#include <unistd.h>

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

void leave_out_rankers_by_gpt(Study& study) {
  std::erase_if(study.arms, [](const Arm& arm) { return arm.ranker_by_gpt; });
  std::erase_if(study.rankers, [](const NamedRanker& ranker) { return ranker.by_gpt; });
}

// The files are checked before the runs, which take an hour.
void check_writable(const std::filesystem::path& file) {
  if (file.empty()) return;
  const auto folder = std::filesystem::absolute(file).parent_path();
  if (!std::filesystem::is_directory(folder) || access(folder.c_str(), W_OK | X_OK) != 0) {
    throw nas::FileError(file.string(), "cannot be written; expected a writable folder");
  }
  if (std::filesystem::is_directory(file)) {
    throw nas::FileError(file.string(), "is a folder; expected a file or a free name");
  }
}

void check_different(const std::filesystem::path& json, const std::filesystem::path& csv) {
  if (json.empty() || csv.empty()) return;
  const auto place = [](const auto& file) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(file));
  };
  if (place(json) == place(csv)) {
    throw nas::FileError(csv.string(), "is the file of both --json and --csv; expected one for each");
  }
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
  const CLI::Option* const seeds_option = app.add_option("--seeds", seeds, "runs an arm, at least 1")
                                              ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
                                              ->capture_default_str();
  app.add_option("--first-seed", first_seed, "of the runs")->capture_default_str();
  app.add_flag("--quick", quick, "without the ablations and the rankers by a GPT; 20 seeds unless --seeds is given");
  app.add_option("--json", json, "write the figures to this file");
  app.add_option("--csv", csv, "write the quartiles of the regret after each query to this file");
  CLI11_PARSE(app, argc, argv);
  if (quick && seeds_option->empty()) seeds = 20;

  try {
    check_writable(json);
    check_writable(csv);
    check_different(json, csv);
    std::vector<Study> studies;  // all tables are read before the first run
    for (const std::string& name : datasets) {
      studies.push_back(name == "nas-bench-101" ? nas_bench_101(data) : nas_bench_201(data, name));
    }
    nlohmann::ordered_json record{{"seeds", seeds}, {"first_seed", first_seed}, {"quick", quick}};
    std::string curves = "table,arm,query,lower_quartile,median,upper_quartile\n";
    for (Study& study : studies) {
      if (quick) leave_out_rankers_by_gpt(study);
      run_all(study.arms, study.name, seeds, first_seed);
      if (!quick) run_all(study.ablations, study.name, (seeds + 3) / 4, first_seed);
      record["tables"][study.name] = report(study);
      curves += regret_curves(study);
      // After each table, so that no later one can lose it.
      if (!json.empty()) nas::write_file(json, record.dump(2) + "\n");
      if (!csv.empty()) nas::write_file(csv, curves);
    }
  } catch (const std::exception& error) {
    std::cerr << "query_efficiency: " << error.what() << '\n';
    return 1;
  }
}
