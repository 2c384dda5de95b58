// The contract of a replacement.
#pragma once

#include <concepts>
#include <cstddef>
#include <vector>

#include <gptnas/core/individual.hpp>

namespace gptnas {

/// One place in a population.
template <class Space>
struct Member {
  Individual<Space> individual;
  double fitness = 0;  ///< larger is better, finite
};

/// Makes the next population of the present one and its offspring, in place.
///
/// `population` and `offspring` are in order of age, oldest first; `offspring` may be moved from. `size` is what the
/// population may hold.
///
/// Laws: the result is not empty, holds at most `size` members, each one of the population or of the offspring, none
/// twice; it is in order of age.
///
/// Models: `Generational`, `MuPlusLambda`, `Aging`.
template <class Policy, class Space>
concept Replacement = requires(const Policy& policy, std::vector<Member<Space>>& population,
                               std::vector<Member<Space>>& offspring, std::size_t size) {
  { policy.replace(population, offspring, size) } -> std::same_as<void>;
};

}  // namespace gptnas
