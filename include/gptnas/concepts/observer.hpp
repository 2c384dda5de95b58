// The contract of an observer.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>

namespace gptnas {

/// How far a run is.
struct SearchProgress {
  std::size_t evaluations = 0;        ///< done
  std::size_t budget_evaluations = 0; ///< 0 is no limit
  double seconds = 0;                 ///< since the run began
  double budget_seconds = 0;          ///< 0 is no limit
  std::optional<double> best;         ///< best first objective so far, as the trainer gave it
};

/// Watches a run. `observe` is called after each evaluation, in the order in which they finish, never twice at once.
///
/// Laws: what it does has no influence on the run; it does not throw.
///
/// Models: `NoObserver`, `ProgressLine`.
template <class Policy, class Evaluated>
concept Observer = requires(Policy& policy, const Evaluated& evaluated, const SearchProgress& progress) {
  { policy.observe(evaluated, progress) } -> std::same_as<void>;
};

/// Watches nothing.
struct NoObserver {
  template <class Evaluated>
  void observe(const Evaluated&, const SearchProgress&) const {}
};

}  // namespace gptnas
