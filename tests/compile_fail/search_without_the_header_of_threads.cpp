// A trainer that does not say where it is evaluated runs on threads.
// expect: gptnas::Search: include <gptnas/core/thread_executor.hpp>, or let the trainer name another DefaultExecutor; see docs/concepts.md#executor
#include <array>
#include <string_view>

#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
};

struct Trainer {
  static constexpr std::array objectives{gptnas::Objective{"loss", gptnas::Direction::minimize}};
  static constexpr std::array<std::string_view, 0> metrics{};
  gptnas::Outcome evaluate(const gptnas::Individual<Space>&, double, gptnas::RandomStream&, gptnas::NeverStop) const {
    return gptnas::Measured{{1.0}, {}, 1};
  }
};

int main() {
  gptnas::NoProposer<Space> proposer;
  const Trainer trainer;
  gptnas::Search<Space, gptnas::NoProposer<Space>, Trainer> search{{.seed = 1}, proposer, trainer};
}
