// A table can answer for a space without networks; a training cannot.
// expect: gptnas::NetworkTrainer: the space must have static Network build(const Genome&, const TaskShape&); see docs/concepts.md#space
#include <gptnas/genome/reflection.hpp>
#include <gptnas/trainers/network_trainer.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
};

int main() {
  const gptnas::NetworkTrainer trainer(gptnas::ImageDataset{});
  gptnas::RandomStream random(1);
  trainer.evaluate(gptnas::Individual<Space>{}, 1, random, {});
}
