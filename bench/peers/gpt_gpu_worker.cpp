// Our side of gpt_gpu.py: does one kind of work as often as lines come in, and answers each with the seconds it took.
//
// gpt_gpu_worker train|sample A|C fp32|tf32|bf16 SEQUENCES
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <gptnas/cuda/cublas_backend.hpp>
#include <gptnas/gpt/generate_genomes.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>

#include "../full_batch.hpp"
#include "../genome_of_64_tokens.hpp"
#include "answer.hpp"

namespace {

using namespace gptnas;

using A = GptSize<64, 64, 128, 4, 4>;
using C = GptSize<256, 256, 512, 8, 8>;

/// A step on sequences of a whole context.
template <class Size, CublasPrecision Precision>
void train(std::size_t sequences) {
  using Model = Gpt<Size, CublasBackend<Precision>>;
  Model model{RandomStream(1)};
  GptFitter<Model> fitter({.batch_size = sequences});
  const TokenBatch<Size> batch = full_batch<Size>(sequences);
  answer([&] { fitter.step(model, batch, 1e-3); });
}

template <class Size>
void train(std::string_view precision, std::size_t sequences) {
  if (precision == "bf16") return train<Size, CublasPrecision::bf16>(sequences);
  if (precision == "tf32") return train<Size, CublasPrecision::tf32>(sequences);
  train<Size, CublasPrecision::fp32>(sequences);
}

void sample(std::size_t sequences) {
  const Gpt<A, CublasBackend<>> model{RandomStream(1)};
  GptSampler sampler(model, sequences);
  answer([&] { generate_genomes<GenomeOf64Tokens>(sampler, sequences); });
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fputs("usage: gpt_gpu_worker train|sample A|C fp32|tf32|bf16 SEQUENCES\n", stderr);
    return 2;
  }
  const std::size_t sequences = std::strtoul(arguments[4], nullptr, 10);
  if (arguments[1] == std::string_view("sample")) {
    sample(sequences);
  } else {
    arguments[2] == std::string_view("A") ? train<A>(arguments[3], sequences) : train<C>(arguments[3], sequences);
  }
}
