// A whole search with a GPT. It needs the headers of gptnas, Eigen and Boost.Hana, threads and C++20.
#include <array>
#include <cstddef>
#include <iostream>
#include <stop_token>
#include <string_view>

#include <gptnas/gptnas.hpp>
#include <gptnas/spaces/nas_bench_macro.hpp>

struct LayerCounter {
  static constexpr std::array objectives{gptnas::Objective{"layers", gptnas::Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};

  template <class Space>
  gptnas::Outcome evaluate(const gptnas::Individual<Space>& individual, double, gptnas::RandomStream&,
                           std::stop_token) const {
    double layers = 0;
    for (const auto layer : individual.genome.layers) layers += layer != gptnas::NasBenchMacro::Operation::identity;
    return gptnas::Measured{{layers}, {}, 1};
  }
};

int main() {
  using Space = gptnas::NasBenchMacro;
  const LayerCounter trainer;
  // A short training: this is built without optimisation.
  gptnas::GptProposer<Space> proposer{{.pretraining_steps = 5, .lesson_steps_per_token = 0.1}};
  gptnas::Search<Space, gptnas::GptProposer<Space>, LayerCounter> search{{.seed = 1}, proposer, trainer};
  const auto result = search.run({.evaluations = 100});
  std::cout << "gptnas " << gptnas::version_major << '.' << gptnas::version_minor << '.' << gptnas::version_patch
            << ", Eigen " << EIGEN_WORLD_VERSION << '.' << EIGEN_MAJOR_VERSION << ", found " << result.best() << '\n';
  return *result.best().fitness() >= 6 ? 0 : 1;
}
