// Fits a GPT to token sequences.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/learning_rate.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/gpt/adamw.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/token_batch.hpp>

namespace gptnas {

/// What a `GptFitter` is made for.
struct GptFitterOptions {
  std::size_t batch_size = 32;  ///< sequences a step, at least 1
  AdamWOptions optimizer = {};
};

/// Options of one `GptFitter::fit`.
struct FitOptions {
  std::size_t steps = 100;  ///< optimizer steps; an epoch is sequences / batch size
  LearningRate learning_rate = {};
};

/// Fits a GPT to token sequences by maximum likelihood. Holds all memory that a step needs and the optimizer's state,
/// so that one fitter goes on where it stopped: pre-train, then learn more as sequences come.
///
/// @tparam Model  a `Gpt`.
template <class Model>
class GptFitter {
  using Sizes = typename Model::Sizes;

 public:
  using Scalar = typename Model::Scalar;

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit GptFitter(const GptFitterOptions& options = {})
      : batch_size_(checked(options.batch_size)),
        optimizer_(options.optimizer),
        batch_(batch_size_ * Sizes::context),
        activations_(batch_size_ * Sizes::context) {}

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
      for (std::size_t i = 0; i < std::min(batch_size_, order_.size()); ++i, ++next) {
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
    const auto& backend = model.backend();
    backend.fill(gradients_.slice(0, Sizes::parameters), 0);
    model.forward(batch, activations_);
    model.backward(batch, activations_, gradients_);
    optimizer_.step(model, gradients_, learning_rate);
    Scalar loss{};
    backend.read(activations_.loss.slice(0, 1), std::span(&loss, 1));
    return loss;
  }

 private:
  static std::size_t checked(std::size_t batch_size) {
    if (batch_size == 0) throw invalid_value("GptFitter::batch_size", batch_size, "at least 1");
    return batch_size;
  }

  std::size_t batch_size_;
  AdamW<Model> optimizer_;
  TokenBatch<Sizes> batch_;
  typename Model::Activations activations_;
  typename Model::Array gradients_{Sizes::parameters};
  std::vector<std::size_t> order_;
};

}  // namespace gptnas
