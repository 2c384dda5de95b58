// Learning from all that was measured, good and bad.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/refuse_nan.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/proposers/elites.hpp>
#include <gptnas/proposers/unconditioned.hpp>

namespace gptnas {

/// Which of `bins` quantiles each value is in: 0 has the least, bins - 1 the largest. Equal values are in one bin, by
/// the middle of their ranks; but the largest are always in the last bin, and the least in the first one if they are
/// others.
///
/// @param values  no NaN.
/// @param bins    at least 1.
/// @param ratio   of the size of a bin to that of the bin below, more than 0; 1 makes them equal, 0.5 halves them.
/// @throws std::invalid_argument if there is a NaN. Complexity: O(N log N).
inline std::vector<std::size_t> quantile_bins(std::span<const double> values, std::size_t bins, double ratio = 1) {
  detail::refuse_nan("quantile_bins: a value", values);
  double whole = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) whole += std::pow(ratio, static_cast<double>(bin));
  std::vector<std::size_t> order(values.size()), result(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  for (std::size_t first = 0, end = 0; first < order.size(); first = end) {
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    double rest = whole * static_cast<double>(first + end) / 2 / static_cast<double>(order.size());
    std::size_t bin = 0;
    for (double size = 1; bin + 1 < bins && rest >= size; size *= ratio, ++bin) rest -= size;
    if (first == 0) bin = 0;
    if (end == order.size()) bin = bins - 1;
    for (std::size_t i = first; i < end; ++i) result[order[i]] = bin;
  }
  return result;
}

/// A `QualityConditioned` that knows of no cost.
struct NoCost {};

/// What a `GptProposer` learns during a run: every genome measured, headed by a token that tells how good it is, one of
/// `Bins` quantiles of the fitness seen so far; unlabelled genomes have a head of their own. To propose, it asks for the
/// best quantile (conditioning on the outcome, as Chen et al., "Decision Transformer", 2021; quantiles as tokens: Lu et
/// al., "Quark", 2022). Each lesson finds the quantiles anew, and has as many sequences of each.
///
/// With a `Cost`, a second token tells in which quantile of the unlabelled genomes' cost a genome is: what costs no
/// training, as parameters, multiply-accumulates or depth. Of a proposal the GPT draws it first, given the quality.
///
/// @tparam Bins      of quality, at least 2.
/// @tparam Cost      `double operator()(const Genome&) const`, finite.
/// @tparam CostBins  of cost, at least 2.
template <std::size_t Bins = 4, class Cost = NoCost, std::size_t CostBins = 4>
struct QualityConditioned {
  static_assert(Bins >= 2,
                "gptnas::QualityConditioned needs at least two bins of quality; see docs/concepts.md#proposer");
  static_assert(CostBins >= 2,
                "gptnas::QualityConditioned needs at least two bins of cost; see docs/concepts.md#proposer");

  static constexpr std::size_t quality_bins = Bins, cost_bins = std::is_same_v<Cost, NoCost> ? 0 : CostBins;

  double ratio = 0.5;  ///< of the genomes in a bin to those in the next worse one, in (0, 1]; 1 makes equal bins
  Cost cost = {};

  /// @throws std::invalid_argument if the ratio is outside its domain.
  void check() const {
    if (!(ratio > 0 && ratio <= 1)) throw invalid_value("QualityConditioned::ratio", ratio, "in (0, 1]");
  }

  /// What was measured, each genome once, with its first fitness.
  template <class Genome>
  class Memory {
   public:
    Memory(const QualityConditioned& options, const EliteOptions&) : ratio_(options.ratio) {}

    /// Whether there is something new to learn.
    ///
    /// @throws std::invalid_argument if the fitness is NaN.
    bool add(const Genome& genome, double fitness) {
      detail::refuse_nan("QualityConditioned::Memory::add: fitness", fitness);
      if (!known_.insert(genome).second) return false;
      genomes_.push_back(genome);
      fitness_.push_back(fitness);
      return true;
    }

    /// All, and those of smaller bins again, until the bins are equally large. Complexity: O(N log N).
    std::vector<GradedGenome<Genome>> lesson() const {
      const std::vector<std::size_t> bins = quantile_bins(fitness_, Bins, ratio_);
      std::vector<std::vector<std::size_t>> members(Bins);
      for (std::size_t i = 0; i < bins.size(); ++i) members[bins[i]].push_back(i);
      std::size_t largest = 0;
      for (const auto& bin : members) largest = std::max(largest, bin.size());
      std::vector<GradedGenome<Genome>> lesson;
      for (std::size_t bin = 0; bin < Bins; ++bin) {
        for (std::size_t i = 0; !members[bin].empty() && i < largest; ++i) {
          lesson.push_back({genomes_[members[bin][i % members[bin].size()]], bin});
        }
      }
      return lesson;
    }

   private:
    double ratio_;
    std::unordered_set<Genome, Hash, Equal> known_;
    std::vector<Genome> genomes_;
    std::vector<double> fitness_;
  };
};

}  // namespace gptnas
