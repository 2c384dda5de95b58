// Reads and writes sequences token by token, with a cache of keys and values.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/token_batch.hpp>

namespace gptnas {

/// Runs a GPT forward one token at a time: push a token, read the logits of the next one. Reads the model's parameters
/// where they are, and allocates only when it is made; several samplers may read one model at once, each in its thread.
/// Call `reset` after the model has learned. The same tokens give the same bits, whatever the number of rows.
///
/// @tparam Model  a `Gpt`.
template <class Model>
class GptSampler {
  using Sizes = typename Model::Sizes;
  using Machine = typename Model::BackendType;
  using Scalar = typename Model::Scalar;
  using Array = typename Model::Array;

 public:
  /// @param model  must outlive the sampler.
  /// @param rows   sequences that go side by side, at least 1.
  /// @throws std::invalid_argument if there are no rows.
  explicit GptSampler(const Model& model, std::size_t rows = 1)
      : model_(&model),
        rows_(rows),
        indices_(2 * rows),
        keys_(L * rows * T * C),
        values_(L * rows * T * C),
        residual_(rows * C),
        normalized_(rows * C),
        statistics_(rows * 2),
        wide_(rows * 4 * C),
        activated_(rows * 4 * C),
        device_logits_(rows * V),
        logits_(rows * V),
        host_indices_(2 * rows) {
    if (rows == 0) throw invalid_value("GptSampler: rows", rows, "at least 1");
  }
  explicit GptSampler(Model&&, std::size_t = 1) = delete;

  /// Starts all sequences anew.
  void reset() { position_ = 0; }

  /// Tokens that each sequence has.
  std::size_t position() const { return position_; }

  /// Appends a token to the only sequence.
  ///
  /// @throws std::invalid_argument as below.
  void push(std::size_t token) { push(std::span(&token, 1)); }

  /// Appends a token to each sequence and computes the logits that follow.
  ///
  /// @param tokens  (rows).
  /// @throws std::invalid_argument if their number is not that of the rows, if one is not in the vocabulary, or if the
  ///   sequences are as long as the context. Complexity: O(parameters + layers x width x position), no allocation.
  void push(std::span<const std::size_t> tokens) {
    if (tokens.size() != rows_) {
      throw invalid_value("GptSampler::push: number of tokens", tokens.size(), std::to_string(rows_));
    }
    if (position_ == T) throw invalid_value("GptSampler::push: position", position_, "below the context");
    for (std::size_t row = 0; row < rows_; ++row) {
      TokenBatch<Sizes>::check_token("GptSampler::push: token", tokens[row]);
      host_indices_[row] = static_cast<std::int32_t>(tokens[row]);
      host_indices_[rows_ + row] = static_cast<std::int32_t>(position_);
    }
    forward();
    ++position_;
  }

  /// The logits of the token that follows what was pushed last, of one sequence. (V)
  std::span<const Scalar> logits(std::size_t row = 0) const { return std::span(logits_).subspan(row * V, V); }

 private:
  // One letter a size, as in the comments on shapes.
  static constexpr std::size_t C = Sizes::width, H = Sizes::heads, D = Sizes::head_width, T = Sizes::context,
                               V = Sizes::vocabulary, L = Sizes::layers;
  static constexpr Summation fixed = Summation::fixed;

  void forward() {
    const Machine& backend = model_->backend();
    const detail::GptTensors<Sizes, typename Machine::template Slice<const Scalar>> p(model_->parameters());
    backend.write(indices_.slice(0, 2 * rows_), host_indices_);
    const auto tokens = indices_.slice(0, rows_), positions = indices_.slice(rows_, rows_);
    const std::size_t cache = rows_ * T * C;
    backend.template embed<C>(rows_, residual_, tokens, positions, p.wte, p.wpe);
    for (std::size_t l = 0; l < L; ++l) {
      backend.template layer_norm<C>(rows_, normalized_, statistics_, residual_, p.h[l].ln_1_weight, p.h[l].ln_1_bias);
      backend.template linear<C, 3 * C, fixed>(rows_, wide_, normalized_, p.h[l].c_attn_weight, p.h[l].c_attn_bias);
      backend.template attention_step<H, D, T>(rows_, normalized_, keys_.slice(l * cache, cache),
                                               values_.slice(l * cache, cache), wide_, positions);
      backend.template linear_residual<C, C, fixed>(rows_, residual_, residual_, normalized_, p.h[l].attn_c_proj_weight,
                                                    p.h[l].attn_c_proj_bias);
      backend.template layer_norm<C>(rows_, normalized_, statistics_, residual_, p.h[l].ln_2_weight, p.h[l].ln_2_bias);
      backend.template linear_gelu<C, 4 * C, fixed>(rows_, activated_, wide_, normalized_, p.h[l].c_fc_weight,
                                                    p.h[l].c_fc_bias);
      backend.template linear_residual<4 * C, C, fixed>(rows_, residual_, residual_, activated_,
                                                        p.h[l].mlp_c_proj_weight, p.h[l].mlp_c_proj_bias);
    }
    backend.template layer_norm<C>(rows_, normalized_, statistics_, residual_, p.ln_f_weight, p.ln_f_bias);
    backend.template head<C, V, fixed>(rows_, device_logits_, normalized_, p.wte);
    backend.read(device_logits_, std::span(logits_));
  }

  const Model* model_;
  std::size_t rows_, position_ = 0;
  typename Machine::template Buffer<std::int32_t> indices_;  // tokens (B), positions (B)
  Array keys_, values_;                                      // (L,B,C,T), (L,B,T,C)
  Array residual_, normalized_, statistics_;                 // (B,C), (B,C), (B,2)
  Array wide_, activated_;                                   // (B,4C)
  Array device_logits_;                                      // (B,V)
  std::vector<Scalar> logits_;                               // the same
  std::vector<std::int32_t> host_indices_;
};

/// The natural logarithm of the probability that a model gives to a sequence t0 ... tn, given t0. Resets the sampler.
///
/// @param sequence  integers, with `size()` and `[]`; 1 to context + 1 tokens. One token has 0.
/// @throws std::invalid_argument if it is empty or too long, or if a token is not in the vocabulary.
template <class Model, class Sequence>
double log_likelihood(GptSampler<Model>& sampler, const Sequence& sequence) {
  if (sequence.size() == 0) throw invalid_value("log_likelihood: tokens of the sequence", 0, "at least 1");
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    TokenBatch<typename Model::Sizes>::check_token("log_likelihood: token", sequence[i]);
  }
  sampler.reset();
  double sum = 0;
  for (std::size_t i = 0; i + 1 < sequence.size(); ++i) {
    sampler.push(static_cast<std::size_t>(sequence[i]));
    double total = 0;
    const double chosen = static_cast<double>(sampler.logits()[static_cast<std::size_t>(sequence[i + 1])]);
    for (const auto logit : sampler.logits()) total += std::exp(static_cast<double>(logit) - chosen);
    sum -= std::log(total);
  }
  return sum;
}

}  // namespace gptnas
