// A choice among proposals by measuring them cheaply.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/measure.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/proposers/no_ranker.hpp>

namespace gptnas {

/// A step of successive halving: so many of the best proposals are measured at this fidelity.
struct HalvingRung {
  std::size_t candidates;  ///< at least 1
  double fidelity;         ///< in (0, 1]
};

/// Options of a `SuccessiveHalvingRanker`.
struct SuccessiveHalvingOptions {
  std::vector<HalvingRung> rungs = {{8, 0.0625}};  ///< at least one, of descending candidates and ascending fidelity
  std::size_t initial = 10;                        ///< successes before the first choice; 0 chooses from the start
  std::uint64_t seed = 1;                          ///< of the cheap evaluations' streams
};

/// Successive halving over proposals (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
/// Optimization", 2016): the best proposals by another ranker are measured at a low fidelity, the best of these at a
/// higher one, and so on; the best of the last rung is what the search measures in full. What the cheap evaluations
/// cost is told by `spent`. A genome is measured once at each rung, up to its canonical form; what fails, in whatever
/// way, comes last. Cheap evaluations have ids of their own, from 0. A stop request of the search is seen between two
/// choices, not within one.
///
/// Its scores are places in the order of one pool, so they do depend on what else is scored with a genome.
///
/// @tparam TrainerType  see `Trainer`; of several objectives the first counts. It must outlive the ranker.
/// @tparam First        see `Ranker`: what chooses the candidates of the first rung out of its own pool; `NoRanker` takes
///   proposals as they come.
template <class Space, class TrainerType, class First = NoRanker>
class SuccessiveHalvingRanker {
  using Genome = typename Space::Genome;

 public:
  /// @throws std::invalid_argument if an option is outside its domain.
  explicit SuccessiveHalvingRanker(const TrainerType& trainer, SuccessiveHalvingOptions options = {}, First first = {})
      : trainer_(&trainer), options_(std::move(options)), first_(std::move(first)), known_(options_.rungs.size()) {
    if (options_.rungs.empty()) throw invalid_value("SuccessiveHalvingRanker: rungs", 0, "at least 1");
    HalvingRung last{std::numeric_limits<std::size_t>::max(), 0};
    for (const HalvingRung& rung : options_.rungs) {
      if (rung.candidates == 0 || rung.candidates >= last.candidates) {
        throw invalid_value("HalvingRung::candidates", rung.candidates, "at least 1, and less than before");
      }
      if (!(rung.fidelity > last.fidelity && rung.fidelity <= 1)) {
        throw invalid_value("HalvingRung::fidelity", rung.fidelity, "in (0, 1], and more than before");
      }
      last = rung;
    }
  }
  SuccessiveHalvingRanker(const TrainerType&&, SuccessiveHalvingOptions = {}, First = {}) = delete;

  std::size_t pool() const {
    return successes_ < options_.initial ? 1 : std::max(first_.pool(), options_.rungs[0].candidates);
  }

  /// Complexity: that of the first ranker, and one cheap evaluation a candidate that is new to its rung.
  void score(std::span<const Genome> genomes, std::span<double> scores) {
    first_.score(genomes, scores);
    std::vector<std::size_t> order(genomes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto sort_best = [&](std::size_t count) {
      std::stable_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    };
    sort_best(order.size());
    for (std::size_t rung = 0; rung < options_.rungs.size(); ++rung) {
      const std::size_t count = std::min(options_.rungs[rung].candidates, order.size());
      for (std::size_t place = 0; place < count; ++place) {
        scores[order[place]] = measure(genomes[order[place]], rung);
      }
      sort_best(count);
    }
    for (std::size_t place = 0; place < order.size(); ++place) scores[order[place]] = -static_cast<double>(place);
  }

  void observe(const Individual<Space>& individual, std::span<const double> fitness) {
    successes_ += !fitness.empty();
    first_.observe(individual, fitness);
  }

  /// What all cheap evaluations have cost so far, in the trainer's unit.
  double spent() const { return spent_; }

 private:
  double measure(const Genome& genome, std::size_t rung) {
    const auto [place, fresh] = known_[rung].try_emplace(canonical_of<Space>(genome));
    double& fitness = place->second;
    if (!fresh) return fitness;
    fitness = -std::numeric_limits<double>::infinity();
    const Individual<Space> individual{.id = evaluations_++, .genome = genome};
    RandomStream random(options_.seed, individual.id, Purpose::rank);
    std::optional<Outcome> outcome;
    gptnas::measure(*trainer_, individual, options_.rungs[rung].fidelity, random, {}, outcome);
    if (const Measured* measured = outcome->measured()) {
      spent_ += measured->cost;
      fitness = TrainerType::objectives[0].fitness(measured->objectives[0]);
    }
    return fitness;
  }

  const TrainerType* trainer_;
  SuccessiveHalvingOptions options_;
  First first_;
  std::size_t successes_ = 0;
  std::uint64_t evaluations_ = 0;  // cheap ones
  double spent_ = 0;
  std::vector<std::unordered_map<Genome, double, Hash, Equal>> known_;  // [rung]: fitness by canonical form
};

}  // namespace gptnas
