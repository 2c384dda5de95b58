// A genome itself in the place of a space.
// expect: gptnas::Search: the space must have a trivially copyable member type Genome; see docs/concepts.md#space
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

struct Layer {
  BOOST_HANA_DEFINE_STRUCT(Layer, (gptnas::Choice<1, 2>, stride));
};
struct Proposer {};
struct Trainer {};

int main() {
  Proposer proposer;
  const Trainer trainer;
  gptnas::Search<Layer, Proposer, Trainer> search{{.seed = 1}, proposer, trainer};
}
