// A canonical key is of the type of a key.
// expect: gptnas::TabularTrainer: a space's canonical_key must be static std::uint64_t canonical_key(const Genome&); see docs/concepts.md#trainer
#include <gptnas/genome/choice.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
  static std::uint64_t key(const Genome& genome) { return genome.stride.index(); }
  static int canonical_key(const Genome& genome) { return genome.stride; }
};

int main() { return sizeof(gptnas::TabularTrainer<Space>) == 0; }
