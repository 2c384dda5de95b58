// A measurement holds its values in place, and has room for four objectives and eight metrics.
// expect: gptnas::Search: the trainer may name up to 4 objectives and 8 metrics; see docs/concepts.md#trainer
#include <stop_token>

#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
};

struct Trainer {
  static constexpr std::array<gptnas::Objective, 5> objectives{};
  static constexpr std::array<std::string_view, 0> metrics{};

  gptnas::Outcome evaluate(const gptnas::Individual<Space>&, double, gptnas::RandomStream&, std::stop_token) const {
    return gptnas::Measured{{1, 2, 3, 4, 5}, {}, 1};
  }
};

int main() {
  gptnas::NoProposer<Space> proposer;
  const Trainer trainer;
  gptnas::Search<Space, gptnas::NoProposer<Space>, Trainer> search{{.seed = 1}, proposer, trainer};
}
