// The bound's name is another one, so nothing would be bounded.
// expect: gptnas: a Constraint with a cost needs static constexpr std::uint64_t max_cost; see docs/concepts.md#constraint
#include <cstdint>

#include <gptnas/genome/constraint.hpp>

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride), (gptnas::Choice<1, 2>, depth));
  struct Constraint {
    using State = int;
    static constexpr std::uint64_t max_costs = 40;
    static State start() { return 0; }
    static State step(State state, gptnas::Choice<1, 2> factor) { return state + factor; }
    static bool accepts(State) { return true; }
    static std::uint64_t cost(State, gptnas::Choice<1, 2>) { return 1; }
  };
};

int main() { return gptnas::is_valid(Genome{}) ? 0 : 1; }
