// The proposer that leaves recombination alone.
#pragma once

#include <span>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/sample.hpp>

namespace gptnas {

/// Fills the initial population with random genomes and changes no offspring.
template <class Space>
struct NoProposer {
  using Genome = typename Space::Genome;

  Genome propose(RandomStream& random) { return sample<Genome>(random); }
  void reconstruct(Genome&, double, RandomStream&) {}
  void observe(const Individual<Space>&, std::span<const double>) {}
};

}  // namespace gptnas
