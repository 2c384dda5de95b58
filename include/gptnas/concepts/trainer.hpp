// The contract of a trainer.
#pragma once

#include <concepts>
#include <span>
#include <string_view>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/objective.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/stop_token.hpp>

namespace gptnas {

/// Measures a candidate.
///
/// `fidelity` lies in (0, 1]: the share of a full evaluation to spend. `random` is the evaluation's own stream. A
/// trainer that is asked to stop returns early with `FailureKind::interrupted`, and its individual is not told;
/// otherwise that is a failure like any other. `objectives` and `metrics` name the values of `Measured`, in order, at
/// most `max_objectives` and `max_metrics`; the first objective is what single-objective strategies optimise. `stop` is
/// the run's own `StopToken`; by default that is `NeverStop`, which becomes the `std::stop_token` that most name.
///
/// Laws: const and callable from several threads at once; the same individual, fidelity and stream give the same
/// outcome; objectives of a `Measured` are finite and as many as named. What it throws becomes a `Failed`.
///
/// A trainer that is quicker than threads are has `using DefaultExecutor = InlineExecutor`: where a search evaluates unless
/// it is told.
///
/// Models: `TabularTrainer`, `NetworkTrainer`.
template <class Policy, class Space>
concept Trainer = requires(const Policy& policy, const Individual<Space>& individual, double fidelity,
                           RandomStream& random, NeverStop stop) {
  { policy.evaluate(individual, fidelity, random, stop) } -> std::same_as<Outcome>;
  { std::span<const Objective>(Policy::objectives) };
  { std::span<const std::string_view>(Policy::metrics) };
};

}  // namespace gptnas
