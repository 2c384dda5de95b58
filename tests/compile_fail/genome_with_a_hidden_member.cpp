// A member that is not reflected would be lost on the way to tokens and back.
// expect: gptnas: a struct of a genome has reflected members only; see docs/concepts.md#genome
#include <gptnas/genome/tokens.hpp>

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  gptnas::Choice<16, 32> width;
};

int main() { return static_cast<int>(gptnas::encode(Genome{}).size()); }
