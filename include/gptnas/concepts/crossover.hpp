// The contract of a crossover.
#pragma once

#include <concepts>

#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Makes one child of two parents.
///
/// Laws: the child is a valid genome; every gene of the child is a gene of one of the parents at the same place; two
/// equal parents give their equal; the same stream gives the same child. Where no valid child is found (a constraint),
/// the child is the first parent.
///
/// Models: `OnePointCrossover`, `TwoPointCrossover`, `UniformCrossover`, `ComponentCrossover`.
template <class Policy, class Genome>
concept Crossover = requires(const Policy& policy, const Genome& first, const Genome& second, RandomStream& random) {
  { policy.cross(first, second, random) } -> std::same_as<Genome>;
};

}  // namespace gptnas
