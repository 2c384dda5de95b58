// A plain number is no gene.
// expect: gptnas: a genome is made of Choice, Repeat (for an array), Sequence (of 0 to 1 for an optional), Cell and structs with BOOST_HANA_DEFINE_STRUCT; see docs/concepts.md#genome
#include <gptnas/genome/tokens.hpp>

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride), (int, width));
};

int main() { return static_cast<int>(gptnas::encode(Genome{}).size()); }
