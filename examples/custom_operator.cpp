// An operator of your own in the slot of the library's: any type with the right member function is a mutation.

#include <array>
#include <cstdint>
#include <iostream>
#include <stop_token>
#include <string_view>

#include <gptnas/gptnas.hpp>

namespace nas = gptnas;

using Width = nas::Choice<8, 16, 24, 32, 48, 64, 96, 128>;

struct LayerSpace {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (nas::Repeat<Width, 12>, widths));
  };
};

// The widths mean something: neighbours in the list are alike. The library's mutation draws any other value; this one
// takes one step up or down.
struct StepMutation {
  void mutate(LayerSpace::Genome& genome, nas::RandomStream& random) const {
    Width& width = genome.widths[random.below(12)];
    const bool up = width.index() == 0 || (width.index() + 1 < Width::cardinality && random.chance(0.5));
    width = Width::at(up ? width.index() + 1 : width.index() - 1);
  }
};

// A stand-in for a training: the best widths grow with depth, and each step away from them costs.
struct Ramp {
  static constexpr std::array objectives{nas::Objective{"distance", nas::Direction::minimize}};
  static constexpr std::array<std::string_view, 0> metrics{};

  template <class Space>
  nas::Outcome evaluate(const nas::Individual<Space>& individual, double, nas::RandomStream&, std::stop_token) const {
    double distance = 0;
    for (std::size_t layer = 0; layer < 12; ++layer) {
      const double step = static_cast<double>(individual.genome.widths[layer].index()) - static_cast<double>(layer) * 7 / 11;
      distance += step * step;
    }
    return nas::Measured{{distance}, {}, 1};
  }
};

template <class Mutation>
void compare(std::string_view name) {
  using Strategy = nas::RegularizedEvolution<LayerSpace, nas::DistinctTournament<5>, Mutation>;
  const Ramp trainer;
  nas::NoProposer<LayerSpace> proposer;
  nas::Search<LayerSpace, nas::NoProposer<LayerSpace>, Ramp, Strategy> search{
      {.seed = 1}, proposer, trainer, Strategy{{.population = 20}}};
  std::cout << name << search.run({.evaluations = 300}).best() << '\n';
}

int main() {
  compare<nas::OneGeneMutation>("OneGeneMutation: ");
  compare<StepMutation>("StepMutation:    ");
}
