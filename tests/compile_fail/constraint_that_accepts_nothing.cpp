// A constraint must say what is complete.
// expect: gptnas: a Constraint needs static bool accepts(State); see docs/concepts.md#constraint
#include <gptnas/genome/constraint.hpp>

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride), (gptnas::Choice<1, 2>, depth));
  struct Constraint {
    using State = int;
    static State start() { return 0; }
    static State step(State state, gptnas::Choice<1, 2> factor) { return state + factor; }
  };
};

int main() { return gptnas::is_valid(Genome{}) ? 0 : 1; }
