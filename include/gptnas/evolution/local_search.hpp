// Local search.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/enumerate.hpp>
#include <gptnas/genome/equality.hpp>

namespace gptnas {

/// Local search over the first objective (White, Nolen and Savani, "Exploring the Loss Landscape in Neural Architecture
/// Search", 2021): from the best of some fresh individuals, all neighbours are evaluated, in random order, and the best
/// of them is next, as long as it is better; then it starts anew from one fresh individual. It is meant for a proposer
/// that leaves individuals as they are.
template <class Space>
class LocalSearch {
  using Genome = typename Space::Genome;

 public:
  struct Options {
    std::size_t initial = 10;  ///< fresh individuals before the first step, at least 1
  };

  LocalSearch() : LocalSearch(Options{}) {}

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit LocalSearch(const Options& options) : options_(options), fresh_(options.initial) {
    if (options.initial == 0) throw invalid_value("LocalSearch::initial", options.initial, "at least 1");
  }

  std::optional<Individual<Space>> ask(RandomStream& random) const {
    if (untried_.empty()) return std::nullopt;
    const Genome& neighbour = untried_[random.below(static_cast<std::uint32_t>(untried_.size()))];
    return Individual<Space>{.genome = neighbour, .parents = {center_}};
  }

  /// Complexity: O(neighbours); a step makes the neighbours anew.
  void tell(const Individual<Space>& individual, std::span<const double> fitness) {
    const bool is_fresh = untried_.empty();
    std::erase_if(untried_, [&](const Genome& genome) { return Equal{}(genome, individual.genome); });
    if (is_fresh && fresh_ > 0) --fresh_;
    if (!fitness.empty() && (!best_ || fitness[0] > best_fitness_)) {
      best_ = individual;
      best_fitness_ = fitness[0];
    }
    if (!untried_.empty() || fresh_ > 0 || !best_) return;
    if (is_fresh || best_->id != center_) {
      center_ = best_->id;
      untried_ = neighbours(best_->genome);
    }
    if (untried_.empty()) best_.reset();  // at the top, or without a neighbour: the next is fresh
  }

  std::size_t in_flight() const { return 1; }

  std::size_t initial_evaluations() const { return options_.initial; }

 private:
  Options options_;
  std::size_t fresh_;                      // individuals to come before the first step
  std::optional<Individual<Space>> best_;  // since the last start
  double best_fitness_ = 0;
  std::uint64_t center_ = 0;     // id of the one whose neighbours are tried
  std::vector<Genome> untried_;  // of its neighbours
};

}  // namespace gptnas
