// Genomes with constraints, small enough to be enumerated.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <gptnas/genome/reflection.hpp>

namespace shapes {

// A layer whose cost depends on what it gets.
struct Pooled {
  BOOST_HANA_DEFINE_STRUCT(Pooled, (gptnas::Choice<1u, 2u, 4u>, width), (gptnas::Choice<false, true>, pool));
};

// A bound on a cost: width before x width x pixels, where a pool halves what follows; a stem of its own type.
struct Bounded {
  BOOST_HANA_DEFINE_STRUCT(Bounded, (gptnas::Choice<1u, 2u>, stem), (gptnas::Sequence<Pooled, 1, 4>, layers));

  struct Constraint {
    struct State {
      unsigned width, pixels;
      friend constexpr auto operator<=>(const State&, const State&) = default;
    };
    static constexpr std::uint64_t max_cost = 40;

    static State start() { return {1, 8}; }
    static State step(State state, gptnas::Choice<1u, 2u> stem) { return {stem, state.pixels}; }
    static State step(State state, const Pooled& layer) {
      return {layer.width, layer.pool ? std::max(1u, state.pixels / 2) : state.pixels};
    }
    static bool accepts(State) { return true; }
    static std::uint64_t cost(State state, gptnas::Choice<1u, 2u> stem) { return state.pixels * stem / 4; }
    static std::uint64_t cost(State state, const Pooled& layer) { return state.width * layer.width * state.pixels / 2; }
  };
};

// Exactly two pools, and no width below the one before: no gene of most genomes can change alone.
struct Balanced {
  BOOST_HANA_DEFINE_STRUCT(Balanced, (gptnas::Repeat<Pooled, 5>, layers));

  struct Constraint {
    struct State {
      unsigned pools, width;
      friend constexpr auto operator<=>(const State&, const State&) = default;
    };
    static State start() { return {0, 0}; }
    static State step(State state, const Pooled& layer) {
      if (layer.width < state.width) return {3, 0};
      return {std::min(3u, state.pools + layer.pool), layer.width};
    }
    static bool accepts(State state) { return state.pools == 2; }
  };
};

// A predicate that is no automaton.
struct Picky {
  BOOST_HANA_DEFINE_STRUCT(Picky, (gptnas::Repeat<gptnas::Choice<0, 1, 2, 3, 4>, 4>, digits));

  static bool allows(const Picky& genome) {
    int sum = 0;
    for (const int digit : genome.digits) sum += digit;
    return sum % 2 == 0;
  }
};

}  // namespace shapes
