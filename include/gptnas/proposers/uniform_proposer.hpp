// The control: proposals without a model.
#pragma once

#include <cstddef>
#include <span>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/proposers/elimination.hpp>
#include <gptnas/proposers/left_to_right.hpp>

namespace gptnas {

/// Replaces components by random ones: what a GPT proposer must beat. Distributed as `sample`, given what is kept, as
/// long as one of some thousand draws is valid; else each token is uniform over the legal ones.
template <class Space>
struct UniformProposer {
  using Genome = typename Space::Genome;

  Elimination elimination = {};

  /// @throws std::invalid_argument if a rate is outside its domain: before anything is trained.
  Genome propose(RandomStream& random) {
    elimination.check();
    return sample<Genome>(random);
  }

  void reconstruct(Genome& genome, double progress, RandomStream& random) {
    const auto chosen = choose_components(genome, elimination.rate(progress), random);
    const auto kept = to_bytes(genome);
    const auto draw = [&] {
      auto bytes = kept;
      for (const ComponentSite& site : chosen) {
        for (std::size_t index = site.begin; index < site.end; ++index) {
          // A shorter inner sequence leaves no trace of a longer one.
          bytes[layout<Genome>.instructions[index].offset] = 0;
        }
        detail::sample_steps<Genome>(bytes, site.begin, site.end, random);
      }
      return from_bytes<Genome>(bytes);
    };
    if (const auto filled = draw_valid<Genome>(draw, sampling_attempts)) {
      genome = *filled;
    } else {
      UniformModel model;
      reconstruct_left_to_right(genome, chosen, model, random);
    }
  }

  void observe(const Individual<Space>&, std::span<const double>) {}

 private:
  // What `left_to_right.hpp` calls a model.
  struct UniformModel {
    void begin(RandomStream&) {}
    void push(std::size_t) {}
    std::size_t draw(const TokenMask<Genome>& legal, RandomStream& random) { return sample_legal(legal, random); }
  };
};

}  // namespace gptnas
