// The contract of a mutation.
#pragma once

#include <concepts>

#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Changes a genome in place.
///
/// Laws: the result is a valid genome; the same stream gives the same result; where nothing can be changed (a full
/// `Sequence` for an insertion), the genome stays as it is.
///
/// Models: `GeneMutation`, `OneGeneMutation`, `InsertMutation`, `DeleteMutation`, `SwapMutation`, `OneOf`,
/// `NoMutation`.
template <class Policy, class Genome>
concept Mutation = requires(const Policy& policy, Genome& genome, RandomStream& random) {
  { policy.mutate(genome, random) } -> std::same_as<void>;
};

}  // namespace gptnas
