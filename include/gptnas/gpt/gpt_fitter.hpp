// Fits a GPT to token sequences.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/learning_rate.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/stopwatch.hpp>
#include <gptnas/core/thread_team.hpp>
#include <gptnas/gpt/adamw.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/token_batch.hpp>

namespace gptnas {

/// What a `GptFitter` is made for.
struct GptFitterOptions {
  std::size_t batch_size = 32;  ///< sequences a step, at least 1
  std::size_t shards = 1;       ///< parts of a batch that threads share, each with gradients of its own, at least 1
  std::size_t pass_rows = 0;  ///< most tokens of a forward and backward pass, at least the context: of few, more stays
                              ///< in the processor's cache; 0 is a whole shard
  std::size_t threads = 0;    ///< 0 is one a processor, never more than shards; their number changes no bit
  double dropout = 0;         ///< see `GptDropout`, in [0, 1); 0 is none; a loss on validation sequences is without it
  AdamWOptions optimizer = {};
};

/// Options of one `GptFitter::fit`.
struct FitOptions {
  std::size_t steps = 100;  ///< optimizer steps; an epoch is sequences / batch size
  LearningRate learning_rate = {};
  std::size_t validation_interval = 100;  ///< steps from one validation loss to the next, at least 1
  std::size_t patience =
      0;  ///< validation losses in a row, none a new least one, that end a fit early; 0 never ends it
};

/// What a fit tells after each step.
struct FitProgress {
  std::size_t step, steps;                ///< steps done, of so many
  double loss;                            ///< before this step, under dropout where there is any
  std::optional<double> validation_loss;  ///< after this step, where it was measured
  double seconds;                         ///< since the fit began or was resumed
};

/// Where a fit is. With the model, the optimizer and the best parameters it is all that a fit goes on from.
struct FitState {
  std::uint64_t seed = 0;  ///< of the order of the sequences, and of dropout
  std::size_t step = 0;    ///< steps done
  double least_validation_loss = std::numeric_limits<double>::infinity();
  std::size_t stale = 0;  ///< validation losses since the least one
};

/// Fits a GPT to token sequences by maximum likelihood. Holds all memory that a step needs and the optimizer's state,
/// so that one fitter goes on where it stopped: pre-train, then learn more as sequences come. A step allocates nothing.
///
/// @tparam Model  a `Gpt`.
template <class Model>
class GptFitter {
  using Sizes = typename Model::Sizes;
  using Activations = typename Model::Activations;

 public:
  using Scalar = typename Model::Scalar;

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit GptFitter(const GptFitterOptions& options = {})
      : options_(checked(options)),
        optimizer_(options.optimizer),
        batch_(options.batch_size * Sizes::context),
        team_(options_.threads),
        gradients_(options.shards, Array(Sizes::parameters)),
        losses_(options.shards, Array(1)),
        passes_(options.shards) {
    for (std::size_t thread = 0; thread < team_.size(); ++thread) activations_.emplace_back(options_.pass_rows);
  }

  using OnStep = std::function<void(const FitProgress&)>;

  /// Takes steps on batches of shuffled sequences; each sequence is drawn once before any is drawn again.
  ///
  /// @param sequences   with `size()`, and `[i]` a sequence for `TokenBatch::add`: 2 to context + 1 tokens. They stay
  ///   where they are: a batch at a time is read. Fewer than the batch size make smaller batches.
  /// @param validation  likewise; if there are any, the model ends with the parameters of the least validation loss.
  /// @param on_step     called after each step; may be empty.
  /// @return the loss before each step, under dropout where there is any: mean negative log-likelihood a target, in
  ///   nats.
  /// @throws std::invalid_argument if there is no sequence, if one does not suit the model, or if an option is outside
  ///   its domain; what `on_step` throws.
  template <class Sequences>
  std::vector<Scalar> fit(Model& model, const Sequences& sequences, const Sequences& validation,
                          const FitOptions& options, RandomStream& random, const OnStep& on_step = {}) {
    state_ = {.seed = random.bits64()};
    best_.reset();
    return resume(model, sequences, validation, options, on_step);
  }

  /// The same without validation.
  template <class Sequences>
  std::vector<Scalar> fit(Model& model, const Sequences& sequences, const FitOptions& options, RandomStream& random,
                          const OnStep& on_step = {}) {
    return fit(model, sequences, Sequences{}, options, random, on_step);
  }

  /// Goes on with a fit that `read_checkpoint` brought back, as if it had never stopped. Arguments as they were.
  ///
  /// @return the losses of the steps that were left.
  template <class Sequences>
  std::vector<Scalar> resume(Model& model, const Sequences& sequences, const Sequences& validation,
                             const FitOptions& options, const OnStep& on_step = {}) {
    options.learning_rate.check();
    if (options.validation_interval == 0) throw invalid_value("FitOptions::validation_interval", 0, "at least 1");
    if (sequences.size() == 0) throw invalid_value("GptFitter::fit: number of sequences", 0, "at least 1");
    const Stopwatch stopwatch;
    std::vector<Scalar> losses;
    // A fit that ends when it stalls may have any number of steps.
    losses.reserve(std::min<std::size_t>(options.steps - std::min(state_.step, options.steps), 1 << 20));
    epoch_ = no_epoch;
    while (state_.step < options.steps && (options.patience == 0 || state_.stale < options.patience)) {
      read_batch(sequences);
      losses.push_back(step(model, batch_, options.learning_rate.at(state_.step, options.steps)));
      ++state_.step;
      std::optional<double> validation_loss;
      if (validation.size() != 0 && (state_.step % options.validation_interval == 0 || state_.step == options.steps)) {
        validation_loss = loss(model, validation);
        keep_best(model, *validation_loss);
      }
      if (on_step) {
        on_step({state_.step, options.steps, static_cast<double>(losses.back()), validation_loss, stopwatch.seconds()});
      }
    }
    if (state_.least_validation_loss < std::numeric_limits<double>::infinity()) {
      model.backend().copy(model.parameters(), *best_);
    }
    return losses;
  }

  /// The mean negative log-likelihood of a target, in nats; 0 without any.
  ///
  /// @param sequences  as in `fit`.
  /// @throws std::invalid_argument if there is no sequence, or if one does not suit the model.
  template <class Sequences>
  double loss(const Model& model, const Sequences& sequences) {
    if (sequences.size() == 0) throw invalid_value("GptFitter::loss: number of sequences", 0, "at least 1");
    double sum = 0, targets = 0;
    for (std::size_t next = 0; next < sequences.size();) {
      batch_.clear();
      for (std::size_t i = 0; i < options_.batch_size && next < sequences.size(); ++i) batch_.add(sequences[next++]);
      team_.run(options_.shards,
                [&](std::size_t shard, std::size_t thread) { measure(model, shard, activations_[thread]); });
      sum += static_cast<double>(sum_of_losses(model)) * static_cast<double>(batch_.targets());
      targets += static_cast<double>(batch_.targets());
    }
    return targets == 0 ? 0 : sum / targets;
  }

  /// One step on one batch. Dropout draws from the seed of the last `fit`, 0 without one, and the number of the step.
  ///
  /// @return the loss before the step, under dropout where there is any.
  /// @throws std::invalid_argument if the batch is empty or larger than batch size x context rows.
  Scalar step(Model& model, const TokenBatch<Sizes>& batch, double learning_rate) {
    const std::size_t most = options_.batch_size * Sizes::context;
    if (batch.rows() == 0 || batch.rows() > most) {
      throw invalid_value("GptFitter::step: rows of the batch", batch.rows(), joined({"1 to ", most}));
    }
    team_.run(options_.shards,
              [&](std::size_t shard, std::size_t thread) { learn(model, batch, shard, activations_[thread]); });
    optimizer_.begin(model, learning_rate);
    model.backend().repeat(updates_, {model.parameters()}, [&] { optimizer_.update(model, gradients_, team_); });
    return sum_of_losses(model);
  }

  const FitState& state() const { return state_; }
  const AdamW<Model>& optimizer() const { return optimizer_; }
  /// Takes up the state of another fitter of the same model, for `resume`.
  ///
  /// @param best  the parameters of the least validation loss, if there is one.
  void restore(const FitState& state, AdamW<Model> optimizer, std::optional<typename Model::Array> best) {
    state_ = state;
    optimizer_ = std::move(optimizer);
    updates_ = {};  // the moments lie elsewhere now
    best_ = std::move(best);
  }

  /// The parameters of the least validation loss; null without one.
  const typename Model::Array* best_parameters() const { return best_ ? &*best_ : nullptr; }

 private:
  using Array = typename Model::Array;
  using Machine = typename Model::BackendType;
  using Recording = typename Machine::Recording;
  static constexpr std::size_t no_epoch = std::numeric_limits<std::size_t>::max();

  static GptFitterOptions checked(GptFitterOptions options) {
    if (options.batch_size == 0) throw invalid_value("GptFitter::batch_size", options.batch_size, "at least 1");
    if (options.shards == 0) throw invalid_value("GptFitter::shards", options.shards, "at least 1");
    const std::size_t shard_rows = options.batch_size * Sizes::context / options.shards + Sizes::context;
    if (options.pass_rows == 0) options.pass_rows = std::min(options.batch_size * Sizes::context, shard_rows);
    if (options.pass_rows < Sizes::context) {
      throw invalid_value("GptFitter::pass_rows", options.pass_rows,
                          joined({"at least ", Sizes::context, ", the context, or 0"}));
    }
    if (options.threads == 0) options.threads = std::max(1u, std::thread::hardware_concurrency());
    options.threads = std::min(options.threads, options.shards);
    if (Machine::asynchronous) options.threads = 1;
    if (!(options.dropout >= 0 && options.dropout < 1)) {
      throw invalid_value("GptFitter::dropout", options.dropout, "in [0, 1)");
    }
    return options;
  }

  // The batch of the next step. The n-th sequence that is drawn has its place in the order of its epoch, which depends
  // on the seed and the epoch alone.
  template <class Sequences>
  void read_batch(const Sequences& sequences) {
    const std::size_t all = sequences.size(), size = std::min(options_.batch_size, all);
    batch_.clear();
    for (std::size_t drawn = state_.step * size; drawn < (state_.step + 1) * size; ++drawn) {
      if (drawn / all != epoch_) {
        epoch_ = drawn / all;
        order_.resize(all);
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        RandomStream(state_.seed, epoch_, Purpose::shuffle).shuffle(std::span(order_));
      }
      batch_.add(sequences[order_[drawn % all]]);
    }
  }

  void keep_best(const Model& model, double validation_loss) {
    ++state_.stale;
    if (!(validation_loss < state_.least_validation_loss)) return;
    state_.least_validation_loss = validation_loss;
    state_.stale = 0;
    if (!best_) best_.emplace(Sizes::parameters);
    model.backend().copy(*best_, model.parameters());
  }

  // The gradients and the loss of one shard.
  void learn(const Model& model, const TokenBatch<Sizes>& batch, std::size_t shard, Activations& activations) {
    model.backend().fill(gradients_[shard], 0);
    model.backend().fill(losses_[shard], 0);
    for_each_pass(batch, shard, [&](const TokenRows& rows) {
      model.load(rows, activations, dropout());
      const auto logits = activations.at(activations.logits, activations.rows());
      model.backend().repeat(passes_[shard], {model.parameters(), logits}, [&] {
        model.forward(activations);
        model.loss(activations, losses_[shard]);
        model.backward(activations, gradients_[shard]);
      });
    });
  }

  // That of the step to come.
  GptDropout dropout() const {
    RandomStream random(state_.seed, 0, Purpose::dropout);
    return {options_.dropout, random.bits64(), static_cast<std::uint32_t>(optimizer_.steps())};
  }

  // The loss alone.
  void measure(const Model& model, std::size_t shard, Activations& activations) {
    model.backend().fill(losses_[shard], 0);
    for_each_pass(batch_, shard, [&](const TokenRows& rows) {
      model.forward(rows, activations);
      model.loss(activations, losses_[shard]);
    });
  }

  template <class Visitor>
  void for_each_pass(const TokenBatch<Sizes>& batch, std::size_t shard, const Visitor& visit) const {
    const std::size_t end = batch.start_before(batch.rows() * (shard + 1) / options_.shards);
    for (std::size_t first = batch.start_before(batch.rows() * shard / options_.shards); first != end;) {
      const std::size_t next = batch.start_before(std::min(end, first + options_.pass_rows));
      visit(batch.part(first, next));
      first = next;
    }
  }

  Scalar sum_of_losses(const Model& model) const {
    Scalar sum{};
    for (const Array& each : losses_) {
      Scalar loss{};
      model.backend().read(each.slice(0, 1), std::span(&loss, 1));
      sum += loss;
    }
    return sum;
  }

  GptFitterOptions options_;
  AdamW<Model> optimizer_;
  TokenBatch<Sizes> batch_;
  ThreadTeam team_;
  std::vector<Activations> activations_;   // of each thread
  std::vector<Array> gradients_, losses_;  // of each shard
  std::vector<Recording> passes_;          // of each shard
  Recording updates_;                      // of the optimizer
  FitState state_;
  std::optional<Array> best_;  // parameters
  std::size_t epoch_ = no_epoch;
  std::vector<std::size_t> order_;  // of the sequences in this epoch
};

}  // namespace gptnas
