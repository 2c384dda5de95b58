// The contract of a selection.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Chooses the index of one parent out of a population.
///
/// `fitness` holds one finite value an individual, larger is better, at least one.
///
/// Laws: the index is below `fitness.size()`; the same stream gives the same index; a population of one is always
/// chosen; an empty population throws `std::invalid_argument`.
///
/// Models: `Tournament`, `DistinctTournament`, `RankSelection`, `RouletteSelection`.
template <class Policy>
concept Selection = requires(const Policy& policy, std::span<const double> fitness, RandomStream& random) {
  { policy.select(fitness, random) } -> std::same_as<std::size_t>;
};

}  // namespace gptnas
