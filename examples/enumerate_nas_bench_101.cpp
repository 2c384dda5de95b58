// Enumerates the 423,624 cells of NAS-Bench-101: one of each class of isomorphic ones.
//
// With --hashes, the benchmark's sorted module hashes go to standard output, one a line, and the counts to standard
// error: enumerate_nas_bench_101 --hashes | sha256sum

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/md5.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>

namespace nas = gptnas;

int main(int argc, char** argv) {
  const bool hashes = argc == 2 && std::string_view(argv[1]) == "--hashes";
  if (argc > 1 && !hashes) {
    std::cerr << "enumerate_nas_bench_101: unknown option " << argv[1] << "; expected --hashes or nothing\n";
    return 1;
  }
  const auto begin = std::chrono::steady_clock::now();
  std::ostream& report = hashes ? std::cerr : std::cout;
  std::vector<std::string> lines;
  std::size_t total = 0;
  report << "vertices   cells\n";
  for (std::size_t vertices = 2; vertices <= 7; ++vertices) {
    std::size_t cells = 0;
    nas::NasBench101::for_each_cell(vertices, [&](const nas::NasBench101::CellType& cell) {
      ++cells;
      if (hashes) lines.push_back(nas::NasBench101::module_hash({cell}));
    });
    report << "       " << vertices << std::string(8 - std::to_string(cells).size(), ' ') << cells << '\n';
    total += cells;
  }
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) std::cout << line << '\n';
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  report << "     all  " << total << " in " << seconds.count() << " s\n";
}
