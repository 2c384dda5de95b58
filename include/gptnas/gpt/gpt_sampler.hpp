// Reads and writes sequences token by token, with a cache of keys and values.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/thread_team.hpp>
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
  /// @param model    must outlive the sampler.
  /// @param rows     sequences that go side by side, at least 1.
  /// @param threads  that share the rows, at least 1; their number changes no bit.
  /// @throws std::invalid_argument if there are no rows or no threads.
  explicit GptSampler(const Model& model, std::size_t rows = 1, std::size_t threads = 1)
      : model_(&model),
        rows_(rows),
        team_(Machine::asynchronous ? std::min<std::size_t>(threads, 1) : threads),
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
  explicit GptSampler(Model&&, std::size_t = 1, std::size_t = 1) = delete;

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
    }
    const Machine& backend = model_->backend();
    const std::size_t computed = pad(count);
    backend.write(indices_.slice(0, 2 * computed), std::span(host_indices_).first(2 * computed));
    backend.repeat(steps_, {model_->parameters(), device_logits_.slice(0, computed * V)}, [&] {
      const std::size_t parts = std::min(computed, team_.size());
      team_.run(parts, [&](std::size_t part, std::size_t) {
        forward(computed, computed * part / parts, computed * (part + 1) / parts);
      });
    });
    backend.read(device_logits_.slice(0, count * V), std::span(logits_).first(count * V));
    for (std::size_t row = 0; row < count; ++row) ++positions_[row];
  }

  /// Draws a sequence in each row, from token 0 on, on a backend that can: nothing of them comes to the host in
  /// between. The sequences that the rows had are lost.
  ///
  /// @param table     (S,V) the state of a grammar behind each token, -1 where it is illegal; the first state is 0, and a
  ///   sequence is complete in a state that allows no token.
  /// @param settings  seed and number of the first row of the streams, temperature.
  /// @param steps     tokens behind the first, at most the context.
  /// @param drawn     (B,T) = those tokens, and 0 behind complete sequences.
  /// @throws std::invalid_argument if there are too many steps, or if an array has the wrong size.
  template <class Settings>
  void draw(std::span<const std::int32_t> table, const Settings& settings, std::size_t steps,
            std::span<std::int32_t> drawn) requires(Machine::asynchronous) {
    if (steps > T) throw invalid_value("GptSampler::draw: steps", steps, "at most the context");
    if (drawn.size() != rows_ * T) {
      throw invalid_value("GptSampler::draw: size of drawn", drawn.size(), "rows x context");
    }
    if (table.empty() || table.size() % V != 0) {
      throw invalid_value("GptSampler::draw: size of the table", table.size(), "a multiple of the vocabulary");
    }
    const Machine& backend = model_->backend();
    if (!draws_ || draws_->table.size() != table.size()) draws_.emplace(rows_, table.size());
    Draws& own = *draws_;
    const std::vector<std::int32_t> zeros(rows_ * T);
    backend.write(indices_.slice(0, 2 * rows_), std::vector<std::int32_t>(2 * rows_));
    backend.write(own.states.slice(0, rows_), std::span(zeros).first(rows_));
    backend.write(own.drawn.slice(0, rows_ * T), zeros);
    backend.write(own.table.slice(0, table.size()), table);
    backend.write(own.settings.slice(0, 1), std::span(&settings, 1));
    for (std::size_t step = 0; step < steps; ++step) {
      backend.repeat(own.steps, {model_->parameters()}, [&] {
        forward(rows_, 0, rows_);
        backend.template draw<V, T>(rows_, indices_.slice(0, rows_), indices_.slice(rows_, rows_), own.states,
                                    own.drawn, device_logits_, own.table, own.settings);
      });
    }
    backend.read(own.drawn, drawn);
    reset();
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

  // Completes the indices of `count` rows, the tokens of which are there. An asynchronous backend computes some of the
  // rows that rest, too, so that few numbers of rows occur: they write where their next token will, and nobody reads
  // it.
  std::size_t pad(std::size_t count) {
    std::size_t padded = count;
    if constexpr (Machine::asynchronous) {
      const std::size_t step = (rows_ + 7) / 8;
      padded = std::min(rows_, (count + step - 1) / step * step);
    }
    for (std::size_t row = count; row < padded; ++row) host_indices_[row] = 0;
    for (std::size_t row = 0; row < padded; ++row) {
      host_indices_[padded + row] = static_cast<std::int32_t>(std::min(positions_[row], T - 1));
    }
    return padded;
  }

  // From the indices of the first `count` rows to the logits of those from `first` to before `end`.
  void forward(std::size_t count, std::size_t first, std::size_t end) {
    const Machine& backend = model_->backend();
    const detail::GptTensors<Sizes, typename Machine::template Slice<const Scalar>> p(model_->parameters());
    const std::size_t rows = end - first;
    const auto part = [&](Array& array, std::size_t columns, std::size_t before = 0) {
      return array.slice((before + first) * columns, rows * columns);
    };
    const auto tokens = indices_.slice(first, rows), positions = indices_.slice(count + first, rows);
    const auto residual = part(residual_, C), normalized = part(normalized_, C), statistics = part(statistics_, 2);
    const auto hidden = part(wide_, 4 * C), qkv = hidden.slice(0, rows * 3 * C), activated = part(activated_, 4 * C);
    backend.template embed<C>(rows, residual, tokens, positions, p.wte, p.wpe);
    for (std::size_t l = 0; l < L; ++l) {
      const auto keys = part(keys_, T * C, l * rows_), values = part(values_, T * C, l * rows_);
      backend.template layer_norm<C>(rows, normalized, statistics, residual, p.h[l].ln_1_weight, p.h[l].ln_1_bias);
      backend.template linear<C, 3 * C, fixed>(rows, qkv, normalized, p.h[l].c_attn_weight, p.h[l].c_attn_bias);
      backend.template attention_step<H, D, T>(rows, normalized, keys, values, qkv, positions);
      backend.template linear_residual<C, C, fixed>(rows, residual, residual, normalized, p.h[l].attn_c_proj_weight,
                                                    p.h[l].attn_c_proj_bias);
      backend.template layer_norm<C>(rows, normalized, statistics, residual, p.h[l].ln_2_weight, p.h[l].ln_2_bias);
      backend.template linear_gelu<C, 4 * C, fixed>(rows, activated, hidden, normalized, p.h[l].c_fc_weight,
                                                    p.h[l].c_fc_bias);
      backend.template linear_residual<4 * C, C, fixed>(rows, residual, residual, activated, p.h[l].mlp_c_proj_weight,
                                                        p.h[l].mlp_c_proj_bias);
    }
    backend.template layer_norm<C>(rows, normalized, statistics, residual, p.ln_f_weight, p.ln_f_bias);
    backend.template head<C, V, fixed>(rows, part(device_logits_, V), normalized, p.wte);
  }

  // Of an asynchronous backend.
  template <class Any>
  struct DrawsOf {
    DrawsOf(std::size_t rows, std::size_t table_size) : states(rows), drawn(rows * T), table(table_size), settings(1) {}
    typename Any::template Buffer<std::int32_t> states, drawn, table;
    typename Any::template Buffer<typename Any::DrawSettings> settings;
    typename Any::Recording steps;
  };
  struct NoDraws {};
  using Draws = std::conditional_t<Machine::asynchronous, DrawsOf<Machine>, NoDraws>;

  const Model* model_;
  std::size_t rows_;
  ThreadTeam team_;
  typename Machine::template Buffer<std::int32_t> indices_;  // tokens (B), positions (B)
  typename Machine::template Buffer<std::int32_t> copies_;   // (2,L), rows of the caches
  Array keys_, values_;                                      // (L,B,T C)
  Array residual_, normalized_, statistics_;                 // (B,C), (B,C), (B,2)
  Array wide_, activated_;                                   // (B,4C)
  Array device_logits_;                                      // (B,V)
  std::vector<Scalar> logits_;                               // the same
  std::vector<std::int32_t> host_indices_;                   // the same
  std::vector<std::size_t> positions_;                       // (B)
  typename Machine::Recording steps_;
  std::optional<Draws> draws_;  // what `draw` needs, once it was called
};

}  // namespace gptnas
