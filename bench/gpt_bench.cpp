// A GPT's training step and sampling, at the size of a proposer and at a larger one.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <vector>

#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/sample_token.hpp>

namespace {

using namespace gptnas;

using Small = Gpt<GptSize<32, 64, 32, 2, 2>>;
using Medium = Gpt<GptSize<32, 64, 64, 2, 4>>;
using Large = Gpt<GptSize<64, 64, 128, 4, 4>>;

/// One step on 64 sequences of `shortest` to 65 tokens; counts tokens.
template <class Model>
void training_step(benchmark::State& state) {
  using Size = typename Model::Sizes;
  constexpr std::size_t sequences = 64;
  const auto shortest = static_cast<std::uint32_t>(state.range(0));
  RandomStream random(1);
  Model model{RandomStream(2)};
  GptFitter<Model> fitter({.batch_size = sequences});
  TokenBatch<Size> batch(sequences * Size::context);
  for (std::size_t i = 0; i < sequences; ++i) {
    std::vector<std::uint32_t> sequence(shortest + random.below(66 - shortest));
    for (auto& token : sequence) token = random.below(Size::vocabulary);
    batch.add(sequence);
  }
  for (auto _ : state) benchmark::DoNotOptimize(fitter.step(model, batch, 1e-3));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.rows()));
}
BENCHMARK(training_step<Small>)->Arg(11)->Unit(benchmark::kMillisecond);
BENCHMARK(training_step<Medium>)->Arg(11)->Unit(benchmark::kMillisecond);
BENCHMARK(training_step<Large>)->Arg(65)->Unit(benchmark::kMillisecond);

/// As many sequences as the argument says, side by side, a whole context long; counts tokens.
template <class Model>
void sampling(benchmark::State& state) {
  using Size = typename Model::Sizes;
  const auto rows = static_cast<std::size_t>(state.range(0));
  const Model model{RandomStream(2)};
  GptSampler sampler(model, rows);
  RandomStream random(1);
  std::array<bool, Size::vocabulary> allowed;
  allowed.fill(true);
  for (auto _ : state) {
    std::vector<std::size_t> tokens(rows);
    sampler.reset();
    while (sampler.position() < Size::context) {
      sampler.push(tokens);
      for (std::size_t row = 0; row < rows; ++row) {
        tokens[row] = sample_token(sampler.logits(row), allowed, 1.0, random);
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows * Size::context));
}
BENCHMARK(sampling<Small>)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(sampling<Medium>)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(sampling<Large>)->Arg(1)->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace
