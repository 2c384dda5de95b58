// A choice among proposals by a Gaussian process.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/refuse_nan.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/proposers/gaussian_process.hpp>
#include <gptnas/proposers/hamming_kernel.hpp>
#include <gptnas/proposers/ordinal_kernel.hpp>
#include <gptnas/proposers/rank_quantiles.hpp>

namespace gptnas {

/// Options of a `GaussianProcessRanker`.
struct GaussianProcessRankerOptions {
  std::size_t pool = 300;    ///< proposals to choose from, at least 1
  std::size_t initial = 10;  ///< different genomes that succeeded before the first choice, at least 1
  double exploration = 2;    ///< deviations that are added to a mean, finite, at least 0; 0 takes the largest mean
  GaussianProcessOptions process = {};  ///< how the process learns
};

/// Takes the proposal of the largest upper confidence bound (Srinivas et al., "Gaussian Process Optimization in the
/// Bandit Setting", 2010): the mean of what is expected of it, and some deviations.
///
/// The process learns the ranks of the outcomes, as quantiles of the logistic distribution: how bad the worst of them
/// are changes nothing, nor does the unit of the objective. From the outcomes it learns as well how much each kernel
/// counts.
///
/// @tparam Kernels  likenesses of genomes: a `HammingKernel`, an `OrdinalKernel`, a `PathKernel`, a `CostKernel`, or
///   several; if none is named, a `HammingKernel`, and an `OrdinalKernel` where a gene is `Choice::ordered`. Kernels that
///   are given to the constructor are named.
template <class Space, class... Kernels>
class GaussianProcessRanker {
  using Genome = typename Space::Genome;
  static constexpr bool has_ordered_gene = std::ranges::any_of(layout<Genome>.instructions, &Instruction::ordered);
  using DefaultProcess =
      std::conditional_t<has_ordered_gene, GaussianProcess<Genome, HammingKernel<Genome>, OrdinalKernel<Genome>>,
                         GaussianProcess<Genome, HammingKernel<Genome>>>;
  using Process = std::conditional_t<sizeof...(Kernels) == 0, DefaultProcess, GaussianProcess<Genome, Kernels...>>;

 public:
  /// @throws std::invalid_argument if an option is outside its domain.
  explicit GaussianProcessRanker(const GaussianProcessRankerOptions& options = {},
                                 typename Process::KernelTuple kernels = {})
      : options_(options), process_(options.process, std::move(kernels)) {
    if (options.pool == 0) throw invalid_value("GaussianProcessRanker::pool", options.pool, "at least 1");
    if (options.initial == 0) throw invalid_value("GaussianProcessRanker::initial", options.initial, "at least 1");
    if (!(options.exploration >= 0 && is_finite(options.exploration))) {
      throw invalid_value("GaussianProcessRanker::exploration", options.exploration, "finite, at least 0");
    }
  }

  std::size_t pool() const { return fitness_.size() < options_.initial ? 1 : options_.pool; }

  /// Complexity: O(outcomes^2) a genome.
  void score(std::span<const Genome> genomes, std::span<double> scores) {
    const auto predictions = process_.predict(genomes);
    for (std::size_t i = 0; i < genomes.size(); ++i) {
      scores[i] = predictions[i].mean + options_.exploration * predictions[i].deviation;
    }
  }

  /// Learns from the first success of each genome, up to its canonical form. Complexity: O(outcomes^3), which is less
  /// than scoring a pool as long as there are fewer outcomes than proposals.
  ///
  /// @param fitness  the first value counts; none is a failure.
  /// @throws std::invalid_argument if one is NaN.
  void observe(const Individual<Space>& individual, std::span<const double> fitness) {
    detail::refuse_nan("GaussianProcessRanker::observe: fitness", fitness);
    if (fitness.empty() || !known_.insert(canonical_of<Space>(individual.genome)).second) return;
    process_.add(individual.genome);
    fitness_.push_back(fitness[0]);
    process_.fit(rank_quantiles(fitness_), fitness_.size() < options_.initial ? 0 : 1);
  }

 private:
  GaussianProcessRankerOptions options_;
  Process process_;
  std::unordered_set<Genome, Hash, Equal> known_;  // canonical forms
  std::vector<double> fitness_;                    // in the order of the process's places
};

}  // namespace gptnas
