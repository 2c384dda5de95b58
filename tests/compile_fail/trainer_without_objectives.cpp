// The search must know what the trainer's values are called and which direction is better.
// expect: gptnas::Search: the trainer must have Outcome evaluate(individual, fidelity, random, stop) const, and static objectives and metrics; see docs/concepts.md#trainer
#include <stop_token>

#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
};

struct Trainer {
  template <class AnySpace>
  gptnas::Outcome evaluate(const gptnas::Individual<AnySpace>&, double, gptnas::RandomStream&, std::stop_token) const {
    return gptnas::Measured{{1.0}, {}, 1};
  }
};

int main() {
  gptnas::NoProposer<Space> proposer;
  const Trainer trainer;
  gptnas::Search<Space, gptnas::NoProposer<Space>, Trainer> search{{.seed = 1}, proposer, trainer};
}
