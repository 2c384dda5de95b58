// What bench/compile_time.sh compiles: a first program with pagmo2, after "Evolving a population" in its documentation.
#include <iostream>

#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/sga.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <pagmo/problems/schwefel.hpp>

int main() {
  const pagmo::problem problem{pagmo::schwefel(30)};
  const pagmo::algorithm algorithm{pagmo::sga(100)};
  const pagmo::population population = algorithm.evolve(pagmo::population{problem, 20});
  std::cout << population.champion_f()[0] << '\n';
}
