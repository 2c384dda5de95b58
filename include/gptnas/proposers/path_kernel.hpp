// Likeness of cells by their paths.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gptnas {

/// exp(-d / scale) for d paths from input to output that one of the cells has and the other has not: the path encoding
/// of BANANAS (White, Neiswanger and Savani, 2021). Cells that compute the same have the same paths.
///
/// @tparam Space  has `paths(genome)`: a number for each path, ascending, without repetition.
template <class Space>
struct PathKernel {
  using Features = std::vector<std::uint64_t>;

  double scale = 16;  ///< in paths, more than 0

  Features features(const typename Space::Genome& genome) const { return Space::paths(genome); }

  /// Complexity: O(paths).
  double operator()(const Features& first, const Features& second) const {
    std::size_t common = 0;
    for (std::size_t i = 0, j = 0; i < first.size() && j < second.size();) {
      common += first[i] == second[j];
      const bool step_first = first[i] <= second[j], step_second = second[j] <= first[i];
      i += step_first;
      j += step_second;
    }
    return std::exp(-static_cast<double>(first.size() + second.size() - 2 * common) / scale);
  }
};

}  // namespace gptnas
