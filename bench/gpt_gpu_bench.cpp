// A GPT on the GPU: training steps in each precision, and sampling. The sizes are those of bench/peers/gpt.py, and C.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/cuda/cublas_backend.hpp>
#include <gptnas/gpt/generate_genomes.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>

#include "full_batch.hpp"
#include "genome_of_64_tokens.hpp"

namespace {

using namespace gptnas;

using A = GptSize<64, 64, 128, 4, 4>;
using C = GptSize<256, 256, 512, 8, 8>;

bool has_device(benchmark::State& state) {
  const CudaDevice device = find_cuda_device();
  device ? state.SetLabel(device.name) : state.SkipWithError(device.problem.c_str());
  return static_cast<bool>(device);
}

/// A step on 64 sequences of a whole context.
template <class Size, CublasPrecision Precision>
void training_step(benchmark::State& state) {
  if (!has_device(state)) return;
  using Model = Gpt<Size, CublasBackend<Precision>>;
  constexpr std::size_t sequences = 64;
  Model model{RandomStream(1)};
  GptFitter<Model> fitter({.batch_size = sequences});
  const TokenBatch<Size> batch = full_batch<Size>(sequences);
  for (int i = 0; i < 2; ++i) fitter.step(model, batch, 1e-3);  // after these it is a graph
  for (auto _ : state) fitter.step(model, batch, 1e-3);
  // A parameter of a matrix is multiplied and added once a token forward and twice backward.
  constexpr double macs =
      3.0 * static_cast<double>(sequences * Size::context * (Size::matrix_parameters - Size::context * Size::width));
  state.counters["MAC/s"] = benchmark::Counter(macs, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(training_step<A, CublasPrecision::fp32>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(training_step<A, CublasPrecision::tf32>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(training_step<A, CublasPrecision::bf16>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(training_step<C, CublasPrecision::fp32>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(training_step<C, CublasPrecision::tf32>)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(training_step<C, CublasPrecision::bf16>)->Unit(benchmark::kMillisecond)->UseRealTime();

using Genome = GenomeOf64Tokens;
static_assert(vocabulary_size<Genome> == A::vocabulary && Layout<Genome>::max_tokens == A::context);

/// 4,096 genomes of 64 tokens, drawn side by side.
void sampling(benchmark::State& state) {
  if (!has_device(state)) return;
  const Gpt<A, CublasBackend<>> model{RandomStream(1)};
  constexpr std::size_t sequences = 4096;
  GptSampler sampler(model, sequences);
  for (auto _ : state) benchmark::DoNotOptimize(generate_genomes<Genome>(sampler, sequences));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sequences * A::context));
}
BENCHMARK(sampling)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
