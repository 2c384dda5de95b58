// One of several mutations.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include <gptnas/concepts/mutation.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Applies one of several mutations, each with equal probability.
///
/// @tparam Mutations  at least one; a mutation that is named twice is applied twice as often.
template <class... Mutations>
struct OneOf {
  static_assert(sizeof...(Mutations) >= 1, "gptnas::OneOf needs at least one mutation; see docs/concepts.md#mutation");

  std::tuple<Mutations...> mutations{};

  template <class Genome>
    requires(Mutation<Mutations, Genome> && ...)
  void mutate(Genome& genome, RandomStream& random) const {
    const std::size_t chosen = random.below(sizeof...(Mutations));
    std::size_t index = 0;
    std::apply([&](const auto&... mutation) { ((index++ == chosen ? mutation.mutate(genome, random) : void()), ...); },
               mutations);
  }
};

}  // namespace gptnas
