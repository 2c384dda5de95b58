// No choice among proposals.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <gptnas/core/individual.hpp>

namespace gptnas {

/// Takes each proposal as it comes.
struct NoRanker {
  std::size_t pool() const { return 1; }

  template <class Genome>
  void score(std::span<const Genome>, std::span<double> scores) const {
    std::ranges::fill(scores, 0.0);
  }

  template <class Space>
  void observe(const Individual<Space>&, std::span<const double>) const {}
};

}  // namespace gptnas
