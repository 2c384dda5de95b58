// The run is stopped by a token of one's own, but the trainer, behind another one, names another token.
// expect: gptnas::Search: the trainer must take the run's stop token; see docs/concepts.md#stop-token
#include <array>
#include <stop_token>
#include <string_view>
#include <vector>

#include <gptnas/core/inline_executor.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/trainers/fidelity_trainer.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
};

struct Trainer {
  using DefaultExecutor = gptnas::InlineExecutor;
  static constexpr std::array objectives{gptnas::Objective{"loss", gptnas::Direction::minimize}};
  static constexpr std::array<std::string_view, 0> metrics{};
  gptnas::Outcome evaluate(const gptnas::Individual<Space>&, double, gptnas::RandomStream&, std::stop_token) const {
    return gptnas::Measured{{1.0}, {}, 1};
  }
};

struct Always {
  bool stop_requested() const { return true; }
};

int main() {
  gptnas::NoProposer<Space> proposer;
  using Level = gptnas::FidelityTrainer<Trainer>::Level;
  const gptnas::FidelityTrainer<Trainer> trainer(std::vector<Level>{{1, {}}});
  gptnas::Search<Space, gptnas::NoProposer<Space>, gptnas::FidelityTrainer<Trainer>> search{
      {.seed = 1}, proposer, trainer};
  search.run({.evaluations = 100}, gptnas::NoObserver{}, Always{});
}
