// A struct that Boost.Hana does not know is no part of a genome.
// expect: gptnas: a genome is made of Choice, Repeat (for an array), Sequence (of 0 to 1 for an optional), Cell and structs with BOOST_HANA_DEFINE_STRUCT; see docs/concepts.md#genome
#include <gptnas/genome/sample.hpp>

struct Genome {
  gptnas::Choice<1, 2> stride;
};

int main() {
  gptnas::RandomStream random(1);
  gptnas::sample<Genome>(random);
}
