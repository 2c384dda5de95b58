// A constraint is a type: there is no object of it.
// expect: gptnas: a Constraint needs static State start(); see docs/concepts.md#constraint
#include <gptnas/genome/constraint.hpp>

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride), (gptnas::Choice<1, 2>, depth));
  struct Constraint {
    using State = int;
    State start() const { return 0; }
    static State step(State state, gptnas::Choice<1, 2> factor) { return state + factor; }
    static bool accepts(State) { return true; }
  };
};

int main() { return gptnas::is_valid(Genome{}) ? 0 : 1; }
