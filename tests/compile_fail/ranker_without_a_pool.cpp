// A ranker that does not say how many proposals it chooses from.
// expect: gptnas::Search: the ranker must have pool() const, score(genomes, scores) and observe(individual, fitness); see docs/concepts.md#ranker
#include <array>
#include <stop_token>

#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
};

struct Trainer {
  static constexpr std::array objectives{gptnas::Objective{"accuracy", gptnas::Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};
  gptnas::Outcome evaluate(const gptnas::Individual<Space>&, double, gptnas::RandomStream&, std::stop_token) const {
    return gptnas::Measured{{1.0}, {}, 1};
  }
};

struct Ranker {
  void score(std::span<const Space::Genome>, std::span<double>) {}
  void observe(const gptnas::Individual<Space>&, std::span<const double>) {}
};

int main() {
  gptnas::NoProposer<Space> proposer;
  const Trainer trainer;
  gptnas::Search<Space, gptnas::NoProposer<Space>, Trainer, gptnas::GeneticAlgorithm<Space>, gptnas::InlineExecutor,
                 gptnas::TellAgain, Ranker>
      search{{.seed = 1}, proposer, trainer};
}
