// A space itself is no object of a search.
// expect: gptnas: a space's canonical must be static Genome canonical(const Genome&); see docs/concepts.md#space
#include <gptnas/genome/canonical.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
  Genome canonical(const Genome& genome) const { return genome; }
};

int main() { return gptnas::canonical_of<Space>({}).stride; }
