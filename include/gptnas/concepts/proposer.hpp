// The contract of a proposer.
#pragma once

#include <concepts>
#include <span>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Proposes genomes, and components of a genome given the others; learns from what was measured.
///
/// `propose` makes a whole genome: the initial population. `reconstruct` replaces chosen components of an offspring;
/// `progress` in [0, 1] is the share of the run that is done. `observe` is called with every individual in the order of
/// ids; `fitness` as in `Strategy::tell`.
///
/// Laws: genomes are valid; the same stream after the same observations gives the same genome.
///
/// One that replaces components of several offspring in less time together also has `void reconstruct(std::span<Genome>,
/// double progress, RandomStream&)`, of the same laws. A search calls it where a ranker chooses among many.
///
/// Models: `NoProposer`, `UniformProposer`, `NGramProposer`, `GptProposer`.
template <class Policy, class Space>
concept Proposer = requires(Policy& policy, typename Space::Genome& genome, const Individual<Space>& individual,
                            std::span<const double> fitness, double progress, RandomStream& random) {
  { policy.propose(random) } -> std::same_as<typename Space::Genome>;
  { policy.reconstruct(genome, progress, random) } -> std::same_as<void>;
  { policy.observe(individual, fitness) } -> std::same_as<void>;
};

}  // namespace gptnas
