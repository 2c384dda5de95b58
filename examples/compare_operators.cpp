// Two crossovers on one problem: ten seeds each, mean and standard error.
//
// To compare policies of your own, put them into the calls at the end; to compare them on your problem, replace space
// and trainer.

#include <array>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <stop_token>
#include <string_view>
#include <vector>

#include <gptnas/gptnas.hpp>

namespace nas = gptnas;

struct Pair {
  BOOST_HANA_DEFINE_STRUCT(Pair, (nas::Choice<0, 1, 2, 3, 4, 5, 6, 7>, first), (nas::Choice<0, 1, 2, 3, 4, 5, 6, 7>, second));
};
struct PairSpace {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (nas::Repeat<Pair, 20>, pairs));
  };
};

// A hidden pair at each place; only a whole pair counts, so an operator that keeps components together should win.
struct HiddenPairs {
  static constexpr std::array objectives{nas::Objective{"matches", nas::Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};

  template <class Space>
  nas::Outcome evaluate(const nas::Individual<Space>& individual, double, nas::RandomStream&, std::stop_token) const {
    double matches = 0;
    for (std::size_t place = 0; place < 20; ++place) {
      const Pair& pair = individual.genome.pairs[place];
      matches += pair.first == static_cast<int>(place % 8) && pair.second == static_cast<int>(place * 3 % 8);
    }
    return nas::Measured{{matches}, {}, 1};
  }
};

template <class Crossover>
void measure(std::string_view name) {
  using Strategy = nas::GeneticAlgorithm<PairSpace, nas::Tournament<3>, Crossover, nas::GeneMutation>;
  std::vector<double> bests;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const HiddenPairs trainer;
    nas::NoProposer<PairSpace> proposer;
    nas::Search<PairSpace, nas::NoProposer<PairSpace>, HiddenPairs, Strategy, nas::InlineExecutor> search{
        {.seed = seed}, proposer, trainer, Strategy{{.population = 100}}};
    bests.push_back(*search.run({.evaluations = 5000}).best().fitness());
  }
  const auto [count, mean, error] = nas::summarize(bests);
  std::cout << std::left << std::setw(20) << name << std::fixed << std::setprecision(2) << mean << " +- " << error
            << '\n';
}

int main() {
  std::cout << "matches of 20 after 5,000 evaluations: mean of ten seeds +- standard error\n";
  measure<nas::UniformCrossover>("UniformCrossover");
  measure<nas::ComponentCrossover>("ComponentCrossover");
}
