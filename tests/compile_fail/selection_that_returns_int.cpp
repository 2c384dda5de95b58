// A near miss: the index must be std::size_t.
// expect: gptnas::GeneticAlgorithm: the selection must have std::size_t select(std::span<const double>, RandomStream&) const; see docs/concepts.md#selection
#include <gptnas/evolution/genetic_algorithm.hpp>

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<1, 2>, stride));
  };
};

struct First {
  int select(std::span<const double>, gptnas::RandomStream&) const { return 0; }
};

int main() { return static_cast<int>(gptnas::GeneticAlgorithm<Space, First>().in_flight()); }
