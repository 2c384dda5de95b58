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
#include <gptnas/core/joined.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/gpt/gpt_size.hpp>
#include <gptnas/gpt/gpt_tensors.hpp>
#include <gptnas/gpt/token_batch.hpp>
#include <gptnas/tensor/eigen_backend.hpp>

namespace gptnas {

/// The arrays between input and loss, for up to a number of rows: what the forward pass keeps for the backward pass,
/// and what that passes back. They lie in one piece of memory, which is taken here.
template <class Size, class Backend>
class GptActivations {
  using Scalar = typename Backend::Scalar;
  using Output = typename Backend::template Slice<Scalar>;
  using Indices = typename Backend::template Slice<std::int32_t>;

  static constexpr std::size_t width = Size::width, layers = Size::layers;

 public:
  /// Elements a row that the backend keeps of one attention.
  static constexpr std::size_t attention_state =
      Backend::template attention_state<Size::heads, Size::head_width, Size::context>;

  /// Some matrices (N, columns), one behind the other.
  struct Field {
    std::size_t first;  ///< elements a row that lie before them
    std::size_t columns, count;
    constexpr std::size_t end() const { return first + columns * count; }
  };
  /// The residual before and between the two halves of each block, and the end.
  static constexpr Field residual{0, width, 2 * layers + 1};
  /// Of the residual at the same index.
  static constexpr Field normalized{residual.end(), width, 2 * layers + 1};
  static constexpr Field statistics{normalized.end(), 2, 2 * layers + 1};
  static constexpr Field qkv{statistics.end(), 3 * width, layers};
  static constexpr Field attended{qkv.end(), width, layers};
  static constexpr Field attention{attended.end(), attention_state, layers};
  static constexpr Field activated{attention.end(), 4 * width, layers};  ///< by GELU
  static constexpr Field gelu{activated.end(), 4 * width, layers};       ///< what the backend keeps of GELU
  static constexpr Field logits{gelu.end(), Size::vocabulary, 1};        ///< after the loss their gradient
  static constexpr Field residual_gradient{logits.end(), width, 1};
  static constexpr Field narrow_gradient{residual_gradient.end(), width, 1};
  static constexpr Field wide_gradient{narrow_gradient.end(), 4 * width, 1};

  /// @param capacity  the most rows of a batch, at least 1.
  explicit GptActivations(std::size_t capacity)
      : capacity_(capacity),
        memory_(wide_gradient.end() * stride() + 1),
        indices_(3 * capacity + 4),
        host_indices_(3 * capacity + 4) {}

  std::size_t capacity() const { return capacity_; }

  /// Rows of the batch that `Gpt::load` put here, those that pad it included.
  std::size_t rows() const { return rows_; }

  /// Matrix i of a field, for a batch of some rows: (rows, columns).
  Output at(const Field& field, std::size_t rows, std::size_t i = 0) {
    return memory_.slice((field.first + i * field.columns) * stride(), rows * field.columns);
  }

  Output share() { return memory_.slice(wide_gradient.end() * stride(), 1); }  // (1), of a target in the loss
  Indices tokens() { return indices_.slice(0, rows_); }
  Indices positions() { return indices_.slice(capacity_, rows_); }
  Indices targets() { return indices_.slice(2 * capacity_, rows_); }
  Indices random() { return indices_.slice(3 * capacity_, 4); }  // (4), of dropout

  double dropout = 0;  ///< its rate in the last forward pass

  /// Takes up a batch of at most `capacity()` rows, and what dropout is drawn with.
  void load(const Backend& backend, const TokenRows& batch, const std::array<std::int32_t, 4>& random) {
    const std::size_t rows = batch.tokens.size();
    rows_ = rows;
    if constexpr (Backend::asynchronous) {  // few numbers of rows, so that what was noted of one can be repeated
      const std::size_t step = (capacity_ + 7) / 8;
      rows_ = std::min(capacity_, (rows + step - 1) / step * step);
    }
    const auto put = [&](std::span<const std::int32_t> values, std::size_t field, std::int32_t padding) {
      const std::span<std::int32_t> to = std::span(host_indices_).subspan(field * capacity_, rows_);
      for (std::size_t row = 0; row < rows_; ++row) to[row] = row < rows ? values[row] : padding;
    };
    put(batch.tokens, 0, 0);
    put(batch.positions, 1, 0);  // each row that pads is a sequence of its own
    put(batch.targets, 2, ignored_target);
    std::copy(random.begin(), random.end(), host_indices_.end() - 4);
    backend.write(indices_.slice(0, host_indices_.size()), host_indices_);
    const auto share_of_target = static_cast<Scalar>(batch.share);
    backend.write(share(), std::span(&share_of_target, 1));
  }

 private:
  /// So many rows that each matrix starts with a cache line.
  std::size_t stride() const {
    constexpr std::size_t line = 64 / sizeof(Scalar);
    return (capacity_ + line - 1) / line * line;
  }

  std::size_t capacity_, rows_ = 0;
  typename Backend::template Buffer<Scalar> memory_;
  typename Backend::template Buffer<std::int32_t> indices_;  // tokens, positions, targets, what dropout is drawn with
  std::vector<std::int32_t> host_indices_;                   // the same
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
        for (Scalar& value : part) value = static_cast<Scalar>(0.02 / std::sqrt(layers) * standard_normal(random));
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

  /// Puts a batch where the operations below find it. They are the same for batches of as many rows, so that a backend
  /// can repeat them.
  ///
  /// @throws std::invalid_argument if the batch is empty or has more rows than the activations, or if the dropout rate
  ///   is outside its domain.
  void load(const TokenRows& batch, Activations& x, const GptDropout& dropout = {}) const {
    const std::size_t rows = batch.tokens.size();
    if (rows == 0 || rows > x.capacity()) {
      throw invalid_value("Gpt::forward: rows of the batch", rows, joined({"1 to ", x.capacity()}));
    }
    if (!(dropout.rate >= 0 && dropout.rate < 1)) throw invalid_value("GptDropout::rate", dropout.rate, "in [0, 1)");
    x.dropout = dropout.rate;
    const std::uint64_t words[]{dropout.seed, dropout.seed >> 32, dropout.step, batch.first};
    std::array<std::int32_t, 4> random;
    std::ranges::transform(words, random.begin(), [](std::uint64_t word) { return static_cast<std::int32_t>(word); });
    x.load(backend_, batch, random);
  }

  /// From the tokens of the batch to logits, which are left in the activations.
  void forward(Activations& x) const {
    const std::size_t rows = x.rows();
    const auto tokens = x.tokens(), positions = x.positions();
    const Tensors<const Scalar> p(parameters_);
    backend_.template embed<C>(rows, x.at(x.residual, rows), tokens, positions, p.wte, p.wpe);
    if (x.dropout > 0) backend_.template dropout<C>(rows, x.at(x.residual, rows), dropout_at(x, 0));
    for (std::size_t l = 0; l < L; ++l) {
      const auto before = x.at(x.residual, rows, 2 * l), between = x.at(x.residual, rows, 2 * l + 1);
      const auto after = x.at(x.residual, rows, 2 * l + 2);
      const auto normal_1 = x.at(x.normalized, rows, 2 * l), normal_2 = x.at(x.normalized, rows, 2 * l + 1);
      const auto qkv = x.at(x.qkv, rows, l), attended = x.at(x.attended, rows, l);
      const auto activated = x.at(x.activated, rows, l), gelu = x.at(x.gelu, rows, l);

      backend_.template layer_norm<C>(rows, normal_1, x.at(x.statistics, rows, 2 * l), before, p.h[l].ln_1_weight,
                                      p.h[l].ln_1_bias);
      backend_.template linear<C, 3 * C>(rows, qkv, normal_1, p.h[l].c_attn_weight, p.h[l].c_attn_bias);
      backend_.template attention<H, D, T>(rows, attended, x.at(x.attention, rows, l), qkv, positions,
                                           dropout_at(x, 3 * l + 1));
      add_branch<C>(rows, between, before, attended, p.h[l].attn_c_proj_weight, p.h[l].attn_c_proj_bias,
                    dropout_at(x, 3 * l + 2));
      backend_.template layer_norm<C>(rows, normal_2, x.at(x.statistics, rows, 2 * l + 1), between, p.h[l].ln_2_weight,
                                      p.h[l].ln_2_bias);
      backend_.template linear_gelu<C, 4 * C>(rows, activated, gelu, normal_2, p.h[l].c_fc_weight, p.h[l].c_fc_bias);
      add_branch<4 * C>(rows, after, between, activated, p.h[l].mlp_c_proj_weight, p.h[l].mlp_c_proj_bias,
                        dropout_at(x, 3 * l + 3));
    }
    const auto normal = x.at(x.normalized, rows, 2 * L);
    backend_.template layer_norm<C>(rows, normal, x.at(x.statistics, rows, 2 * L), x.at(x.residual, rows, 2 * L),
                                    p.ln_f_weight, p.ln_f_bias);
    backend_.template head<C, V>(rows, x.at(x.logits, rows), normal, p.wte);
  }

  /// `load`, then `forward`.
  ///
  /// @throws std::invalid_argument as `load`.
  void forward(const TokenRows& batch, Activations& x, const GptDropout& dropout = {}) const {
    load(batch, x, dropout);
    forward(x);
  }

  /// From the logits to their part of the loss, the mean over the targets of the whole batch: loss (1) +=. The logits
  /// become their gradient.
  void loss(Activations& x, Array& loss) const {
    backend_.template cross_entropy<V>(x.rows(), loss, x.at(x.logits, x.rows()), x.targets(), x.share());
  }

  /// From the gradient of the logits to that of the parameters: gradients +=. What the forward pass left is used up.
  void backward(Activations& x, Array& gradients) const {
    const std::size_t rows = x.rows();
    const auto tokens = x.tokens(), positions = x.positions();
    const auto logits = x.at(x.logits, rows);

    const Tensors<const Scalar> p(parameters_);
    const Tensors<Scalar> d(gradients);
    const auto dresidual = x.at(x.residual_gradient, rows), dnarrow = x.at(x.narrow_gradient, rows);
    const auto dhidden = x.at(x.wide_gradient, rows), dqkv = dhidden.slice(0, rows * 3 * C);
    backend_.template head_backward<C, V>(rows, dnarrow, d.wte, logits, x.at(x.normalized, rows, 2 * L), p.wte);
    backend_.fill(dresidual, 0);
    backend_.template layer_norm_backward<C>(rows, dresidual, d.ln_f_weight, d.ln_f_bias, dnarrow,
                                             x.at(x.residual, rows, 2 * L), x.at(x.statistics, rows, 2 * L),
                                             p.ln_f_weight);
    for (std::size_t l = L; l-- > 0;) {
      backend_.template gelu_linear_backward<4 * C, C>(
          rows, dhidden, d.h[l].mlp_c_proj_weight, d.h[l].mlp_c_proj_bias,
          branch_gradient(rows, dresidual, dnarrow, dropout_at(x, 3 * l + 3)), x.at(x.activated, rows, l),
          x.at(x.gelu, rows, l), p.h[l].mlp_c_proj_weight);
      backend_.template linear_backward<C, 4 * C>(rows, dnarrow, d.h[l].c_fc_weight, d.h[l].c_fc_bias, dhidden,
                                                  x.at(x.normalized, rows, 2 * l + 1), p.h[l].c_fc_weight);
      backend_.template layer_norm_backward<C>(rows, dresidual, d.h[l].ln_2_weight, d.h[l].ln_2_bias, dnarrow,
                                               x.at(x.residual, rows, 2 * l + 1), x.at(x.statistics, rows, 2 * l + 1),
                                               p.h[l].ln_2_weight);
      backend_.template linear_backward<C, C>(
          rows, dnarrow, d.h[l].attn_c_proj_weight, d.h[l].attn_c_proj_bias,
          branch_gradient(rows, dresidual, dhidden.slice(0, rows * C), dropout_at(x, 3 * l + 2)),
          x.at(x.attended, rows, l), p.h[l].attn_c_proj_weight);
      backend_.template attention_backward<H, D, T>(rows, dqkv, dnarrow, x.at(x.attended, rows, l),
                                                    x.at(x.attention, rows, l), x.at(x.qkv, rows, l), positions,
                                                    dropout_at(x, 3 * l + 1));
      backend_.template linear_backward<C, 3 * C>(rows, dnarrow, d.h[l].c_attn_weight, d.h[l].c_attn_bias, dqkv,
                                                  x.at(x.normalized, rows, 2 * l), p.h[l].c_attn_weight);
      backend_.template layer_norm_backward<C>(rows, dresidual, d.h[l].ln_1_weight, d.h[l].ln_1_bias, dnarrow,
                                               x.at(x.residual, rows, 2 * l), x.at(x.statistics, rows, 2 * l),
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

  using Dropout = gptnas::Dropout<detail::Indices<Machine>>;
  using Output = detail::Output<Machine>;
  using Input = detail::Input<Machine>;

  /// The dropout of the last forward pass at some place of the model.
  static Dropout dropout_at(Activations& x, std::size_t site) {
    return {x.random(), static_cast<std::uint32_t>(site), x.dropout};
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
