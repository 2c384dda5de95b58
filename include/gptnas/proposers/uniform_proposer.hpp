// The control: proposals without a model.
#pragma once

#include <cstddef>
#include <span>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/proposers/elimination.hpp>
#include <gptnas/proposers/left_to_right.hpp>

namespace gptnas {

/// Replaces components by random ones: what a GPT proposer must beat.
template <class Space>
struct UniformProposer {
  using Genome = typename Space::Genome;

  Elimination elimination = {};

  Genome propose(RandomStream& random) { return sample<Genome>(random); }

  void reconstruct(Genome& genome, double progress, RandomStream& random) {
    auto bytes = to_bytes(genome);
    for (const ComponentSite& site : choose_components(genome, elimination.rate(progress), random)) {
      for (std::size_t index = site.begin; index < site.end; ++index) {
        bytes[layout<Genome>.instructions[index].offset] = 0;  // a shorter inner sequence leaves no trace of a longer one
      }
      detail::sample_steps<Genome>(bytes, site.begin, site.end, random);
    }
    genome = from_bytes<Genome>(bytes);
  }

  void observe(const Individual<Space>&, std::span<const double>) {}
};

}  // namespace gptnas
