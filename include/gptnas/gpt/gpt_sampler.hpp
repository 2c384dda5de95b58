// Reads and writes sequences token by token, with a cache of keys and values.
#pragma once

#include <algorithm>
#include <array>
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
/// Call `reset` after the model has learned. Several sequences go side by side, a row each, every one at its own
/// position; the same tokens give the same bits, whatever the other rows are.
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
        copies_(2 * L),
        keys_(L * rows * T * C),
        values_(L * rows * T * C),
        residual_(rows * C),
        normalized_(rows * C),
        statistics_(rows * 2),
        wide_(rows * 4 * C),
        activated_(rows * 4 * C),
        device_logits_(rows * V),
        logits_(rows * V),
        host_indices_(2 * rows),
        positions_(rows) {
    if (rows == 0) throw invalid_value("GptSampler: rows", rows, "at least 1");
  }
  explicit GptSampler(Model&&, std::size_t = 1) = delete;

  std::size_t rows() const { return rows_; }

  /// Starts all sequences anew.
  void reset() { std::ranges::fill(positions_, 0); }

  /// Starts the sequence of a row anew.
  void reset(std::size_t row) { positions_[row] = 0; }

  /// Goes on in row `to` from where the sequence of row `from` is; the logits stay where they are.
  void copy(std::size_t to, std::size_t from) {
    if (to == from) return;
    const Machine& backend = model_->backend();
    std::array<std::int32_t, 2 * L> rows;  // of the caches, first where to, then where from
    for (std::size_t l = 0; l < L; ++l) {
      rows[l] = static_cast<std::int32_t>(l * rows_ + to);
      rows[L + l] = static_cast<std::int32_t>(l * rows_ + from);
    }
    backend.write(copies_.slice(0, 2 * L), rows);
    for (Array* cache : {&keys_, &values_}) {
      backend.template copy_rows<T * C>(L, *cache, copies_.slice(0, L), copies_.slice(L, L));
    }
    positions_[to] = positions_[from];
  }

  /// Tokens that the sequence of a row has.
  std::size_t position(std::size_t row = 0) const { return positions_[row]; }

  /// Appends a token to the sequence of the first row.
  ///
  /// @throws std::invalid_argument as below.
  void push(std::size_t token) { push(std::span(&token, 1)); }

  /// Appends a token to each of the first sequences and computes the logits that follow. The other rows rest.
  ///
  /// @param tokens  (N), 1 to `rows()`.
  /// @throws std::invalid_argument if their number is wrong, if one is not in the vocabulary, or if its sequence is as
  ///   long as the context; all is then as before. Complexity: O(N parameters + N layers x width x position), no
  ///   allocation.
  void push(std::span<const std::size_t> tokens) {
    const std::size_t count = tokens.size();
    if (count == 0 || count > rows_) {
      throw invalid_value("GptSampler::push: number of tokens", count, "1 to " + std::to_string(rows_));
    }
    for (std::size_t row = 0; row < count; ++row) {
      if (positions_[row] == T) throw invalid_value("GptSampler::push: position", positions_[row], "below the context");
      TokenBatch<Sizes>::check_token("GptSampler::push: token", tokens[row]);
      host_indices_[row] = static_cast<std::int32_t>(tokens[row]);
      host_indices_[count + row] = static_cast<std::int32_t>(positions_[row]);
    }
    forward(count);
    for (std::size_t row = 0; row < count; ++row) ++positions_[row];
  }

  /// The logits of the token that follows what was pushed last to a row. (V)
  std::span<const Scalar, Sizes::vocabulary> logits(std::size_t row = 0) const {
    return std::span<const Scalar, Sizes::vocabulary>(logits_.data() + row * V, V);
  }

 private:
  // One letter a size, as in the comments on shapes.
  static constexpr std::size_t C = Sizes::width, H = Sizes::heads, D = Sizes::head_width, T = Sizes::context,
                               V = Sizes::vocabulary, L = Sizes::layers;
  static constexpr Summation fixed = Summation::fixed;

  // The first rows.
  void forward(std::size_t rows) {
    const Machine& backend = model_->backend();
    const detail::GptTensors<Sizes, typename Machine::template Slice<const Scalar>> p(model_->parameters());
    backend.write(indices_.slice(0, 2 * rows), std::span(host_indices_).first(2 * rows));
    const auto tokens = indices_.slice(0, rows_), positions = indices_.slice(rows, rows);
    const std::size_t cache = rows_ * T * C;
    backend.template embed<C>(rows, residual_, tokens, positions, p.wte, p.wpe);
    for (std::size_t l = 0; l < L; ++l) {
      backend.template layer_norm<C>(rows, normalized_, statistics_, residual_, p.h[l].ln_1_weight, p.h[l].ln_1_bias);
      backend.template linear<C, 3 * C, fixed>(rows, wide_, normalized_, p.h[l].c_attn_weight, p.h[l].c_attn_bias);
      backend.template attention_step<H, D, T>(rows, normalized_, keys_.slice(l * cache, cache),
                                               values_.slice(l * cache, cache), wide_, positions);
      backend.template linear_residual<C, C, fixed>(rows, residual_, residual_, normalized_, p.h[l].attn_c_proj_weight,
                                                    p.h[l].attn_c_proj_bias);
      backend.template layer_norm<C>(rows, normalized_, statistics_, residual_, p.h[l].ln_2_weight, p.h[l].ln_2_bias);
      backend.template linear_gelu<C, 4 * C, fixed>(rows, activated_, wide_, normalized_, p.h[l].c_fc_weight,
                                                    p.h[l].c_fc_bias);
      backend.template linear_residual<4 * C, C, fixed>(rows, residual_, residual_, activated_,
                                                        p.h[l].mlp_c_proj_weight, p.h[l].mlp_c_proj_bias);
    }
    backend.template layer_norm<C>(rows, normalized_, statistics_, residual_, p.ln_f_weight, p.ln_f_bias);
    backend.template head<C, V, fixed>(rows, device_logits_, normalized_, p.wte);
    backend.read(device_logits_.slice(0, rows * V), std::span(logits_).first(rows * V));
  }

  const Model* model_;
  std::size_t rows_;
  typename Machine::template Buffer<std::int32_t> indices_;  // tokens (B), positions (B)
  typename Machine::template Buffer<std::int32_t> copies_;   // (2,L), rows of the caches
  Array keys_, values_;                                      // (L,B,T C)
  Array residual_, normalized_, statistics_;                 // (B,C), (B,C), (B,2)
  Array wide_, activated_;                                   // (B,4C)
  Array device_logits_;                                      // (B,V)
  std::vector<Scalar> logits_;                               // the same
  std::vector<std::int32_t> host_indices_;                   // the same
  std::vector<std::size_t> positions_;                       // (B)
};

}  // namespace gptnas
