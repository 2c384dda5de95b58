// A bound is one on what the components cost.
// expect: gptnas: a Constraint with max_cost needs static std::uint64_t cost(State, Component) for each component type of the genome; see docs/concepts.md#constraint
#include <cstdint>

#include <gptnas/genome/constraint.hpp>

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride), (gptnas::Choice<1, 2>, depth));
  struct Constraint {
    using State = int;
    static constexpr std::uint64_t max_cost = 3;
    static State start() { return 0; }
    static State step(State state, gptnas::Choice<1, 2> factor) { return state + factor; }
    static bool accepts(State) { return true; }
  };
};

int main() { return gptnas::is_valid(Genome{}) ? 0 : 1; }
