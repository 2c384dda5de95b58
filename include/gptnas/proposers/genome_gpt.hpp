// A GPT that knows a genome type, and learns from what is measured.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/concepts/drawing_backend.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/learning_rate.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/token_graph.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/constrained_grammar.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/grammar_graph.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/gpt_size.hpp>
#include <gptnas/gpt/legal_tokens.hpp>
#include <gptnas/gpt/sample_token.hpp>
#include <gptnas/gpt/side_by_side.hpp>
#include <gptnas/proposers/call_times.hpp>
#include <gptnas/proposers/elites.hpp>
#include <gptnas/proposers/left_to_right.hpp>
#include <gptnas/proposers/unconditioned.hpp>
#include <gptnas/tensor/eigen_backend.hpp>

namespace gptnas {

/// How a `GenomeGpt` learns.
struct GenomeGptOptions {
  std::uint64_t seed = 1;
  std::size_t corpus = 2000;            ///< unlabelled genomes drawn from the space for pre-training, at least 1
  std::size_t pretraining_steps = 200;  ///< optimizer steps before the first proposal; 0 is an untrained GPT
  EliteOptions elites = {};       ///< of the measured genomes, to learn from; if `QualityConditioned`, all are
  std::size_t interval = 10;      ///< changes of the elites from lesson to lesson, isomorphic genomes once, at least 1
  std::size_t lesson_steps = 20;  ///< optimizer steps a lesson; 0 learns nothing during the run
  double replay = 0.25;           ///< unlabelled genomes among a lesson's sequences, per measured one; in [0, 1000]
  GptFitterOptions fitter = {.batch_size = 32};
  LearningRate pretraining_learning_rate = {.peak = 3e-3, .warm_up_steps = 10};
  LearningRate lesson_learning_rate = {.peak = 3e-3, .warm_up_steps = 10};  ///< of each lesson from its start
};

/// The sequences of a `GenomeGpt`. Heads come first: `start_token`, or the bin of quality; then the bin of cost, if
/// there are any. Behind them are the tokens that the order presents.
///
/// Tokens are those of the genome, then the sentinels of the order, the bins of quality and the bins of cost.
template <class Genome, class Conditioning = Unconditioned, class Order = LeftToRight>
struct GptFormat {
  static_assert(
      requires { Conditioning::quality_bins; },
      "gptnas: the conditioning of a GPT must be Unconditioned or a QualityConditioned; see docs/concepts.md#proposer");
  static_assert(
      requires { Order::template extra_tokens<Genome>; },
      "gptnas: the order of a GPT must be LeftToRight or Infilling; see docs/concepts.md#proposer");

  static constexpr std::size_t first_quality = vocabulary_size<Genome> + Order::template sentinels<Genome>;
  static constexpr std::size_t first_cost = first_quality + Conditioning::quality_bins;
  static constexpr std::size_t vocabulary = first_cost + Conditioning::cost_bins;
  static constexpr bool has_cost = Conditioning::cost_bins > 0;
  static constexpr std::size_t max_tokens =
      1 + has_cost + Layout<Genome>::max_tokens + Order::template extra_tokens<Genome>;
  static constexpr std::size_t context = max_tokens - 1;  ///< the last token is never an input

  using Sequence = InlineVector<Token, max_tokens>;
};

/// The size of the GPT that suits a genome: two layers of 32 features.
template <class Genome, class Conditioning = Unconditioned, class Order = LeftToRight>
using DefaultGptSize = GptSize<GptFormat<Genome, Conditioning, Order>::vocabulary,
                               GptFormat<Genome, Conditioning, Order>::context, 32, 2, 2>;

/// A GPT that is pre-trained on unlabelled genomes and learns from measured ones: what GPT proposers and rankers are
/// made of. A value: a copy learns on its own.
///
/// @tparam Machine       a `Backend`.
/// @tparam Conditioning  what it learns of what was measured: `Unconditioned` or `QualityConditioned`.
/// @tparam Order         how it reads genomes: `LeftToRight` or `Infilling`.
/// @tparam Size          a `GptSize` with at least the vocabulary and the context of the `GptFormat`: one that suits several
///   genome types is compiled once for all of them.
template <class GenomeType, class Machine = EigenBackend<float>, class Conditioning = Unconditioned,
          class Order = LeftToRight, class Size = DefaultGptSize<GenomeType, Conditioning, Order>>
class GenomeGpt {
 public:
  using Genome = GenomeType;
  using ConditioningType = Conditioning;
  using OrderType = Order;
  using Format = GptFormat<Genome, Conditioning, Order>;
  using Sequence = typename Format::Sequence;
  using Model = Gpt<Size, Machine>;
  static constexpr std::size_t quality_bins = Conditioning::quality_bins;

  static_assert(Size::vocabulary >= Format::vocabulary && Size::context >= Format::context,
                "gptnas::GenomeGpt needs a GptSize with at least the vocabulary and the context of its GptFormat; see "
                "docs/concepts.md#proposer");

  /// Pre-trains on genomes drawn from the space.
  ///
  /// @throws std::invalid_argument if an option is outside its domain, or if the learning rate is so high that the loss
  ///   does not stay finite.
  explicit GenomeGpt(const GenomeGptOptions& options = {}, Conditioning conditioning = {}, Order order = {})
      : GenomeGpt(options, random_corpus(options), std::move(conditioning), std::move(order)) {}

  /// Pre-trains on unlabelled genomes of the user's.
  ///
  /// @throws std::invalid_argument likewise, or if there is no genome.
  GenomeGpt(const GenomeGptOptions& options, std::span<const Genome> corpus, Conditioning conditioning = {},
            Order order = {})
      : GenomeGpt(options, std::vector<Genome>(corpus.begin(), corpus.end()), std::move(conditioning),
                  std::move(order)) {}

  GenomeGpt(const GenomeGpt& other)
      : options_(other.options_),
        conditioning_(other.conditioning_),
        order_(other.order_),
        corpus_(other.corpus_),
        cost_limits_(other.cost_limits_),
        memory_(other.memory_),
        known_(other.known_),
        state_(std::make_unique<State>(*other.state_)),
        taken_(other.taken_),
        has_learned_(other.has_learned_),
        pretraining_(other.pretraining_),
        lessons_(other.lessons_) {}
  GenomeGpt& operator=(const GenomeGpt& other) { return *this = GenomeGpt(other); }
  GenomeGpt(GenomeGpt&&) = default;
  GenomeGpt& operator=(GenomeGpt&&) = default;

  /// Takes in a measured genome, and learns after each interval. Complexity: of a lesson, its steps.
  ///
  /// @param fitness  larger is better, no NaN.
  /// @throws std::invalid_argument if the fitness is NaN, or if the learning rate is so high that a lesson's loss does
  ///   not stay finite: the GPT is then of no use.
  void observe(const Genome& genome, double fitness) {
    if (!memory_.add(genome, fitness) || !known_.insert(canonical(genome)).second) return;
    if (++taken_ % options_.interval == 0 && options_.lesson_steps > 0) lessons_.measure([&] { learn(); });
  }

  const Model& model() const { return state_->model; }
  const std::vector<Genome>& corpus() const { return corpus_; }
  const CallTimes& pretraining() const { return pretraining_; }
  const CallTimes& lessons() const { return lessons_; }

  /// Whether it has learned from measured genomes.
  bool has_learned() const { return has_learned_; }

  /// The head of a bin of quality, 0 to quality_bins - 1, the best one.
  static constexpr Token head_of(std::size_t bin) { return static_cast<Token>(Format::first_quality + bin); }

  /// The head to ask for the best that is known; `start_token` where nothing was learned of quality.
  Token best_head() const { return quality_bins == 0 || !has_learned_ ? start_token : head_of(quality_bins - 1); }

  /// A genome from left to right under a head.
  Sequence sequence(const Genome& genome, Token head = start_token) const {
    return with_heads(genome, head, encode(genome));
  }

  /// Writes a sequence under the best head: what `left_to_right.hpp` calls a model.
  class Writer {
   public:
    void begin(RandomStream& random) {
      sampler_.reset();
      push(head_);
      if constexpr (Format::has_cost) push(sample_token(sampler_.logits(), CostMask{}, sampling_, random));
    }
    void push(std::size_t token) { sampler_.push(token); }
    template <class Mask>
    std::size_t draw(const Mask& legal, RandomStream& random) {
      return sample_token(sampler_.logits(), detail::LegalTokens{legal}, sampling_, random);
    }

    bool try_continue(Prefix<Genome>& prefix, std::size_t end, RandomStream& random) {
      if constexpr (DrawingBackend<Machine> && !Format::has_cost) {
        if constexpr (has_constrained_grammar<Genome>) {
          if (ConstrainedGrammar<Genome>::instance().edge_count() > most_edges) return false;
        }
        const PartialGenome<Genome>* const kept = prefix.kept();
        const TokenGraph graph = kept == nullptr ? grammar_graph<Genome>() : grammar_graph(*kept);
        std::array<std::int32_t, Size::context> drawn;
        sampler_.draw(graph, head_, {.sampling = sampling_, .spares_forced = true}, std::span(&random, 1), drawn);
        for (auto token = drawn.begin(); prefix.state() < end; ++token) prefix.push(static_cast<std::size_t>(*token));
        return true;
      } else {
        return false;
      }
    }

   private:
    friend GenomeGpt;
    // Of a grammar that is gone through for each genome, in about a millisecond then.
    static constexpr std::size_t most_edges = 1 << 16;

    Writer(GptSampler<Model>& sampler, Token head, const SamplingOptions& sampling)
        : sampler_(sampler), head_(head), sampling_(sampling) {}

    GptSampler<Model>& sampler_;
    Token head_;
    const SamplingOptions& sampling_;
  };

  /// Predicts the chosen components of some genomes again, as `Order::reconstruct` under the best head does one: side by
  /// side, which takes less time. Each is drawn from a stream of its own, whatever else is predicted.
  ///
  /// @param chosen  (N) components of each genome, in reading order.
  /// @param seed    the streams are keyed by it and the index of a genome.
  void reconstruct(std::span<Genome> genomes, std::span<const ChosenComponents<Genome>> chosen,
                   const SamplingOptions& sampling, std::uint64_t seed) {
    // Those that are alike go together, in parts that begin together: what they begin with is computed once.
    std::vector<std::size_t> order(genomes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return to_bytes(genomes[i]); });
    auto& sampler = state_->side_by_side;
    const std::size_t rows = std::clamp<std::size_t>(genomes.size(), 1, most_rows);
    if (!sampler || sampler->rows() < rows) sampler.emplace(state_->model, rows);
    for (std::span<const std::size_t> rest = order; !rest.empty();) {
      const auto together = rest.first(std::min(rows, rest.size()));
      rest = rest.subspan(together.size());
      detail::run_side_by_side(*sampler, together.size(), [&](std::size_t place) {
        const std::size_t i = together[place];
        return Reconstruction(*this, genomes[i], chosen[i], sampling, RandomStream(seed, i, Purpose::reconstruct));
      });
    }
  }

  /// One at a time. @param sampling  must outlive it, as must the GPT.
  Writer writer(const SamplingOptions& sampling) { return writer(sampling, best_head()); }
  /// The same under another head.
  Writer writer(const SamplingOptions& sampling, Token head) { return Writer(state_->sampler, head, sampling); }
  Writer writer(const SamplingOptions&&) = delete;  // would be gone
  Writer writer(const SamplingOptions&&, Token) = delete;

 private:
  using Graded = GradedGenome<Genome>;

  // What may be drawn where a bin of cost is due.
  struct CostMask {
    bool operator[](std::size_t token) const { return token >= Format::first_cost && token < Format::vocabulary; }
  };

  // Sequences that are written side by side: a device has room for many, a processor's cache holds the keys and values
  // of fewer, but products want some rows.
  static constexpr std::size_t cache_bytes = 1 << 20;
  static constexpr std::size_t bytes_of_row =
      2 * Size::layers * Size::context * Size::width * sizeof(typename Model::Scalar);
  static constexpr std::size_t most_rows =
      Machine::asynchronous ? 512 : std::clamp<std::size_t>(cache_bytes / bytes_of_row, 16, 512);

  // What is read to learn: all of it, or if something is given, what is drawn alone: a bin of cost, and behind what is
  // given the genome's own tokens.
  struct Presented : Sequence {
    std::size_t given;  // tokens at the beginning, behind the heads

    bool is_target(std::size_t index) const {
      const Token token = (*this)[index];
      if (given == 0 || token >= Format::first_cost) return true;
      return token < vocabulary_size<Genome> && index > given + Format::has_cost;
    }
  };

  // A genome of which some components are written again, as `run_side_by_side` has it.
  class Reconstruction {
   public:
    Reconstruction(GenomeGpt& gpt, Genome& genome, const ChosenComponents<Genome>& chosen,
                   const SamplingOptions& sampling, RandomStream random)
        : gpt_(&gpt), genome_(&genome), chosen_(&chosen), sampling_(&sampling), random_(random) {
      if (chosen.empty()) return;
      tokens_ = std::make_unique<typename Order::template Reconstruction<Genome>>(genome, chosen);
      next_ = gpt.best_head();
    }

    bool done() const { return !next_; }
    std::size_t token() const { return *next_; }
    void read(GptSampler<Model>& sampler, std::size_t row) {
      if (std::exchange(lacks_cost_, false)) {
        next_ = sample_token(sampler.logits(row), CostMask{}, *sampling_, random_);
        return;
      }
      next_ = tokens_->next([&](const TokenMask<Genome>& legal) {
        return sample_token(sampler.logits(row), detail::LegalTokens{legal}, *sampling_, random_);
      });
      if (next_) return;
      if (const Genome written = tokens_->genome(); is_valid(written)) {
        *genome_ = written;
      } else {  // `Genome::allows` refuses it
        auto writer = gpt_->writer(*sampling_);
        Order::reconstruct(*genome_, *chosen_, writer, random_);
      }
    }

   private:
    GenomeGpt* gpt_;
    Genome* genome_;
    const ChosenComponents<Genome>* chosen_;
    const SamplingOptions* sampling_;
    RandomStream random_;
    std::unique_ptr<typename Order::template Reconstruction<Genome>> tokens_;
    std::optional<std::size_t> next_;
    bool lacks_cost_ = Format::has_cost;
  };

  // The model and what reads it; kept together on the heap, so that they can be moved.
  struct State {
    explicit State(const GenomeGptOptions& options)
        : fitter_options(with_pass(options.fitter)),
          model(RandomStream(options.seed, 0, Purpose::initialize)),
          fitter(fitter_options),
          sampler(model) {}
    State(const State& other)
        : fitter_options(other.fitter_options), model(other.model), fitter(fitter_options), sampler(model) {
      fitter.restore({}, other.fitter.optimizer(), std::nullopt);
    }
    // Few rows a pass, unless the user says how many: what they need stays in the processor's cache.
    static GptFitterOptions with_pass(GptFitterOptions options) {
      if (!Machine::asynchronous && options.pass_rows == 0) {
        options.pass_rows = std::max<std::size_t>(256, Size::context);
      }
      return options;
    }

    GptFitterOptions fitter_options;
    Model model;
    GptFitter<Model> fitter;
    GptSampler<Model> sampler;
    std::optional<GptSampler<Model>> side_by_side;  // once several were written so
  };

  GenomeGpt(const GenomeGptOptions& options, std::vector<Genome> corpus, Conditioning conditioning, Order order)
      : options_(checked(options)),
        conditioning_(std::move(conditioning)),
        order_(std::move(order)),
        corpus_(std::move(corpus)),
        memory_(conditioning_, options.elites),
        state_(std::make_unique<State>(options)) {
    conditioning_.check();
    if (corpus_.empty()) throw invalid_value("GenomeGpt: genomes of the corpus", corpus_.size(), "at least 1");
    find_cost_limits();
    pretraining_.measure([&] {
      std::vector<Graded> lesson;
      for (const Genome& genome : corpus_) lesson.push_back({genome});
      fit("GenomeGpt: loss of the pre-training", lesson, 0,
          {.steps = options_.pretraining_steps, .learning_rate = options_.pretraining_learning_rate});
    });
  }

  static GenomeGptOptions checked(const GenomeGptOptions& options) {
    if (options.interval == 0) throw invalid_value("GenomeGpt::interval", options.interval, "at least 1");
    if (!(options.replay >= 0 && options.replay <= 1000)) {
      throw invalid_value("GenomeGpt::replay", options.replay, "in [0, 1000]");
    }
    options.pretraining_learning_rate.check();
    options.lesson_learning_rate.check();
    return options;
  }

  static std::vector<Genome> random_corpus(const GenomeGptOptions& options) {
    if (options.corpus == 0) throw invalid_value("GenomeGpt::corpus", options.corpus, "at least 1");
    RandomStream random(options.seed, 0, Purpose::sample);
    std::vector<Genome> corpus;
    for (std::size_t i = 0; i < options.corpus; ++i) corpus.push_back(sample<Genome>(random));
    return corpus;
  }

  // The quantiles of the corpus between two bins of cost.
  void find_cost_limits() {
    if constexpr (Format::has_cost) {
      std::vector<double> costs;
      for (const Genome& genome : corpus_) costs.push_back(cost_of(genome));
      std::sort(costs.begin(), costs.end());
      for (std::size_t bin = 1; bin < Conditioning::cost_bins; ++bin) {
        cost_limits_.push_back(costs[costs.size() * bin / Conditioning::cost_bins]);
      }
    }
  }

  double cost_of(const Genome& genome) const {
    const auto cost = static_cast<double>(conditioning_.cost(genome));
    if (!is_finite(cost)) throw invalid_value("QualityConditioned: cost of a genome", cost, "finite");
    return cost;
  }

  template <class Tokens>
  Sequence with_heads(const Genome& genome, Token head, const Tokens& tokens) const {
    Sequence sequence{head};
    if constexpr (Format::has_cost) {
      const auto bin =
          std::upper_bound(cost_limits_.begin(), cost_limits_.end(), cost_of(genome)) - cost_limits_.begin();
      sequence.push_back(static_cast<Token>(Format::first_cost + static_cast<std::size_t>(bin)));
    }
    for (const Token token : tokens) sequence.push_back(token);
    return sequence;
  }

  // What was measured, and some of the corpus, lest the GPT forgets the rest of the space.
  void learn() {
    std::vector<Graded> lesson = memory_.lesson();
    RandomStream random(options_.seed, taken_, Purpose::sample);
    const auto replayed = static_cast<std::size_t>(options_.replay * static_cast<double>(lesson.size()) + 0.5);
    for (std::size_t i = 0; i < replayed; ++i) {
      lesson.push_back({corpus_[random.below(static_cast<std::uint32_t>(corpus_.size()))]});
    }
    fit("GenomeGpt: loss of a lesson", lesson, taken_,
        {.steps = options_.lesson_steps, .learning_rate = options_.lesson_learning_rate});
    has_learned_ = true;
  }

  // @param name  of the loss before a step, and behind the last one, for the error if it is not finite.
  void fit(std::string_view name, const std::vector<Graded>& lesson, std::uint64_t number, const FitOptions& options) {
    RandomStream augment(options_.seed, number, Purpose::augment), random(options_.seed, number, Purpose::fit);
    std::vector<Presented> sequences;
    for (const Graded& each : lesson) {
      const Token head = each.bin == Graded::unknown ? start_token : head_of(each.bin);
      order_.present(each.genome, augment, [&](const auto& tokens, std::size_t given) {
        sequences.push_back({with_heads(each.genome, head, tokens), given});
      });
    }
    const auto check = [&](auto loss) {
      if (!is_finite(loss)) throw invalid_value(name, loss, "finite: a lower learning rate");
    };
    const auto losses = state_->fitter.fit(state_->model, sequences, options, random);
    for (const auto loss : losses) check(loss);
    if (losses.empty()) return;
    const std::span<const Presented> all(sequences);
    check(state_->fitter.loss(state_->model, all.first(std::min(all.size(), state_->fitter_options.batch_size))));
  }

  GenomeGptOptions options_;
  Conditioning conditioning_;
  Order order_;
  std::vector<Genome> corpus_;
  std::vector<double> cost_limits_;
  typename Conditioning::template Memory<Genome> memory_;
  std::unordered_set<Genome, Hash, Equal> known_;  // canonical forms of those that changed the elites
  std::unique_ptr<State> state_;
  std::size_t taken_ = 0;  // changes of the elites, isomorphic genomes once
  bool has_learned_ = false;
  CallTimes pretraining_, lessons_;
};

}  // namespace gptnas
