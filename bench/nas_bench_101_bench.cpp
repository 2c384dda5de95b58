// The cells of NAS-Bench-101: all of them, and what the table says of one; table_bench opens the table.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/stop_token.hpp>
#include <gptnas/data/file_bytes.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/data/table_image.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>
#include <gptnas/spaces/nas_bench_101_table.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

namespace {

using namespace gptnas;

/// Calls `visit(cell)` for each of the 423,624 cells, in canonical form.
template <class Visit>
void for_each_cell(Visit visit) {
  for (std::size_t vertices = 2; vertices <= 7; ++vertices) NasBench101::for_each_cell(vertices, visit);
}

void enumerate_cells(benchmark::State& state) {
  for (auto _ : state) for_each_cell([](const auto& cell) { benchmark::DoNotOptimize(cell); });
}
BENCHMARK(enumerate_cells)->Unit(benchmark::kMillisecond);

/// With the MD5 by which the benchmark knows a cell.
void enumerate_module_hashes(benchmark::State& state) {
  for (auto _ : state) {
    for_each_cell([](const auto& cell) { benchmark::DoNotOptimize(NasBench101::module_hash({cell})); });
  }
}
BENCHMARK(enumerate_module_hashes)->Unit(benchmark::kMillisecond);

using Candidate = Individual<NasBench101>;
using CellTrainer = TabularTrainer<NasBench101>;

constexpr const char* table_path = GPTNAS_DATA_DIR "/nas_bench_101.csv.gz";

const CellTrainer& cell_trainer() {
  static const CellTrainer trainer(Table(FileBytes(table_image(read_nas_bench_101_cells(table_path))), table_path),
                                   "key", "test_correct_of_29952", "test_correct_of_29952");
  return trainer;
}

/// Calls `look_up(trainer, candidate)` on one candidate after another where the table is there.
template <class LookUp>
void measure(benchmark::State& state, const std::vector<Candidate>& (*make_candidates)(), LookUp look_up) {
  if (!std::filesystem::exists(table_path)) {
    state.SkipWithError((std::string(table_path) + " is absent; set GPTNAS_DATA_DIR").c_str());
    return;
  }
  const CellTrainer& trainer = cell_trainer();
  const std::vector<Candidate>& candidates = make_candidates();
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(look_up(trainer, candidates[next]));
    next = next + 1 == candidates.size() ? 0 : next + 1;
  }
}

/// All cells in random order.
const std::vector<Candidate>& canonical_candidates() {
  static const std::vector<Candidate> all = [] {
    std::vector<Candidate> candidates;
    for_each_cell([&](const auto& cell) { candidates.push_back({.genome = {cell}}); });
    RandomStream(1).shuffle(std::span(candidates));
    return candidates;
  }();
  return all;
}

Outcome evaluate(const CellTrainer& trainer, const Candidate& candidate) {
  RandomStream unused(1);
  return trainer.evaluate(candidate, 1, unused, NeverStop{});
}

void evaluate_canonical_cell(benchmark::State& state) { measure(state, canonical_candidates, evaluate); }
BENCHMARK(evaluate_canonical_cell);

/// The row alone, without an outcome.
void find_canonical_cell(benchmark::State& state) {
  measure(state, canonical_candidates, [](const CellTrainer& trainer, const Candidate& candidate) {
    return trainer.find(NasBench101::canonical_key(candidate.genome));
  });
}
BENCHMARK(find_canonical_cell);

/// Cells as they are sampled, with dead vertices and in any order.
const std::vector<Candidate>& sampled_candidates() {
  static const std::vector<Candidate> sampled = [] {
    RandomStream random(2);
    std::vector<Candidate> candidates(100'000);
    for (Candidate& candidate : candidates) candidate.genome = sample<NasBench101::Genome>(random);
    return candidates;
  }();
  return sampled;
}

void evaluate_sampled_cell(benchmark::State& state) { measure(state, sampled_candidates, evaluate); }
BENCHMARK(evaluate_sampled_cell);

}  // namespace
