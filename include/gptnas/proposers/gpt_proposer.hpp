// Proposals by a GPT that has read many architectures.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <gptnas/concepts/drawing_backend.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/token_graph.hpp>
#include <gptnas/genome/constrained_grammar.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/grammar_graph.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/sample_token.hpp>
#include <gptnas/proposers/elimination.hpp>
#include <gptnas/proposers/elites.hpp>
#include <gptnas/proposers/left_to_right.hpp>
#include <gptnas/tensor/eigen_backend.hpp>

namespace gptnas {

struct GptProposerOptions {
  std::uint64_t seed = 1;
  Elimination elimination = {};
  SamplingOptions sampling = {};
  std::size_t corpus = 2000;            ///< unlabelled genomes drawn from the space for pre-training, at least 1
  std::size_t pretraining_steps = 200;  ///< optimizer steps before the first proposal; 0 is an untrained GPT
  std::size_t elites = 30;              ///< best measured genomes to learn from, at least 1
  std::size_t interval = 10;            ///< new elites between two lessons, at least 1
  std::size_t lesson_steps = 20;        ///< optimizer steps a lesson; 0 learns nothing during the run
  double replay = 0.25;                 ///< unlabelled genomes among a lesson's sequences, per elite; at least 0
  GptFitterOptions fitter = {.batch_size = 32};
  LearningRate learning_rate = {.peak = 3e-3, .warm_up_steps = 10};
};

/// The size of the GPT that suits a genome: two layers of 32 features.
template <class Genome>
using DefaultGptSize = GptSize<vocabulary_size<Genome>, Layout<Genome>::max_tokens, 32, 2, 2>;

/// GPT-NAS (arXiv 2305.05351): a GPT, pre-trained on unlabelled architectures of the space, predicts components of an
/// offspring again, given what precedes them; it goes on learning from the best of what was measured.
///
/// Every draw is masked by the grammar, so every proposal is a valid genome. Pre-training happens in the constructor. A
/// backend that can draws a genome itself, unless the grammar of its constraint is a large one.
///
/// @tparam Size     a `GptSize` with the vocabulary of the genome and a context of at least its longest token sequence.
/// @tparam Machine  a `Backend`.
template <class Space, class Machine = EigenBackend<float>, class Size = DefaultGptSize<typename Space::Genome>>
class GptProposer {
 public:
  using Genome = typename Space::Genome;
  static_assert(Size::vocabulary == vocabulary_size<Genome>,
                "gptnas::GptProposer needs a GptSize with the genome's vocabulary_size; see docs/concepts.md#proposer");
  static_assert(Size::context >= Layout<Genome>::max_tokens,
                "gptnas::GptProposer needs a context of at least the genome's tokens; see docs/concepts.md#proposer");

  /// Pre-trains on genomes drawn from the space.
  ///
  /// @throws std::invalid_argument if an option is outside its domain.
  explicit GptProposer(const GptProposerOptions& options = {}) : GptProposer(options, random_corpus(options)) {}

  /// Pre-trains on unlabelled genomes of the user's.
  ///
  /// @throws std::invalid_argument if an option is outside its domain or there is no genome.
  GptProposer(const GptProposerOptions& options, std::span<const Genome> corpus)
      : GptProposer(options, sequences(corpus)) {}

  Genome propose(RandomStream& random) {
    Predictor predictor{state_->sampler, options_.sampling};
    return propose_left_to_right<Genome>(predictor, random);
  }

  void reconstruct(Genome& genome, double progress, RandomStream& random) {
    Predictor predictor{state_->sampler, options_.sampling};
    reconstruct_left_to_right(genome, choose_components(genome, options_.elimination.rate(progress), random), predictor,
                              random);
  }

  void observe(const Individual<Space>& individual, std::span<const double> fitness) {
    if (fitness.empty() || !elites_.add(individual.genome, fitness[0])) return;
    if (++taken_ % options_.interval == 0 && options_.lesson_steps > 0) learn();
  }

 private:
  using Model = Gpt<Size, Machine>;
  using Sequences = std::vector<TrainingSequence<Genome>>;

  // The model and what reads it; kept together on the heap, so that a proposer can be moved.
  struct State {
    State(const GptProposerOptions& options)
        : model(RandomStream(options.seed, 0, Purpose::initialize)), fitter(options.fitter), sampler(model) {}
    Model model;
    GptFitter<Model> fitter;
    GptSampler<Model> sampler;
  };

  // What `left_to_right.hpp` calls a model.
  struct Predictor {
    GptSampler<Model>& sampler;
    const SamplingOptions& sampling;

    void reset() { sampler.reset(); }
    void push(std::size_t token) { sampler.push(token); }
    template <class Mask>
    std::size_t draw(const Mask& legal, RandomStream& random) {
      return sample_token(sampler.logits(), legal, sampling, random);
    }

    bool try_continue(Prefix<Genome>& prefix, std::size_t end, RandomStream& random) {
      if constexpr (DrawingBackend<Machine>) {
        if constexpr (has_constrained_grammar<Genome>) {
          if (ConstrainedGrammar<Genome>::instance().edge_count() > most_edges) return false;
        }
        const PartialGenome<Genome>* const kept = prefix.kept();
        const TokenGraph graph = kept == nullptr ? grammar_graph<Genome>() : grammar_graph(*kept);
        std::array<std::int32_t, Size::context> drawn;
        sampler.draw(graph, {.sampling = sampling, .spares_forced = true}, std::span(&random, 1), drawn);
        for (auto token = drawn.begin(); prefix.state() < end; ++token) prefix.push(static_cast<std::size_t>(*token));
        return true;
      } else {
        return false;
      }
    }
  };

  // Of a grammar that is gone through for each genome, in about a millisecond then.
  static constexpr std::size_t most_edges = 1 << 16;

  GptProposer(const GptProposerOptions& options, Sequences corpus)
      : options_(checked(options)),
        corpus_(std::move(corpus)),
        elites_(options.elites),
        state_(std::make_unique<State>(options)) {
    fit(corpus_, options_.pretraining_steps, 0);
  }

  static GptProposerOptions checked(const GptProposerOptions& options) {
    if (options.interval == 0) throw invalid_value("GptProposer::interval", options.interval, "at least 1");
    options.sampling.check();
    if (!(options.replay >= 0)) throw invalid_value("GptProposer::replay", options.replay, "at least 0");
    return options;
  }

  static Sequences random_corpus(const GptProposerOptions& options) {
    if (options.corpus == 0) throw invalid_value("GptProposer::corpus", options.corpus, "at least 1");
    RandomStream random(options.seed, 0, Purpose::sample);
    Sequences corpus;
    for (std::size_t i = 0; i < options.corpus; ++i) corpus.push_back(training_sequence(sample<Genome>(random)));
    return corpus;
  }

  static Sequences sequences(std::span<const Genome> genomes) {
    if (genomes.empty()) throw invalid_value("GptProposer: genomes of the corpus", genomes.size(), "at least 1");
    Sequences corpus;
    for (const Genome& genome : genomes) corpus.push_back(training_sequence(genome));
    return corpus;
  }

  // The elites, and some of the corpus, lest the GPT forgets the rest of the space.
  void learn() {
    Sequences lesson = elites_.sequences();
    RandomStream random(options_.seed, taken_, Purpose::sample);
    const auto replayed = static_cast<std::size_t>(options_.replay * static_cast<double>(lesson.size()) + 0.5);
    for (std::size_t i = 0; i < replayed; ++i) {
      lesson.push_back(corpus_[random.below(static_cast<std::uint32_t>(corpus_.size()))]);
    }
    fit(lesson, options_.lesson_steps, taken_);
  }

  void fit(const Sequences& sequences, std::size_t steps, std::uint64_t lesson) {
    RandomStream random(options_.seed, lesson, Purpose::fit);
    state_->fitter.fit(state_->model, sequences, {.steps = steps, .learning_rate = options_.learning_rate}, random);
  }

  GptProposerOptions options_;
  Sequences corpus_;
  Elites<Genome> elites_;
  std::unique_ptr<State> state_;
  std::size_t taken_ = 0;  // elites
};

}  // namespace gptnas
