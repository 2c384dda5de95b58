// The same search on a GPU: the backend of the proposer is the only change. Without a GPU the processor does it.

#include <array>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stop_token>
#include <string_view>

#include <gptnas/cuda/cublas_backend.hpp>
#include <gptnas/gptnas.hpp>

namespace nas = gptnas;

struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block,
    (nas::Choice<1u, 3u, 5u, 7u>, kernel),
    (nas::Choice<16u, 32u, 64u, 128u>, width));
};

struct ChainSpace {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (nas::Sequence<Block, 1, 8>, blocks));
  };
};

// A stand-in for a training: the widest chain whose kernels alternate is the best.
struct Trainer {
  static constexpr std::array objectives{nas::Objective{"score", nas::Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};

  nas::Outcome evaluate(const nas::Individual<ChainSpace>& individual, double /*fidelity*/,
                        nas::RandomStream& /*random*/, std::stop_token /*stop*/) const {
    double score = 0;
    unsigned before = 0;
    for (const Block& block : individual.genome.blocks) {
      if (block.kernel != before) score += block.width;
      before = block.kernel;
    }
    return nas::Measured{{score}, {}, 1};
  }
};

template <class Proposer>
void search() {
  const Trainer trainer;
  Proposer proposer;
  nas::Search<ChainSpace, Proposer, Trainer> search{{.seed = 1}, proposer, trainer};
  std::cout << search.run({.evaluations = 200}).best() << '\n';
}

int main() try {
  if (const nas::CudaDevice device = nas::find_cuda_device()) {
    std::cout << "On " << device.name << ".\n";
    search<nas::GptProposer<ChainSpace, nas::CublasBackend<>>>();
  } else {
    std::cout << "On the processor, as " << device.problem << ".\n";
    search<nas::GptProposer<ChainSpace>>();
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
