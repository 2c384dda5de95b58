// The contract of a strategy.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// The evolutionary algorithm, as ask and tell.
///
/// `ask` returns an individual with genome and parents set (the search sets its id), or nothing where the strategy
/// wants one that the proposer makes afresh: while its population fills. `tell` reports it with its fitness, one value
/// an objective, larger is better; no value where the evaluation failed.
///
/// The search asks for `in_flight()` individuals before it tells any, so that a run does not depend on the number of
/// workers. `initial_evaluations()` is what the strategy needs before its first parent: a smaller budget is refused.
///
/// Laws: genomes are valid; the same stream after the same tells gives the same individual; a failed individual is
/// never a parent; `in_flight()` is at least 1; individuals are told in the order of asking.
///
/// Models: `GeneticAlgorithm`, `RegularizedEvolution`, `LocalSearch`, `RandomSearch`.
template <class Policy, class Space>
concept Strategy = requires(Policy& policy, const Policy& constant, const Individual<Space>& individual,
                            std::span<const double> fitness, RandomStream& random) {
  { policy.ask(random) } -> std::same_as<std::optional<Individual<Space>>>;
  { policy.tell(individual, fitness) } -> std::same_as<void>;
  { constant.in_flight() } -> std::same_as<std::size_t>;
  { constant.initial_evaluations() } -> std::same_as<std::size_t>;
};

}  // namespace gptnas
