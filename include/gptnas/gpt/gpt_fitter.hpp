// Fits a GPT to token sequences.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/learning_rate.hpp>
#include <gptnas/core/random_stream.hpp>
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
  AdamWOptions optimizer = {};
};

/// Options of one `GptFitter::fit`.
struct FitOptions {
  std::size_t steps = 100;  ///< optimizer steps; an epoch is sequences / batch size
  LearningRate learning_rate = {};
};

/// Fits a GPT to token sequences by maximum likelihood. Holds all memory that a step needs and the optimizer's state,
/// so that one fitter goes on where it stopped: pre-train, then learn more as sequences come. A step allocates nothing.
///
/// @tparam Model  a `Gpt`.
template <class Model>
class GptFitter {
  using Sizes = typename Model::Sizes;

 public:
  using Scalar = typename Model::Scalar;

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit GptFitter(const GptFitterOptions& options = {})
      : options_(checked(options)),
        optimizer_(options.optimizer),
        batch_(options.batch_size * Sizes::context),
        team_(options_.threads),
        gradients_(options.shards, Array(Sizes::parameters)),
        losses_(options.shards, Array(1)) {
    for (std::size_t thread = 0; thread < team_.size(); ++thread) activations_.emplace_back(options_.pass_rows);
  }

  /// Takes steps on batches of shuffled sequences; each sequence is drawn once before any is drawn again.
  ///
  /// @param sequences  with `size()`, and `[i]` a sequence for `TokenBatch::add`: 2 to context + 1 tokens. Fewer
  ///   sequences than the batch size make smaller batches.
  /// @return the loss before each step: mean negative log-likelihood a token, in nats.
  /// @throws std::invalid_argument if there is no sequence, if one does not suit the model, or if an option is outside
  ///   its domain.
  template <class Sequences>
  std::vector<Scalar> fit(Model& model, const Sequences& sequences, const FitOptions& options, RandomStream& random) {
    options.learning_rate.check();
    if (sequences.size() == 0) throw invalid_value("GptFitter::fit: number of sequences", 0, "at least 1");
    order_.resize(sequences.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::vector<Scalar> losses(options.steps);
    std::size_t next = order_.size();
    for (std::size_t step = 0; step < options.steps; ++step) {
      batch_.clear();
      for (std::size_t i = 0; i < std::min(options_.batch_size, order_.size()); ++i, ++next) {
        if (next == order_.size()) {
          random.shuffle(std::span(order_));
          next = 0;
        }
        batch_.add(sequences[order_[next]]);
      }
      losses[step] = this->step(model, batch_, options.learning_rate.at(step, options.steps));
    }
    return losses;
  }

  /// One step on one batch.
  ///
  /// @return the loss before the step.
  /// @throws std::invalid_argument if the batch is empty or larger than batch size x context rows.
  Scalar step(Model& model, const TokenBatch<Sizes>& batch, double learning_rate) {
    const std::size_t most = options_.batch_size * Sizes::context;
    if (batch.rows() == 0 || batch.rows() > most) {
      throw invalid_value("GptFitter::step: rows of the batch", batch.rows(), "1 to " + std::to_string(most));
    }
    team_.run(options_.shards,
              [&](std::size_t shard, std::size_t thread) { work(model, batch, shard, activations_[thread]); });
    optimizer_.step(model, gradients_, learning_rate, team_);
    Scalar loss{};
    for (const Array& each : losses_) {
      Scalar part{};
      model.backend().read(each.slice(0, 1), std::span(&part, 1));
      loss += part;
    }
    return loss;
  }

 private:
  using Array = typename Model::Array;

  static GptFitterOptions checked(GptFitterOptions options) {
    if (options.batch_size == 0) throw invalid_value("GptFitter::batch_size", options.batch_size, "at least 1");
    if (options.shards == 0) throw invalid_value("GptFitter::shards", options.shards, "at least 1");
    const std::size_t shard_rows = options.batch_size * Sizes::context / options.shards + Sizes::context;
    if (options.pass_rows == 0) options.pass_rows = std::min(options.batch_size * Sizes::context, shard_rows);
    if (options.pass_rows < Sizes::context) {
      throw invalid_value("GptFitter::pass_rows", options.pass_rows,
                          "at least " + std::to_string(Sizes::context) + ", the context, or 0");
    }
    if (options.threads == 0) options.threads = std::max(1u, std::thread::hardware_concurrency());
    options.threads = std::min(options.threads, options.shards);
    return options;
  }

  // The gradients and the loss of one shard, pass by pass.
  void work(const Model& model, const TokenBatch<Sizes>& batch, std::size_t shard,
            typename Model::Activations& activations) {
    Array& gradients = gradients_[shard];
    Array& loss = losses_[shard];
    model.backend().fill(gradients, 0);
    model.backend().fill(loss, 0);
    const std::size_t end = batch.start_before(batch.rows() * (shard + 1) / options_.shards);
    for (std::size_t first = batch.start_before(batch.rows() * shard / options_.shards); first != end;) {
      const std::size_t next = batch.start_before(std::min(end, first + options_.pass_rows));
      const TokenRows rows = batch.part(first, next);
      model.forward(rows, activations);
      model.backward(rows, activations, loss, gradients);
      first = next;
    }
  }

  GptFitterOptions options_;
  AdamW<Model> optimizer_;
  TokenBatch<Sizes> batch_;
  ThreadTeam team_;
  std::vector<typename Model::Activations> activations_;  // of each thread
  std::vector<Array> gradients_, losses_;                 // of each shard
  std::vector<std::size_t> order_;
};

}  // namespace gptnas
