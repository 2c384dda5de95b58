// The contract of a ranker.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include <gptnas/core/individual.hpp>

namespace gptnas {

/// Chooses among several proposals before any is measured; learns from what was.
///
/// For each individual of a run, the search asks for `pool()` proposals and takes the one of the largest score, of equal
/// ones the first. Where duplicates are remembered, it scores what is new alone, isomorphic genomes once, unless nothing
/// is new. `observe` is called with every individual in the order of ids; `fitness` as in `Strategy::tell`.
///
/// Laws: `pool()` is at least 1, and 1 where nothing is to be chosen yet; no score is NaN; the same genomes after the
/// same observations get the same scores, to rounding, whatever else is scored with them.
///
/// A ranker whose choices cost something, as cheap evaluations do, has `double spent() const`: all of it so far, in the
/// trainer's unit. The history says what each individual's choice cost. It may order each pool on its own.
///
/// Models: `NoRanker`, `GaussianProcessRanker`, `LikelihoodRatioRanker`, `EnsembleRanker`,
/// `SuccessiveHalvingRanker`.
template <class Policy, class Space>
concept Ranker = std::copyable<Policy> &&
    requires(Policy& policy, const Policy& constant, std::span<const typename Space::Genome> genomes,
             std::span<double> scores, const Individual<Space>& individual, std::span<const double> fitness) {
  { constant.pool() } -> std::same_as<std::size_t>;
  { policy.score(genomes, scores) } -> std::same_as<void>;
  { policy.observe(individual, fitness) } -> std::same_as<void>;
};

}  // namespace gptnas
