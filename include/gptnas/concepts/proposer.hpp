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
/// Models: `NoProposer`, `UniformProposer`, `NGramProposer`, `GptProposer`; `RestrictedProposer` around any.
template <class Policy, class Space>
concept Proposer = requires(Policy& policy, typename Space::Genome& genome, const Individual<Space>& individual,
                            std::span<const double> fitness, double progress, RandomStream& random) {
  { policy.propose(random) } -> std::same_as<typename Space::Genome>;
  { policy.reconstruct(genome, progress, random) } -> std::same_as<void>;
  { policy.observe(individual, fitness) } -> std::same_as<void>;
};

/// A proposer that also replaces components of several offspring together, in less time than one after the other; the
/// same laws. A search asks for them so where a ranker chooses among many.
///
/// Models: `GptProposer`, and a `RestrictedProposer` around it.
template <class Policy, class Space>
concept PoolProposer = Proposer<Policy, Space> &&
    requires(Policy& policy, std::span<typename Space::Genome> genomes, double progress, RandomStream& random) {
  { policy.reconstruct(genomes, progress, random) } -> std::same_as<void>;
};

}  // namespace gptnas
