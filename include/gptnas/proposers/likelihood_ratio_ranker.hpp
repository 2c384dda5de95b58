// A choice among proposals by a GPT that knows good from bad.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/gpt/gpt_reader.hpp>
#include <gptnas/proposers/genome_gpt.hpp>
#include <gptnas/proposers/quality_conditioned.hpp>
#include <gptnas/tensor/eigen_backend.hpp>

namespace gptnas {

/// Options of a `LikelihoodRatioRanker`.
struct LikelihoodRatioRankerOptions {
  /// Proposals to choose from, at least 1; of many, the likeliest are those about which the GPT errs most.
  std::size_t pool = 20;
  /// Of a GPT of its own, which reads few genomes very often: hence the low learning rate.
  GenomeGptOptions gpt = {.pretraining_learning_rate = {.peak = 1e-3, .warm_up_steps = 10},
                          .lesson_learning_rate = {.peak = 1e-3, .warm_up_steps = 10}};
};

/// Takes the proposal x of the largest log p(x | best quality) - log p(x | worst quality): of all tests that tell two
/// kinds apart, the ratio of likelihoods is the most powerful (Neyman and Pearson, 1933). Chooses nothing before the
/// GPT's first lesson.
///
/// @tparam GptType  a `GenomeGpt` that is `QualityConditioned`.
template <class Space, class GptType = GenomeGpt<typename Space::Genome, EigenBackend<float>, QualityConditioned<>>>
class LikelihoodRatioRanker {
  using Genome = typename Space::Genome;
  static_assert(
      GptType::quality_bins >= 2,
      "gptnas::LikelihoodRatioRanker needs a GenomeGpt that is QualityConditioned; see docs/concepts.md#ranker");

 public:
  /// With a GPT of its own, which learns what the ranker observes.
  ///
  /// @throws std::invalid_argument if an option is outside its domain.
  explicit LikelihoodRatioRanker(const LikelihoodRatioRankerOptions& options = {},
                                 typename GptType::ConditioningType conditioning = {})
      : pool_(checked(options.pool)), own_(GptType(options.gpt, std::move(conditioning))) {}

  /// With another one's GPT, as that of the run's proposer: it learns what that observes, once for both.
  ///
  /// @param gpt  must outlive the ranker and its copies. @throws std::invalid_argument if the pool is 0.
  explicit LikelihoodRatioRanker(const GptType& gpt, std::size_t pool = LikelihoodRatioRankerOptions{}.pool)
      : pool_(checked(pool)), shared_(&gpt) {}
  explicit LikelihoodRatioRanker(const GptType&&, std::size_t = 0) = delete;

  std::size_t pool() const { return gpt().has_learned() ? pool_ : 1; }

  /// Complexity: two readings of each genome.
  void score(std::span<const Genome> genomes, std::span<double> scores) {
    std::vector<typename GptType::Sequence> sequences;
    for (const std::size_t bin : {GptType::quality_bins - 1, std::size_t{0}}) {
      for (const Genome& genome : genomes) sequences.push_back(gpt().sequence(genome, GptType::head_of(bin)));
    }
    const std::vector<double> likelihoods = reader_.log_likelihoods(gpt().model(), sequences);
    for (std::size_t i = 0; i < genomes.size(); ++i) scores[i] = likelihoods[i] - likelihoods[genomes.size() + i];
  }

  /// @throws std::invalid_argument as `GenomeGpt::observe`.
  void observe(const Individual<Space>& individual, std::span<const double> fitness) {
    if (own_ && !fitness.empty()) own_->observe(individual.genome, fitness[0]);
  }

  const GptType& gpt() const { return own_ ? *own_ : *shared_; }

 private:
  static std::size_t checked(std::size_t pool) {
    if (pool == 0) throw invalid_value("LikelihoodRatioRanker::pool", pool, "at least 1");
    return pool;
  }

  std::size_t pool_;
  std::optional<GptType> own_;
  const GptType* shared_ = nullptr;
  GptReader<typename GptType::Model> reader_;
};

}  // namespace gptnas
