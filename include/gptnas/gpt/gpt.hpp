// The GPT: a decoder-only transformer, forward and backward written by hand.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/gpt/gpt_size.hpp>
#include <gptnas/gpt/gpt_tensors.hpp>
#include <gptnas/gpt/token_batch.hpp>
#include <gptnas/tensor/eigen_backend.hpp>

namespace gptnas {

/// The arrays between input and loss, for up to a number of rows: what the forward pass keeps for the backward pass,
/// and what that passes back. Allocated once, here.
template <class Size, class Backend>
class GptActivations {
  using Scalar = typename Backend::Scalar;
  using Array = typename Backend::template Buffer<Scalar>;
  using Indices = typename Backend::template Buffer<std::int32_t>;

  static constexpr std::size_t width = Size::width, layers = Size::layers;

 public:
  /// Elements a row that the backend keeps of one attention.
  static constexpr std::size_t attention_state =
      Backend::template attention_state<Size::heads, Size::head_width, Size::context>;

  /// @param capacity  the most rows of a batch, at least 1.
  explicit GptActivations(std::size_t capacity)
      : rows(capacity),
        tokens(capacity),
        positions(capacity),
        targets(capacity),
        share(1),
        random(4),
        residual((2 * layers + 1) * capacity * width),
        normalized((2 * layers + 1) * capacity * width),
        statistics((2 * layers + 1) * capacity * 2),
        qkv(layers * capacity * 3 * width),
        attended(layers * capacity * width),
        attention(layers * capacity * attention_state),
        activated(layers * capacity * 4 * width),
        slope(layers * capacity * 4 * width),
        logits(capacity * Size::vocabulary),
        residual_gradient(capacity * width),
        narrow_gradient(capacity * width),
        wide_gradient(capacity * 4 * width) {}

  std::size_t rows;  ///< capacity, called N below

  Indices tokens, positions, targets;  // (N)
  Array share;                         // (1), of a target in the loss
  Indices random;                      // (4), of dropout
  double dropout = 0;                  // its rate in the last forward pass
  Array residual;                      // (2 L + 1, N, C), before and between the two halves of each block, and the end
  Array normalized, statistics;        // (2 L + 1, N, C) and (2 L + 1, N, 2), of the residual at the same index
  Array qkv;                           // (L, N, 3C)
  Array attended, attention;           // (L, N, C), and the backend's own state
  Array activated, slope;              // (L, N, 4C), of GELU
  Array logits;                        // (N,V), after the loss its gradient

  Array residual_gradient;               // (N,C)
  Array narrow_gradient, wide_gradient;  // (N,C) and (N,4C)
};

/// Dropout of one training step: of the sum of the embeddings, of the probabilities of attention, and of what each half
/// of a block adds to the residual, as in GPT-2.
struct GptDropout {
  double rate = 0;         ///< probability of an element to be dropped, in [0, 1); 0 is no dropout
  std::uint64_t seed = 0;  ///< with the step, the place and the row of the batch it fixes which elements are dropped
  std::uint32_t step = 0;
};

/// A decoder-only transformer in the form of GPT-2 (Radford et al., "Language Models are Unsupervised Multitask
/// Learners", 2019): learned positions, layer norm before each half of a block, causal attention, GELU in its tanh
/// form, and an output layer that shares the token embedding. A value: a copy learns on its own.
///
/// @tparam Size     a `GptSize`.
/// @tparam Machine  a `Backend`.
template <class Size, class Machine = EigenBackend<float>>
class Gpt {
  static_assert(Backend<Machine>, "gptnas::Gpt needs a backend as its second argument; see docs/concepts.md#backend");

 public:
  using Sizes = Size;
  using BackendType = Machine;
  using Scalar = typename Machine::Scalar;
  using Array = typename Machine::template Buffer<Scalar>;
  using Activations = GptActivations<Size, Machine>;

  /// Draws the parameters as GPT-2 does: normal, of deviation 0.02, and 0.02 / sqrt(2 L) where a block adds to the
  /// residual; biases 0, scales 1.
  explicit Gpt(RandomStream random, Machine backend = {})
      : backend_(std::move(backend)), parameters_(Size::parameters) {
    std::vector<Scalar> values(Size::parameters);
    for (const NamedTensor& tensor : tensors()) {
      const std::span<Scalar> part = std::span(values).subspan(tensor.offset, tensor.size);
      if (tensor.shape.size() == 2) {
        const double layers = tensor.name.ends_with("c_proj.weight") ? 2.0 * Size::layers : 1.0;
        for (Scalar& value : part) value = static_cast<Scalar>(0.02 / std::sqrt(layers) * random.normal());
      } else {
        std::ranges::fill(part, tensor.name.ends_with("weight") ? Scalar{1} : Scalar{0});
      }
    }
    set_parameters(values);
  }

  /// The names, shapes and places of the parameters, and likewise of the gradients.
  static std::vector<NamedTensor> tensors() { return gpt_tensors<Size>(); }

  /// A copy of one tensor of the parameters, row-major.
  ///
  /// @throws std::invalid_argument if there is no tensor of this name.
  std::vector<Scalar> parameter(std::string_view name) const { return named(parameters_, name); }

  /// A copy of one tensor of gradients that lie like the parameters.
  ///
  /// @throws std::invalid_argument if there is no tensor of this name.
  std::vector<Scalar> named(const Array& gradients, std::string_view name) const {
    for (const NamedTensor& tensor : tensors()) {
      if (tensor.name != name) continue;
      std::vector<Scalar> values(tensor.size);
      backend_.read(gradients.slice(tensor.offset, tensor.size), std::span(values));
      return values;
    }
    throw invalid_value("Gpt::named: name of the tensor", name, "one of Gpt::tensors()");
  }

  /// Replaces all parameters.
  ///
  /// @param values  as `tensors` tells.
  /// @throws std::invalid_argument if their number is wrong.
  void set_parameters(std::span<const Scalar> values) {
    if (values.size() != Size::parameters) {
      throw invalid_value("Gpt::set_parameters: number of values", values.size(), std::to_string(Size::parameters));
    }
    backend_.write(parameters_.slice(0, Size::parameters), values);
  }

  const Machine& backend() const { return backend_; }
  const Array& parameters() const { return parameters_; }
  Array& parameters() { return parameters_; }

  /// From tokens to logits, which are left in the activations.
  ///
  /// @throws std::invalid_argument if the batch is empty or has more rows than the activations, or if the dropout rate is
  ///   outside its domain.
  void forward(const TokenRows& batch, Activations& x, const GptDropout& dropout = {}) const {
    const std::size_t rows = batch.tokens.size();
    if (rows == 0 || rows > x.rows) {
      throw invalid_value("Gpt::forward: rows of the batch", rows, "1 to " + std::to_string(x.rows));
    }
    if (!(dropout.rate >= 0 && dropout.rate < 1)) throw invalid_value("GptDropout::rate", dropout.rate, "in [0, 1)");
    const auto part = parts_of(rows);
    const auto tokens = x.tokens.slice(0, rows), positions = x.positions.slice(0, rows);
    backend_.write(tokens, batch.tokens);
    backend_.write(positions, batch.positions);
    backend_.write(x.targets.slice(0, rows), batch.targets);
    const auto share = static_cast<Scalar>(batch.share);
    backend_.write(x.share.slice(0, 1), std::span(&share, 1));
    x.dropout = dropout.rate;
    if (dropout.rate > 0) {
      const std::uint64_t words[]{dropout.seed, dropout.seed >> 32, dropout.step, batch.first};
      std::array<std::int32_t, 4> random;
      std::ranges::transform(words, random.begin(), [](std::uint64_t word) { return static_cast<std::int32_t>(word); });
      backend_.write(x.random.slice(0, 4), random);
    }

    const Tensors<const Scalar> p(parameters_);
    backend_.template embed<C>(rows, part(x.residual, 0, C), tokens, positions, p.wte, p.wpe);
    if (x.dropout > 0) backend_.template dropout<C>(rows, part(x.residual, 0, C), dropout_at(x, 0));
    for (std::size_t l = 0; l < L; ++l) {
      const auto before = part(x.residual, 2 * l, C), between = part(x.residual, 2 * l + 1, C);
      const auto after = part(x.residual, 2 * l + 2, C);
      const auto normal_1 = part(x.normalized, 2 * l, C), normal_2 = part(x.normalized, 2 * l + 1, C);
      const auto qkv = part(x.qkv, l, 3 * C), attended = part(x.attended, l, C);
      const auto activated = part(x.activated, l, 4 * C), slope = part(x.slope, l, 4 * C);

      backend_.template layer_norm<C>(rows, normal_1, part(x.statistics, 2 * l, 2), before, p.h[l].ln_1_weight,
                                      p.h[l].ln_1_bias);
      backend_.template linear<C, 3 * C>(rows, qkv, normal_1, p.h[l].c_attn_weight, p.h[l].c_attn_bias);
      backend_.template attention<H, D, T>(rows, attended, part(x.attention, l, Activations::attention_state), qkv,
                                           positions, dropout_at(x, 3 * l + 1));
      add_branch<C>(rows, between, before, attended, p.h[l].attn_c_proj_weight, p.h[l].attn_c_proj_bias,
                    dropout_at(x, 3 * l + 2));
      backend_.template layer_norm<C>(rows, normal_2, part(x.statistics, 2 * l + 1, 2), between, p.h[l].ln_2_weight,
                                      p.h[l].ln_2_bias);
      backend_.template linear_gelu<C, 4 * C>(rows, activated, slope, normal_2, p.h[l].c_fc_weight, p.h[l].c_fc_bias);
      add_branch<4 * C>(rows, after, between, activated, p.h[l].mlp_c_proj_weight, p.h[l].mlp_c_proj_bias,
                        dropout_at(x, 3 * l + 3));
    }
    const auto normal = part(x.normalized, 2 * L, C);
    backend_.template layer_norm<C>(rows, normal, part(x.statistics, 2 * L, 2), part(x.residual, 2 * L, C),
                                    p.ln_f_weight, p.ln_f_bias);
    backend_.template head<C, V>(rows, part(x.logits, 0, V), normal, p.wte);
  }

  /// From the logits of the same rows to their part of the loss, the mean over the targets of the whole batch:
  /// loss (1) +=. The logits become their gradient.
  void loss(const TokenRows& batch, Activations& x, Array& loss) const {
    const std::size_t rows = batch.tokens.size();
    backend_.template cross_entropy<V>(rows, loss, parts_of(rows)(x.logits, 0, V), x.targets.slice(0, rows), x.share);
  }

  /// From the gradient of the logits of the same rows to that of the parameters: gradients +=. What the forward pass
  /// left is used up.
  void backward(const TokenRows& batch, Activations& x, Array& gradients) const {
    const std::size_t rows = batch.tokens.size();
    const auto part = parts_of(rows);
    const auto tokens = x.tokens.slice(0, rows), positions = x.positions.slice(0, rows);
    const auto logits = part(x.logits, 0, V);

    const Tensors<const Scalar> p(parameters_);
    const Tensors<Scalar> d(gradients);
    const auto dresidual = part(x.residual_gradient, 0, C), dnarrow = part(x.narrow_gradient, 0, C);
    const auto dqkv = part(x.wide_gradient, 0, 3 * C), dhidden = part(x.wide_gradient, 0, 4 * C);
    backend_.template head_backward<C, V>(rows, dnarrow, d.wte, logits, part(x.normalized, 2 * L, C), p.wte);
    backend_.fill(dresidual, 0);
    backend_.template layer_norm_backward<C>(rows, dresidual, d.ln_f_weight, d.ln_f_bias, dnarrow,
                                             part(x.residual, 2 * L, C), part(x.statistics, 2 * L, 2), p.ln_f_weight);
    for (std::size_t l = L; l-- > 0;) {
      backend_.template linear_backward<4 * C, C>(
          rows, dhidden, d.h[l].mlp_c_proj_weight, d.h[l].mlp_c_proj_bias,
          branch_gradient(rows, dresidual, dnarrow, dropout_at(x, 3 * l + 3)), part(x.activated, l, 4 * C),
          p.h[l].mlp_c_proj_weight);
      backend_.multiply(dhidden, part(x.slope, l, 4 * C));
      backend_.template linear_backward<C, 4 * C>(rows, dnarrow, d.h[l].c_fc_weight, d.h[l].c_fc_bias, dhidden,
                                                  part(x.normalized, 2 * l + 1, C), p.h[l].c_fc_weight);
      backend_.template layer_norm_backward<C>(rows, dresidual, d.h[l].ln_2_weight, d.h[l].ln_2_bias, dnarrow,
                                               part(x.residual, 2 * l + 1, C), part(x.statistics, 2 * l + 1, 2),
                                               p.h[l].ln_2_weight);
      backend_.template linear_backward<C, C>(
          rows, dnarrow, d.h[l].attn_c_proj_weight, d.h[l].attn_c_proj_bias,
          branch_gradient(rows, dresidual, part(x.wide_gradient, 0, C), dropout_at(x, 3 * l + 2)),
          part(x.attended, l, C), p.h[l].attn_c_proj_weight);
      backend_.template attention_backward<H, D, T>(rows, dqkv, dnarrow, part(x.attended, l, C),
                                                    part(x.attention, l, Activations::attention_state),
                                                    part(x.qkv, l, 3 * C), positions, dropout_at(x, 3 * l + 1));
      backend_.template linear_backward<C, 3 * C>(rows, dnarrow, d.h[l].c_attn_weight, d.h[l].c_attn_bias, dqkv,
                                                  part(x.normalized, 2 * l, C), p.h[l].c_attn_weight);
      backend_.template layer_norm_backward<C>(rows, dresidual, d.h[l].ln_1_weight, d.h[l].ln_1_bias, dnarrow,
                                               part(x.residual, 2 * l, C), part(x.statistics, 2 * l, 2),
                                               p.h[l].ln_1_weight);
    }
    if (x.dropout > 0) backend_.template dropout<C>(rows, dresidual, dropout_at(x, 0));
    backend_.template embed_backward<C>(rows, d.wte, d.wpe, dresidual, tokens, positions);
  }

 private:
  template <class Element>
  using Tensors = detail::GptTensors<Size, typename Machine::template Slice<Element>>;

  // One letter a size, as in the comments on shapes.
  static constexpr std::size_t C = Size::width, H = Size::heads, D = Size::head_width, T = Size::context,
                               V = Size::vocabulary, L = Size::layers;

  /// From (array, i, columns) to the i-th matrix (rows, columns) of an array.
  static auto parts_of(std::size_t rows) {
    return [rows](auto& array, std::size_t i, std::size_t columns) {
      return array.slice(i * rows * columns, rows * columns);
    };
  }

  using Dropout = gptnas::Dropout<detail::Indices<Machine>>;
  using Output = detail::Output<Machine>;
  using Input = detail::Input<Machine>;

  /// The dropout of the last forward pass at some place of the model.
  static Dropout dropout_at(const Activations& x, std::size_t site) {
    return {x.random, static_cast<std::uint32_t>(site), x.dropout};
  }

  /// y = residual + dropout(x weight + bias).
  template <std::size_t K>
  void add_branch(std::size_t rows, Output y, Input residual, Input x, Input weight, Input bias,
                  const Dropout& dropout) const {
    if (dropout.rate == 0) return backend_.template linear_residual<K, C>(rows, y, residual, x, weight, bias);
    backend_.template linear<K, C>(rows, y, x, weight, bias);
    backend_.template dropout<C>(rows, y, dropout);
    backend_.add(y, residual);
  }

  /// The gradient of what a branch adds to the residual before dropout: that of the residual, or one that is put into
  /// the scratch.
  Input branch_gradient(std::size_t rows, Input dresidual, Output scratch, const Dropout& dropout) const {
    if (dropout.rate == 0) return dresidual;
    backend_.copy(scratch, dresidual);
    backend_.template dropout<C>(rows, scratch, dropout);
    return scratch;
  }

  Machine backend_;
  Array parameters_;
};

}  // namespace gptnas
