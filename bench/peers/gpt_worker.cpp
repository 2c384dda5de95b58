// Our side of gpt.py: does one kind of work as often as lines come in, and answers each with the seconds it took.
//
// gpt_worker eigen|onednn train|sample A|B SEQUENCES THREADS
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include <gptnas/gpt/generate.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>

#if defined(GPTNAS_WITH_ONEDNN)
#include <gptnas/tensor/one_dnn_backend.hpp>
#endif

#include "../full_batch.hpp"
#include "answer.hpp"

namespace {

using namespace gptnas;

using A = GptSize<64, 64, 128, 4, 4>;
using B = GptSize<128, 128, 256, 6, 8>;

/// A step on sequences of a whole context.
template <class Size, class Machine>
void train(std::size_t sequences, std::size_t threads) {
  Gpt<Size, Machine> model{RandomStream(1)};
  GptFitter<Gpt<Size, Machine>> fitter({.batch_size = sequences, .shards = 4, .pass_rows = 512, .threads = threads});
  const TokenBatch<Size> batch = full_batch<Size>(sequences);
  answer([&] { fitter.step(model, batch, 1e-3); });
}

/// Sequences of a whole context, drawn side by side.
template <class Size, class Machine>
void sample(std::size_t sequences, std::size_t threads) {
  const Gpt<Size, Machine> model{RandomStream(1)};
  GptSampler sampler(model, sequences, threads);
  answer([&] {
    std::vector<std::vector<std::uint32_t>> drawn(sequences, {0});
    generate(sampler, drawn);
  });
}

template <class Machine>
void run(std::string_view work, std::string_view size, std::size_t sequences, std::size_t threads) {
  if (work == "train") {
    size == "A" ? train<A, Machine>(sequences, threads) : train<B, Machine>(sequences, threads);
  } else {
    size == "A" ? sample<A, Machine>(sequences, threads) : sample<B, Machine>(sequences, threads);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::fputs("usage: gpt_worker eigen|onednn train|sample A|B SEQUENCES THREADS\n", stderr);
    return 2;
  }
  const std::string_view product = arguments[1];
  const std::size_t sequences = std::strtoul(arguments[4], nullptr, 10);
  const std::size_t threads = std::strtoul(arguments[5], nullptr, 10);
  if (product == "eigen") {
    run<EigenBackend<float>>(arguments[2], arguments[3], sequences, threads);
#if defined(GPTNAS_WITH_ONEDNN)
  } else if (product == "onednn") {
    run<OneDnnBackend<float>>(arguments[2], arguments[3], sequences, threads);
#endif
  } else {
    std::fprintf(stderr, "gpt_worker: built without %s\n", arguments[1]);
    return 2;
  }
}
