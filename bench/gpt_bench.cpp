// A GPT's training step and sampling, at the size of a proposer and at a larger one.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/gpt/beam_search.hpp>
#include <gptnas/gpt/generate.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/log_likelihood.hpp>
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

/// Draws as many sequences as the argument says, side by side, a whole context long; counts tokens.
template <class Model>
void sample_with(const SamplingOptions& options, benchmark::State& state) {
  using Size = typename Model::Sizes;
  const auto rows = static_cast<std::size_t>(state.range(0));
  const Model model{RandomStream(2)};
  GptSampler sampler(model, rows);
  std::vector<std::vector<std::uint16_t>> sequences;
  for (auto _ : state) {
    sequences.assign(rows, {0});
    generate(sampler, sequences, {.sampling = options});
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows * Size::context));
}

template <class Model>
void sampling(benchmark::State& state) {
  sample_with<Model>({}, state);
}
BENCHMARK(sampling<Small>)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(sampling<Medium>)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(sampling<Large>)->Arg(1)->Arg(8)->Arg(64)->Unit(benchmark::kMicrosecond);

template <class Model>
void sampling_what_is_likely(benchmark::State& state) {
  sample_with<Model>({.top_k = 40, .top_p = 0.95}, state);
}
BENCHMARK(sampling_what_is_likely<Large>)->Arg(64)->Unit(benchmark::kMicrosecond);

/// Beam search for a whole context, as wide as the argument says; counts the tokens of all beams.
template <class Model>
void beams(benchmark::State& state) {
  const auto width = static_cast<std::size_t>(state.range(0));
  const Model model{RandomStream(2)};
  GptSampler sampler(model, width);
  const std::vector<std::uint16_t> prompt{0};
  for (auto _ : state) benchmark::DoNotOptimize(beam_search(sampler, prompt, {.width = width}));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(width * Model::Sizes::context));
}
BENCHMARK(beams<Large>)->Arg(8)->Unit(benchmark::kMicrosecond);

/// The likelihood of 64 sequences of a whole context, as many side by side as the argument says; counts tokens.
template <class Model>
void likelihoods(benchmark::State& state) {
  using Size = typename Model::Sizes;
  const Model model{RandomStream(2)};
  GptSampler sampler(model, static_cast<std::size_t>(state.range(0)));
  const std::vector<std::vector<std::uint16_t>> sequences(64, std::vector<std::uint16_t>(Size::context + 1));
  for (auto _ : state) benchmark::DoNotOptimize(log_likelihoods(sampler, sequences));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sequences.size() * Size::context));
}
BENCHMARK(likelihoods<Large>)->Arg(64)->Unit(benchmark::kMicrosecond);

}  // namespace
