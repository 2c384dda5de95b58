// The study on NAS-Bench-201: searches select on validation accuracy after 200 epochs. The key of a cell is its string:
// isomorphic cells have rows of their own.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/data/table.hpp>
#include <gptnas/proposers/cost_kernel.hpp>
#include <gptnas/proposers/gaussian_process_ranker.hpp>
#include <gptnas/proposers/path_kernel.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>

#include "arms.hpp"
#include "quality.hpp"
#include "studies.hpp"

namespace query_efficiency {

namespace {

constexpr std::size_t limit = 300;  // queries

using Space = nas::NasBench201;

struct MultiplyAccumulates {
  double operator()(const Space::Genome& cell) const {
    return static_cast<double>(Space::cell_multiply_accumulates(cell)) / (16 * 32 * 16 * 32);
  }
};
using GaussianProcess = nas::GaussianProcessRanker<Space, nas::HammingKernel<Space::Genome>, nas::PathKernel<Space>,
                                                   nas::CostKernel<Space::Genome, MultiplyAccumulates>>;

// The best of some random cells by another trainer.
std::vector<Space::Genome> best_of(const nas::TabularTrainer<Space>& trainer, std::size_t best, std::size_t count,
                                   std::uint64_t seed) {
  nas::RandomStream random(seed);
  std::vector<std::pair<double, Space::Genome>> cells;
  for (const auto& cell : random_genomes<Space>(count, ~seed)) {
    const nas::Individual<Space> individual{.genome = cell};
    cells.emplace_back(trainer.evaluate(individual, 1, random, {}).measured()->objectives[0], cell);
  }
  std::stable_sort(cells.begin(), cells.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Space::Genome> result;
  for (std::size_t i = 0; i < best; ++i) result.push_back(cells[i].second);
  return result;
}

}  // namespace

Study nas_bench_201(const std::filesystem::path& data, const std::string& dataset) {
  const nas::Table table(table_path(data, "nas_bench_201"));
  const std::string prefix = dataset == "cifar10" ? "c10" : "c100";
  const auto benchmark = std::make_shared<const Benchmark<Space>>(
      Benchmark<Space>{.trainer = {table, "ops", prefix + "_valid_200", prefix + "_test_200"},
                       .points = 1,
                       .limit = limit,
                       .other_key = [](const Space::Genome& cell) { return Space::canonical_form(cell); }});
  const auto gaussian_process = [](std::uint64_t) { return GaussianProcess(); };
  const auto gpts = pretrained<Space>();
  const auto gpt = proposer_by<Space>(gpts);
  std::vector<Arm> arms = main_arms(benchmark, gpt, gaussian_process);

  // Choices by accuracy after 12 epochs.
  const auto trainer = std::make_shared<const Fidelities<Space>>(std::vector<Fidelities<Space>::Level>{
      {twelve_epochs, {table, "ops", prefix + "_valid_12", prefix + "_test_12"}}, {1, benchmark->trainer}});
  arms.push_back(arm(benchmark, "GPT + halving", gpt, five_best<Space>, halving<Space>(trainer, 16, nas::NoRanker())));
  arms.push_back(
      arm(benchmark, "GPT + GP + halving", gpt, five_best<Space>, halving<Space>(trainer, 8, GaussianProcess())));

  // Labels of another data set, which do not count: a GPT that has read what is good there.
  std::string transfer;
  if (dataset == "cifar100") {
    transfer = "pre-trained on the 50 best of 200 random cells, by validation accuracy on CIFAR-10";
    const auto known =
        std::make_shared<const nas::TabularTrainer<Space>>(table, "ops", "c10_valid_200", "c10_test_200");
    const auto reader = proposer_by<Space>(
        pretrained_on<Space>([known](std::uint64_t seed) { return best_of(*known, 50, 200, seed); }));
    arms.push_back(arm(benchmark, "GPT, transfer", reader, five_best<Space>, no_ranker));
    arms.push_back(arm(benchmark, "GPT + GP, transfer", reader, five_best<Space>, gaussian_process));
  }
  return {.name = dataset,
          .endpoint = Endpoint::queries,
          .limit = limit,
          .other_key = "by class",
          .arms = std::move(arms),
          .ablations = ablation_arms(benchmark, gpts, gaussian_process),
          .samples = sample_qualities<Space>,
          .rankers = named_rankers(benchmark, gaussian_process),
          .transfer = transfer};
}

}  // namespace query_efficiency
