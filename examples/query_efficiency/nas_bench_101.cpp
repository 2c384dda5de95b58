// The study on NAS-Bench-101. The table has test accuracy only: searches select on it, and nothing is said of how well
// what they find generalises. The key of a cell is its isomorphism class.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/file_bytes.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/data/table_image.hpp>
#include <gptnas/proposers/cost_kernel.hpp>
#include <gptnas/proposers/gaussian_process_ranker.hpp>
#include <gptnas/proposers/path_kernel.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>
#include <gptnas/spaces/nas_bench_101_table.hpp>

#include "arms.hpp"
#include "quality.hpp"
#include "studies.hpp"

namespace query_efficiency {

namespace {

constexpr std::size_t limit = 150;  // queries

using Space = nas::NasBench101;

struct MillionParameters {
  double operator()(const Space::Genome& cell) const { return static_cast<double>(Space::parameters(cell)) / 1e6; }
};
using GaussianProcess = nas::GaussianProcessRanker<Space, nas::HammingKernel<Space::Genome>, nas::PathKernel<Space>,
                                                   nas::CostKernel<Space::Genome, MillionParameters>>;

}  // namespace

Study nas_bench_101(const std::filesystem::path& data) {
  const std::string path = table_path(data, "nas_bench_101").string();
  const nas::Table table(nas::FileBytes(nas::table_image(nas::read_nas_bench_101_cells(path))), path);
  const std::string column = "test_correct_of_29952";
  const auto benchmark = std::make_shared<const Benchmark<Space>>(
      Benchmark<Space>{.trainer = {table, "key", column, column},
                       .points = 100 / 29952.0,
                       .limit = limit,
                       .other_key = [](const Space::Genome& cell) { return cell; }});
  const auto gaussian_process = [](std::uint64_t) { return GaussianProcess(); };
  const auto gpts = pretrained<Space>();
  return {.name = "nas-bench-101",
          .endpoint = Endpoint::log_regret,
          .limit = limit,
          .other_key = "by string",
          .arms = main_arms(benchmark, proposer_by<Space>(gpts), gaussian_process),
          .ablations = ablation_arms(benchmark, gpts, gaussian_process),
          .samples = sample_qualities<Space>,
          .rankers = named_rankers(benchmark, gaussian_process)};
}

}  // namespace query_efficiency
