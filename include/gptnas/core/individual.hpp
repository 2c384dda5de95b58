// What a strategy asks about and is told of.
#pragma once

#include <cstdint>

#include <gptnas/core/inline_vector.hpp>

namespace gptnas {

/// A candidate of a run: its place in the order of the run, its genome, and the ids of those it was made from.
template <class Space>
struct Individual {
  std::uint64_t id = 0;  ///< 0, 1, 2, ... in the order of asking
  typename Space::Genome genome{};
  InlineVector<std::uint64_t, 2> parents{};  ///< empty for one that was proposed afresh
};

}  // namespace gptnas
