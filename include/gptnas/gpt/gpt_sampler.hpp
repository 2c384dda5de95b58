// Reads and writes sequences token by token, with a cache of keys and values.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/concepts/drawing_backend.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/thread_team.hpp>
#include <gptnas/core/token_graph.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/token_batch.hpp>

namespace gptnas {

/// Runs a GPT forward one token at a time: push a token, read the logits of the next one. Where nobody reads those of a
/// push, as within a prompt, they are left out, but for rows that rest at the next one, and on an asynchronous backend.
/// Reads the model's parameters where they are, and allocates only when it is made; several samplers may read one model
/// at once, each in its thread. Call `reset` after the model has learned. Several sequences go side by side, a row
/// each, every one at its own position; the same tokens give the same bits, whatever the other rows are.
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
  void reset() {
    std::ranges::fill(positions_, 0);
    without_logits_ = 0;
  }

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

  /// Appends a token to each of the first sequences. The other rows rest.
  ///
  /// @param tokens  (N), 1 to `rows()`.
  /// @throws std::invalid_argument if their number is wrong, if one is not in the vocabulary, or if its sequence is as
  ///   long as the context; all is then as before. Complexity: O(N parameters + N layers x width x position), no
  ///   allocation.
  void push(std::span<const std::size_t> tokens) {
    const std::size_t count = tokens.size();
    if (count == 0 || count > rows_) {
      throw invalid_value("GptSampler::push: number of tokens", count, joined({"1 to ", rows_}));
    }
    for (std::size_t row = 0; row < count; ++row) {
      if (positions_[row] == T) throw invalid_value("GptSampler::push: position", positions_[row], "below the context");
      TokenBatch<Sizes>::check_token("GptSampler::push: token", tokens[row]);
      host_indices_[row] = static_cast<std::int32_t>(tokens[row]);
    }
    if (count < without_logits_) compute_logits(count);  // the rows that rest keep theirs
    const Machine& backend = model_->backend();
    const std::size_t computed = pad(count);
    backend.write(indices_.slice(0, 2 * computed), std::span(host_indices_).first(2 * computed));
    if constexpr (Machine::asynchronous) {
      backend.repeat(steps_, {model_->parameters(), device_logits_.slice(0, computed * V)}, [&] {
        attend(computed, 0, computed);
        predict(0, computed);
      });
      backend.read(device_logits_.slice(0, count * V), std::span(logits_).first(count * V));
    } else {
      in_parts(count, [&](std::size_t first, std::size_t end) { attend(count, first, end); });
      without_logits_ = count;
    }
    for (std::size_t row = 0; row < count; ++row) ++positions_[row];
  }

  /// Draws a sequence in each of the first rows, where the backend can draw: nothing of them comes to the host in
  /// between. The sequences that the rows had are lost.
  ///
  /// @param graph    of tokens of the vocabulary. @param first  the token before those of the graph.
  /// @param streams  (N), 1 to `rows()`: each sequence is drawn from its own, which goes on.
  /// @param drawn    (N,T) = the tokens behind the first one until the sequence is complete, and anything behind them.
  /// @throws std::invalid_argument if the options are outside their domain, if there are too many or no streams, if
  ///   `drawn` has the wrong size, or if a sequence may be longer than the context. Complexity: that of `push`, for the
  ///   longest sequence of the graph.
  void draw(const TokenGraph& graph, std::size_t first, const DrawSettings& settings, std::span<RandomStream> streams,
            std::span<std::int32_t> drawn) requires(DrawingBackend<Machine>) {
    settings.sampling.check();
    if (first >= V) throw invalid_value("GptSampler::draw: first token", first, joined({"below ", V}));
    const std::size_t count = streams.size();
    if (count == 0 || count > rows_) {
      throw invalid_value("GptSampler::draw: number of streams", count, joined({"1 to ", rows_}));
    }
    if (drawn.size() != count * T) {
      throw invalid_value("GptSampler::draw: size of drawn", drawn.size(), joined({count * T}));
    }
    if (graph.longest > T) {
      throw invalid_value("GptSampler::draw: longest sequence of the graph", graph.longest, "at most the context");
    }
    const Machine& backend = model_->backend();
    if (!draws_ || !draws_->holds(graph)) draws_.emplace(rows_, graph);
    Draws& own = *draws_;
    reset();
    std::ranges::fill(host_indices_, static_cast<std::int32_t>(first));
    const std::size_t computed = pad(count);
    own.host_sequences.assign(computed, {streams[0], 0, graph.start});  // nobody reads those that pad
    for (std::size_t row = 0; row < count; ++row) own.host_sequences[row].random = streams[row];
    backend.write(indices_.slice(0, 2 * computed), std::span(host_indices_).first(2 * computed));
    backend.write(own.sequences.slice(0, computed), own.host_sequences);
    backend.write(own.first_edge.slice(0, graph.first_edge.size()), graph.first_edge);
    backend.write(own.edges.slice(0, graph.edges.size()), graph.edges);
    backend.write(own.settings.slice(0, 1), std::span(&settings, 1));
    for (std::size_t step = 0; step < graph.longest; ++step) {
      backend.repeat(own.steps, {model_->parameters(), device_logits_.slice(0, computed * V)}, [&] {
        attend(computed, 0, computed);
        predict(0, computed);
        backend.template draw<V, T>(computed, indices_.slice(0, computed), indices_.slice(computed, computed),
                                    own.sequences, own.drawn, device_logits_, own.first_edge, own.edges, own.settings);
      });
    }
    backend.read(own.sequences.slice(0, computed), std::span(own.host_sequences));
    backend.read(own.drawn.slice(0, count * T), drawn);
    for (std::size_t row = 0; row < count; ++row) streams[row] = own.host_sequences[row].random;
  }

  /// The logits of the token that follows what was pushed last to a row. (V) Asked for first after a push, they are
  /// computed for all of its rows; they must be asked for before a `reset` and before the model learns. Complexity: the
  /// first time that of a layer and the head for these rows; no allocation.
  std::span<const Scalar, Sizes::vocabulary> logits(std::size_t row = 0) {
    if (row < without_logits_) compute_logits(0);
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

  // Shares the first `count` rows among the threads: `work(first, end)` does some of them.
  template <class Work>
  void in_parts(std::size_t count, const Work& work) {
    const std::size_t parts = std::min(count, team_.size());
    team_.run(parts, [&](std::size_t part, std::size_t) { work(count * part / parts, count * (part + 1) / parts); });
  }

  // Of the rows from `first` to before `end`.
  auto rows_of(Array& array, std::size_t columns, std::size_t first, std::size_t end) const {
    return array.slice(first * columns, (end - first) * columns);
  }
  auto tensors() const {
    return detail::GptTensors<Sizes, typename Machine::template Slice<const Scalar>>(model_->parameters());
  }

  // From the indices of the first `count` rows to the attention of the last layer, for those from `first` to before
  // `end`: all that the tokens to come need.
  void attend(std::size_t count, std::size_t first, std::size_t end) {
    const Machine& backend = model_->backend();
    const auto p = tensors();
    const std::size_t rows = end - first;
    const auto tokens = indices_.slice(first, rows), positions = indices_.slice(count + first, rows);
    const auto residual = rows_of(residual_, C, first, end), normalized = rows_of(normalized_, C, first, end);
    const auto statistics = rows_of(statistics_, 2, first, end);
    const auto qkv = rows_of(wide_, 4 * C, first, end).slice(0, rows * 3 * C);
    backend.template embed<C>(rows, residual, tokens, positions, p.wte, p.wpe);
    for (std::size_t l = 0; l < L; ++l) {
      if (l > 0) transform(p.h[l - 1], first, end);
      const std::size_t before = l * rows_;  // rows of the caches
      backend.template layer_norm<C>(rows, normalized, statistics, residual, p.h[l].ln_1_weight, p.h[l].ln_1_bias);
      backend.template linear<C, 3 * C, fixed>(rows, qkv, normalized, p.h[l].c_attn_weight, p.h[l].c_attn_bias);
      backend.template attention_step<H, D, T>(rows, normalized, rows_of(keys_, T * C, before + first, before + end),
                                               rows_of(values_, T * C, before + first, before + end), qkv, positions);
    }
  }

  // What a layer does with its attention.
  template <class Layer>
  void transform(const Layer& layer, std::size_t first, std::size_t end) {
    const Machine& backend = model_->backend();
    const std::size_t rows = end - first;
    const auto residual = rows_of(residual_, C, first, end), normalized = rows_of(normalized_, C, first, end);
    const auto statistics = rows_of(statistics_, 2, first, end);
    const auto hidden = rows_of(wide_, 4 * C, first, end), activated = rows_of(activated_, 4 * C, first, end);
    backend.template linear_residual<C, C, fixed>(rows, residual, residual, normalized, layer.attn_c_proj_weight,
                                                  layer.attn_c_proj_bias);
    backend.template layer_norm<C>(rows, normalized, statistics, residual, layer.ln_2_weight, layer.ln_2_bias);
    backend.template linear_gelu<C, 4 * C, fixed>(rows, activated, hidden, normalized, layer.c_fc_weight,
                                                  layer.c_fc_bias);
    backend.template linear_residual<4 * C, C, fixed>(rows, residual, residual, activated, layer.mlp_c_proj_weight,
                                                      layer.mlp_c_proj_bias);
  }

  // From there to the logits.
  void predict(std::size_t first, std::size_t end) {
    const Machine& backend = model_->backend();
    const auto p = tensors();
    const std::size_t rows = end - first;
    const auto normalized = rows_of(normalized_, C, first, end);
    transform(p.h[L - 1], first, end);
    backend.template layer_norm<C>(rows, normalized, rows_of(statistics_, 2, first, end),
                                   rows_of(residual_, C, first, end), p.ln_f_weight, p.ln_f_bias);
    backend.template head<C, V, fixed>(rows, rows_of(device_logits_, V, first, end), normalized, p.wte);
  }

  // The logits of the rows from `begin` that were pushed to last.
  void compute_logits(std::size_t begin) {
    const std::size_t count = without_logits_ - begin;
    in_parts(count, [&](std::size_t first, std::size_t end) { predict(begin + first, begin + end); });
    const auto host = std::span(logits_).subspan(begin * V, count * V);
    model_->backend().read(device_logits_.slice(begin * V, count * V), host);
    without_logits_ = 0;
  }

  // What `draw` needs, on a backend that can. There is room for larger graphs, so that recordings last.
  template <class Any>
  struct DrawsOf {
    DrawsOf(std::size_t rows, const TokenGraph& graph)
        : sequences(rows),
          drawn(rows * T),
          first_edge(std::bit_ceil(graph.first_edge.size())),
          edges(std::bit_ceil(graph.edges.size())),
          settings(1) {}

    bool holds(const TokenGraph& graph) const {
      return graph.first_edge.size() <= first_edge.size() && graph.edges.size() <= edges.size();
    }

    typename Any::template Buffer<DrawnSequence> sequences;
    typename Any::template Buffer<std::int32_t> drawn;
    typename Any::template Buffer<std::uint32_t> first_edge;
    typename Any::template Buffer<TokenEdge> edges;
    typename Any::template Buffer<DrawSettings> settings;
    typename Any::Recording steps;
    std::vector<DrawnSequence> host_sequences;
  };
  struct NoDraws {};
  using Draws = std::conditional_t<DrawingBackend<Machine>, DrawsOf<Machine>, NoDraws>;

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
  std::size_t without_logits_ = 0;                           // first rows whose logits are not computed yet
  typename Machine::Recording steps_;
  std::optional<Draws> draws_;  // once `draw` was called
};

}  // namespace gptnas
