// Proposals by a GPT that has read many architectures.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/learning_rate.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/gpt/sample_token.hpp>
#include <gptnas/proposers/call_times.hpp>
#include <gptnas/proposers/elimination.hpp>
#include <gptnas/proposers/elites.hpp>
#include <gptnas/proposers/genome_gpt.hpp>
#include <gptnas/proposers/infilling.hpp>
#include <gptnas/proposers/left_to_right.hpp>
#include <gptnas/proposers/unconditioned.hpp>
#include <gptnas/tensor/eigen_backend.hpp>

namespace gptnas {

/// Options of a `GptProposer`; those without a comment are as in `GenomeGptOptions`. The defaults are one set for all
/// spaces, chosen on tables (docs/tuning.md); the paper eliminates at a rate of 0.4 that falls to 0. What is left
/// out of a member that is given in braces is its struct's own default, not the one here.
struct GptProposerOptions {
  std::uint64_t seed = 1;
  Elimination elimination = {.initial_rate = 0.4, .final_rate = 0.4};  ///< of all but the bold ones
  SamplingOptions sampling = {.temperature = 0.5};                     ///< likewise
  /// Share of a ranker's pool that is bold, in [0, 1]: drawn by the GPT as the proposer began with it, which has not
  /// lost what the best genomes lack, and at temperature 1 if `sampling` is below, as whole genomes are. It costs no
  /// query unless the ranker likes it.
  double bold_share = 0.5;
  Elimination bold_elimination = {.initial_rate = 0.25, .final_rate = 0.25};  ///< of the bold ones
  std::size_t corpus = 2000;
  std::size_t pretraining_steps = 2000;
  EliteOptions elites = {.most = 15};
  std::size_t interval = 1;
  /// A lesson's optimizer steps for each token of the longest genome, in [0, 1000]; the product is rounded up. With 0
  /// nothing is learned during the run.
  double lesson_steps_per_token = 0.4;
  double replay = 0.25;
  GptFitterOptions fitter = {.batch_size = 8};
  LearningRate pretraining_learning_rate = {.peak = 1e-3, .warm_up_steps = 100, .last = 0};
  LearningRate lesson_learning_rate = {.peak = 3e-3, .warm_up_steps = 10};

  /// Those of the GPT of a proposer of such genomes.
  ///
  /// @throws std::invalid_argument if `lesson_steps_per_token` is outside its domain.
  template <class Genome>
  GenomeGptOptions gpt() const {
    if (!(lesson_steps_per_token >= 0 && lesson_steps_per_token <= 1000)) {
      throw invalid_value("GptProposer::lesson_steps_per_token", lesson_steps_per_token, "in [0, 1000]");
    }
    const double lesson_steps = lesson_steps_per_token * static_cast<double>(layout<Genome>.max_tokens);
    return {.seed = seed,
            .corpus = corpus,
            .pretraining_steps = pretraining_steps,
            .elites = elites,
            .interval = interval,
            .lesson_steps = static_cast<std::size_t>(std::ceil(lesson_steps)),
            .replay = replay,
            .fitter = fitter,
            .pretraining_learning_rate = pretraining_learning_rate,
            .lesson_learning_rate = lesson_learning_rate};
  }
};

/// What a `GptProposer` took.
struct GptProposerTimes {
  CallTimes proposals;    ///< whole genomes and reconstructions
  CallTimes lessons;      ///< during the run
  CallTimes pretraining;  ///< once
};

/// GPT-NAS (arXiv 2305.05351): a GPT, pre-trained on unlabelled architectures of the space, predicts components of an
/// offspring again, given the others; it goes on learning from what was measured.
///
/// Every draw is masked by the grammar, so every proposal is a valid genome. Pre-training happens in the constructor.
/// It keeps two GPTs: that of the bold ones does not go on learning. A value: a copy learns on its own. A backend that
/// can draws whole genomes itself, and with `LeftToRight` components, unless the GPT knows bins of cost, or the grammar
/// of the genome's constraint is a large one.
///
/// @tparam Machine       a `Backend`.
/// @tparam Conditioning  what it learns during the run: the best genomes (`Unconditioned`), or all, with their quality,
///   of which proposals then ask for the best (`QualityConditioned`).
/// @tparam Order         what a component is predicted from: what is on both sides (`Infilling`), or what precedes it
///   (`LeftToRight`, as in the paper).
/// @tparam Size          a `GptSize` with at least the vocabulary and the context of `GptFormat<Genome, Conditioning, Order>`.
template <class Space, class Machine = EigenBackend<float>, class Conditioning = Unconditioned, class Order = Infilling,
          class Size = DefaultGptSize<typename Space::Genome, Conditioning, Order>>
class GptProposer {
 public:
  using Genome = typename Space::Genome;
  using GptType = GenomeGpt<Genome, Machine, Conditioning, Order, Size>;

  /// Pre-trains on genomes drawn from the space.
  ///
  /// @throws std::invalid_argument if an option is outside its domain.
  explicit GptProposer(const GptProposerOptions& options = {}, Conditioning conditioning = {}, Order order = {})
      : GptProposer(options,
                    GptType(checked(options).template gpt<Genome>(), std::move(conditioning), std::move(order))) {}

  /// Pre-trains on unlabelled genomes of the user's. The defaults suit random ones: a corpus with structure may need more
  /// steps, such as 4,000 (docs/tuning.md).
  ///
  /// @throws std::invalid_argument if an option is outside its domain or there is no genome.
  GptProposer(const GptProposerOptions& options, std::span<const Genome> corpus, Conditioning conditioning = {},
              Order order = {})
      : GptProposer(options, GptType(checked(options).template gpt<Genome>(), corpus, std::move(conditioning),
                                     std::move(order))) {}

  /// Of a GPT that has learned already, for several proposers to begin with: of the options, `elimination`, `sampling`,
  /// `bold_share` and `bold_elimination` alone count.
  ///
  /// @throws std::invalid_argument if an option is outside its domain.
  GptProposer(const GptProposerOptions& options, GptType gpt)
      : options_(checked(options)), gpt_(std::move(gpt)), first_gpt_(gpt_) {}

  Genome propose(RandomStream& random) {
    return proposals_.measure([&] {
      const SamplingOptions sampling = bold_sampling();
      auto writer = gpt_.writer(sampling);
      return propose_left_to_right<Genome>(writer, random);
    });
  }

  void reconstruct(Genome& genome, double progress, RandomStream& random) {
    const double rate = options_.elimination.rate(progress);
    proposals_.measure([&] {
      auto writer = gpt_.writer(options_.sampling);
      Order::reconstruct(genome, choose_components(genome, rate, random), writer, random);
    });
  }

  /// Several offspring side by side, which takes less time than one after the other; the same laws, but for the bold
  /// ones, which come first and are of another GPT, rate and temperature.
  void reconstruct(std::span<Genome> genomes, double progress, RandomStream& random) {
    const auto bold = static_cast<std::size_t>(options_.bold_share * static_cast<double>(genomes.size()));
    proposals_.measure(genomes.size(), [&] {
      draw_again(first_gpt_, genomes.first(bold), options_.bold_elimination.rate(progress), bold_sampling(), random);
      draw_again(gpt_, genomes.subspan(bold), options_.elimination.rate(progress), options_.sampling, random);
    });
  }

  /// @throws std::invalid_argument as `GenomeGpt::observe`.
  void observe(const Individual<Space>& individual, std::span<const double> fitness) {
    if (!fitness.empty()) gpt_.observe(individual.genome, fitness[0]);
  }

  /// The GPT, for rankers to share.
  GptType& gpt() { return gpt_; }

  GptProposerTimes times() const { return {proposals_, gpt_.lessons(), gpt_.pretraining()}; }

 private:
  static const GptProposerOptions& checked(const GptProposerOptions& options) {
    options.elimination.check();
    options.bold_elimination.check();
    options.sampling.check();
    if (!(options.bold_share >= 0 && options.bold_share <= 1)) {
      throw invalid_value("GptProposer::bold_share", options.bold_share, "in [0, 1]");
    }
    return options;
  }

  // Of whole genomes, too: at a lower temperature a first population would lack what is less likely, though nothing was
  // measured yet.
  SamplingOptions bold_sampling() const {
    SamplingOptions sampling = options_.sampling;
    sampling.temperature = std::max(1.0, sampling.temperature);
    return sampling;
  }

  static void draw_again(GptType& gpt, std::span<Genome> genomes, double rate, const SamplingOptions& sampling,
                         RandomStream& random) {
    if (genomes.empty()) return;
    std::vector<ChosenComponents<Genome>> chosen;
    for (const Genome& genome : genomes) chosen.push_back(choose_components(genome, rate, random));
    gpt.reconstruct(genomes, chosen, sampling, random.bits64());
  }

  GptProposerOptions options_;
  GptType gpt_;
  GptType first_gpt_;  // as it began, for the bold ones
  CallTimes proposals_;
};

}  // namespace gptnas
