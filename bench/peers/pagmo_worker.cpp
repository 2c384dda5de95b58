// The side of pagmo2 in evolution.py, as evolution_worker.cpp is ours.
//
// pagmo_worker binomial|single
#include <array>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <utility>

#include <pagmo/algorithms/sga.hpp>
#include <pagmo/config.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <pagmo/types.hpp>

#include "../hidden_target.hpp"
#include "answer.hpp"

namespace {

using namespace hidden_target;

/// The negative number of matches, as pagmo minimises; all variables are integers.
struct Problem {
  Problem() {
    const Space::Genome hidden = hidden_target::target();
    for (std::size_t i = 0; i < genes; ++i) target[i] = static_cast<double>(hidden.digits[i].index());
  }

  pagmo::vector_double fitness(const pagmo::vector_double& digits) const {
    int matches = 0;
    for (std::size_t i = 0; i < genes; ++i) matches += digits[i] == target[i];
    return {-static_cast<double>(matches)};
  }
  std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
    return {pagmo::vector_double(genes, 0), pagmo::vector_double(genes, values - 1)};
  }
  pagmo::vector_double::size_type get_nix() const { return genes; }

  std::array<double, genes> target;
};

/// Matches that one run finds.
double matches(const char* crossover, double rate, unsigned seed) {
  const pagmo::population first(pagmo::problem(Problem{}), population, seed);
  const pagmo::sga algorithm(generations, rate, 1, 1.0 / genes, 1, 3, crossover, "uniform", "tournament", seed);
  return -algorithm.evolve(first).champion_f()[0];
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view crossover = count == 2 ? arguments[1] : "";
  if (crossover != "binomial" && crossover != "single") {
    std::fputs("usage: pagmo_worker binomial|single\n", stderr);
    return 2;
  }
  const double rate = crossover == "binomial" ? 0.5 : 0.9;  // of a gene, or of an individual
  double sum = 0;
  unsigned runs = 0;  // and seed of the last one
  answer([&] { sum += matches(arguments[1], rate, ++runs); });
  std::printf("%.2f pagmo %s\n", sum / runs, PAGMO_VERSION);
}
