// The program whose compilation bench/compile_time.sh times: a genetic algorithm searches a table, without a GPT.
#include <cstdio>

#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

namespace nas = gptnas;
using Space = nas::NasBench201;
using Trainer = nas::TabularTrainer<Space>;

int main() {
  const Trainer trainer(nas::Table("nas_bench_201.csv"), "ops", "c10_valid_200", "c10_test_200");
  nas::NoProposer<Space> proposer;
  nas::Search<Space, nas::NoProposer<Space>, Trainer> search{{.seed = 1}, proposer, trainer};
  std::puts(Space::arch_string(search.run({.evaluations = 100}).best().genome).c_str());
}
