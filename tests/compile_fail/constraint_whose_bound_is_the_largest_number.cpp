// The largest number forbids: as a bound it would allow.
// expect: gptnas: a Constraint's max_cost must be below 2^64 - 1, the cost of what is never allowed; see docs/concepts.md#constraint
#include <cstdint>
#include <limits>

#include <gptnas/genome/constraint.hpp>

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride), (gptnas::Choice<1, 2>, depth));
  struct Constraint {
    using State = int;
    static constexpr std::uint64_t max_cost = std::numeric_limits<std::uint64_t>::max();
    static State start() { return 0; }
    static State step(State state, gptnas::Choice<1, 2> factor) { return state + factor; }
    static bool accepts(State) { return true; }
    static std::uint64_t cost(State, gptnas::Choice<1, 2>) { return 1; }
  };
};

int main() { return gptnas::is_valid(Genome{}) ? 0 : 1; }
