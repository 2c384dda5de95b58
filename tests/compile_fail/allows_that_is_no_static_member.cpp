// What the genome does not allow would be searched all the same.
// expect: gptnas: allows must be static bool allows(const Genome&); see docs/concepts.md#constraint
#include <gptnas/genome/sample.hpp>

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride), (gptnas::Choice<1, 2>, depth));
  bool allows(const Genome& genome) const { return genome.stride == genome.depth; }
};

int main() {
  gptnas::RandomStream random(1);
  gptnas::sample<Genome>(random);
}
