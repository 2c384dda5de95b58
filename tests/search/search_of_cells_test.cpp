// A search of cells trains each isomorphism class once.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>

#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/cell.hpp>
#include <gptnas/genome/enumerate.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>

namespace search_of_cells_test {

using namespace gptnas;

struct Cells {
  using CellType = Cell<4, 4, 1, 2>;
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (CellType, cell));
  };
};

// How often cells of each canonical form were trained.
struct CountingTrainer {
  static constexpr std::array objectives{Objective{"edges", Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};

  Outcome evaluate(const Individual<Cells>& individual, double, RandomStream&, std::stop_token) const {
    ++(*trained)[print(canonical(individual.genome))];
    return Measured{{static_cast<double>(individual.genome.cell.edge_count())}, {}, 1};
  }

  std::map<std::string, int>* trained;
};

TEST(SearchOfCells, TrainsEachIsomorphismClassOnce) {
  std::map<std::string, int> forms, trained;
  for_each_genome<Cells::Genome>([&](const Cells::Genome& genome) { ++forms[print(canonical(genome))]; });
  NoProposer<Cells> proposer;
  const CountingTrainer trainer{&trained};
  Search<Cells, NoProposer<Cells>, CountingTrainer, GeneticAlgorithm<Cells>, InlineExecutor, TellAgain> search{
      {.seed = 1}, proposer, trainer};
  const auto result = search.run({.evaluations = 1000, .proposals = 5000});
  EXPECT_EQ(result.evaluations, trained.size());
  EXPECT_GT(trained.size(), forms.size() / 2);
  EXPECT_LE(trained.size(), forms.size());
  for (const auto& [form, count] : trained) {
    EXPECT_EQ(count, 1) << form;
    EXPECT_TRUE(forms.contains(form));
  }
}

}  // namespace search_of_cells_test
