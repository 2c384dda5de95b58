// The control without evolution.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Asks for a fresh individual each time: random search, with a proposer that draws at random.
template <class Space>
struct RandomSearch {
  std::size_t batch = 1;  ///< individuals asked before any is told, at least 1: more keep more workers busy

  std::optional<Individual<Space>> ask(RandomStream&) { return std::nullopt; }
  void tell(const Individual<Space>&, std::span<const double>) {}
  /// @throws std::invalid_argument if the batch is 0.
  std::size_t in_flight() const {
    if (batch == 0) throw invalid_value("RandomSearch::batch", batch, "at least 1");
    return batch;
  }
  std::size_t initial_evaluations() const { return 1; }
};

}  // namespace gptnas
