// Our side of evolution.py: a genetic algorithm as often as lines come in; at the end the mean of the matches that
// the runs found, and who found them.
#include <cstdint>
#include <cstdio>

#include <gptnas/core/version.hpp>

#include "../hidden_target.hpp"
#include "answer.hpp"

int main() {
  double matches = 0;
  std::uint64_t runs = 0;  // and seed of the last one
  answer([&] { matches += *hidden_target::search(++runs).best().fitness(); });
  std::printf("%.2f gptnas %d.%d.%d\n", matches / static_cast<double>(runs), gptnas::version_major,
              gptnas::version_minor, gptnas::version_patch);
}
