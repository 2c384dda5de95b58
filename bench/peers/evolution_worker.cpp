// Our side of evolution.py: a genetic algorithm as often as lines come in; at the end the fewest matches that a run
// found, and who found them.
#include <algorithm>
#include <cstdint>
#include <cstdio>

#include <gptnas/core/version.hpp>

#include "../hidden_target.hpp"
#include "answer.hpp"

int main() {
  double fewest = hidden_target::genes;
  std::uint64_t seed = 0;
  answer([&] { fewest = std::min(fewest, *hidden_target::search(++seed).best().fitness()); });
  std::printf("%.0f gptnas %d.%d.%d\n", fewest, gptnas::version_major, gptnas::version_minor, gptnas::version_patch);
}
