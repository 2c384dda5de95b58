// The study on NAS-Bench-201: searches select on validation accuracy after 200 epochs. The key of a cell is its string:
// isomorphic cells have rows of their own.

#include <filesystem>
#include <memory>
#include <string>

#include <gptnas/data/table.hpp>
#include <gptnas/proposers/cost_kernel.hpp>
#include <gptnas/proposers/gaussian_process_ranker.hpp>
#include <gptnas/proposers/mean_kernel.hpp>
#include <gptnas/proposers/path_kernel.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>

#include "arms.hpp"
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
using Kernel = nas::MeanKernel<nas::HammingKernel<Space::Genome>, nas::PathKernel<Space>,
                               nas::CostKernel<Space::Genome, MultiplyAccumulates>>;

}  // namespace

Study nas_bench_201(const std::filesystem::path& data, const std::string& dataset) {
  const nas::Table table(table_path(data, "nas_bench_201"));
  const std::string prefix = dataset == "cifar10" ? "c10" : "c100";
  const auto benchmark = std::make_shared<const Benchmark<Space>>(
      Benchmark<Space>{.trainer = {table, "ops", prefix + "_valid_200", prefix + "_test_200"},
                       .points = 1,
                       .limit = limit,
                       .other_key = [](const Space::Genome& cell) { return Space::canonical_form(cell); }});
  return {dataset, Endpoint::queries, limit,
          main_arms(benchmark, [](std::uint64_t) { return nas::GaussianProcessRanker<Space, Kernel>(); })};
}

}  // namespace query_efficiency
