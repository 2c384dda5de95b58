// A constraint must read every kind of component.
// expect: gptnas: a Constraint needs static State step(State, Component) for each component type of the genome; see docs/concepts.md#constraint
#include <gptnas/genome/constraint.hpp>

struct Layer {
  BOOST_HANA_DEFINE_STRUCT(Layer, (gptnas::Choice<16, 32>, width));
};

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stem), (gptnas::Sequence<Layer, 1, 4>, layers));
  struct Constraint {
    using State = int;
    static State start() { return 0; }
    static State step(State state, const Layer& layer) { return state + layer.width; }
    static bool accepts(State state) { return state < 100; }
  };
};

int main() { return gptnas::is_valid(Genome{}) ? 0 : 1; }
