// The contract of an executor.
#pragma once

#include <concepts>
#include <cstddef>

namespace gptnas {

/// Runs independent pieces of work.
///
/// `for_each(count, work)` calls `work(index)` once for every index below `count` and returns when all calls have
/// returned. Calls begin in the order of the indices and may overlap. `work` does not throw.
///
/// Models: `InlineExecutor`, `ThreadExecutor`.
template <class Policy>
concept Executor = requires(Policy& policy, std::size_t count, void (*work)(std::size_t)) {
  { policy.for_each(count, work) } -> std::same_as<void>;
};

}  // namespace gptnas
