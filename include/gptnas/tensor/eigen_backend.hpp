// The CPU backend: plain loops over Eigen's vectorised arrays, and one matrix product.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <type_traits>
#include <vector>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/tensor/eigen.hpp>
#include <gptnas/tensor/matrix_product.hpp>
#include <gptnas/tensor/row_product.hpp>
#include <gptnas/tensor/slice.hpp>
#include <gptnas/tensor/softmax.hpp>

namespace gptnas {

/// Computes in the calling thread, with the vector instructions that the program is compiled for. It has no state, so
/// that any number of threads may use one. The operations are described at the concept `Backend`.
///
/// @tparam Real     float or double.
/// @tparam Product  how matrices are multiplied.
template <class Real = float, class Product = EigenProduct>
class EigenBackend {
  static_assert(std::is_same_v<Real, float> || std::is_same_v<Real, double>,
                "gptnas::EigenBackend computes in float or double; see docs/concepts.md#backend");

  /// Rounded up to whole cache lines, so that vector loops have no rest.
  static constexpr std::size_t padded(std::size_t count) {
    constexpr std::size_t line = 64 / sizeof(Real);
    return (count + line - 1) / line * line;
  }

 public:
  using Scalar = Real;
  using ProductType = Product;

  template <class Element>
  using Slice = gptnas::Slice<Element, EigenBackend>;

  /// Memory that starts as zeros and is copied as a value.
  template <class Element>
  class Buffer {
   public:
    explicit Buffer(std::size_t count) : elements_(count) {}
    std::size_t size() const { return elements_.size(); }
    Slice<Element> slice(std::size_t offset, std::size_t count) { return {elements_.data() + offset, count}; }
    Slice<const Element> slice(std::size_t offset, std::size_t count) const {
      return {elements_.data() + offset, count};
    }
    operator Slice<Element>() { return slice(0, size()); }
    operator Slice<const Element>() const { return slice(0, size()); }

   private:
    std::vector<Element, Eigen::aligned_allocator<Element>> elements_;
  };

  using Output = Slice<Scalar>;
  using Input = Slice<const Scalar>;
  using Indices = Slice<const std::int32_t>;
  using Dropout = gptnas::Dropout<Indices>;

  static constexpr bool asynchronous = false;

  struct Recording {};

  template <class Work>
  void repeat(Recording&, std::initializer_list<Input>, const Work& work) const {
    work();
  }

  template <class Element>
  void read(Slice<const std::type_identity_t<Element>> from, std::span<Element> to) const {
    std::copy_n(from.data_, to.size(), to.data());
  }

  template <class Element>
  void write(Slice<Element> to, std::span<const std::type_identity_t<Element>> from) const {
    std::copy_n(from.data(), from.size(), to.data_);
  }

  void fill(Output y, double value) const { std::fill_n(y.data_, y.size_, static_cast<Scalar>(value)); }

  void copy(Output y, Input x) const { std::copy_n(x.data_, y.size_, y.data_); }

  template <std::size_t Width>
  void embed(std::size_t rows, Output y, Indices tokens, Indices positions, Input token_table,
             Input position_table) const {
    for (std::size_t row = 0; row < rows; ++row) {
      array<Width>(y, row) =
          array<Width>(token_table, index(tokens, row)) + array<Width>(position_table, index(positions, row));
    }
  }

  template <std::size_t Width>
  void embed_backward(std::size_t rows, Output token_table_gradient, Output position_table_gradient, Input y_gradient,
                      Indices tokens, Indices positions) const {
    for (std::size_t row = 0; row < rows; ++row) {
      array<Width>(token_table_gradient, index(tokens, row)) += array<Width>(y_gradient, row);
      array<Width>(position_table_gradient, index(positions, row)) += array<Width>(y_gradient, row);
    }
  }

  template <std::size_t Width>
  void layer_norm(std::size_t rows, Output y, Output statistics, Input x, Input weight, Input bias) const {
    constexpr Scalar epsilon = static_cast<Scalar>(1e-5);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto in = array<Width>(x, row);
      const Scalar mean = (in - Scalar{0}).mean();  // of an expression: its order depends on no address
      const Scalar scale = 1 / std::sqrt((in - mean).square().mean() + epsilon);
      array<Width>(y, row) = (in - mean) * scale * array<Width>(weight) + array<Width>(bias);
      array<2>(statistics, row) << mean, scale;
    }
  }

  template <std::size_t Width>
  void layer_norm_backward(std::size_t rows, Output x_gradient, Output weight_gradient, Output bias_gradient,
                           Input y_gradient, Input x, Input statistics, Input weight) const {
    for (std::size_t row = 0; row < rows; ++row) {
      const Scalar mean = array<2>(statistics, row)[0], scale = array<2>(statistics, row)[1];
      const auto gradient = array<Width>(y_gradient, row);
      const Array<Width> normalized = (array<Width>(x, row) - mean) * scale;
      const Array<Width> normalized_gradient = gradient * array<Width>(weight);
      array<Width>(weight_gradient) += gradient * normalized;
      array<Width>(bias_gradient) += gradient;
      array<Width>(x_gradient, row) += scale * (normalized_gradient - normalized_gradient.mean() -
                                                normalized * (normalized_gradient * normalized).mean());
    }
  }

  template <std::size_t Inputs, std::size_t Outputs, Summation Order = Summation::fastest>
  void linear(std::size_t rows, Output y, Input x, Input weight, Input bias) const {
    for (std::size_t row = 0; row < rows; ++row) array<Outputs>(y, row) = array<Outputs>(bias);
    add_product<Inputs, Outputs, Order>(rows, y, x, weight);
  }

  template <std::size_t Inputs, std::size_t Outputs, Summation Order = Summation::fastest>
  void linear_residual(std::size_t rows, Output y, Input residual, Input x, Input weight, Input bias) const {
    for (std::size_t row = 0; row < rows; ++row) {
      array<Outputs>(y, row) = array<Outputs>(residual, row) + array<Outputs>(bias);
    }
    add_product<Inputs, Outputs, Order>(rows, y, x, weight);
  }

  /// The state is the slope of GELU.
  template <std::size_t Inputs, std::size_t Outputs, Summation Order = Summation::fastest>
  void linear_gelu(std::size_t rows, Output y, Output slope, Input x, Input weight, Input bias) const {
    constexpr auto scale = static_cast<Scalar>(0.79788456080286535588);  // sqrt(2 / pi)
    constexpr auto cubic = static_cast<Scalar>(0.044715);
    linear<Inputs, Outputs, Order>(rows, slope, x, weight, bias);
    for (std::size_t row = 0; row < rows; ++row) {
      const Array<Outputs> in = array<Outputs>(slope, row);
      const Array<Outputs> square = in.square();
      const Array<Outputs> tanh = (scale * in * (1 + cubic * square)).tanh();
      array<Outputs>(y, row) = Scalar(0.5) * in * (1 + tanh);
      array<Outputs>(slope, row) = Scalar(0.5) * (1 + tanh) * (1 + in * (1 - tanh) * scale * (1 + 3 * cubic * square));
    }
  }

  template <std::size_t Inputs, std::size_t Outputs>
  void linear_backward(std::size_t rows, Output x_gradient, Output weight_gradient, Output bias_gradient,
                       Input y_gradient, Input x, Input weight) const {
    Product::multiply(matrix<Outputs>(y_gradient, rows), transposed(matrix<Outputs>(weight, Inputs)),
                      matrix<Inputs>(x_gradient, rows), Update::assign);
    Product::multiply(transposed(matrix<Inputs>(x, rows)), matrix<Outputs>(y_gradient, rows),
                      matrix<Outputs>(weight_gradient, Inputs), Update::add);
    for (std::size_t row = 0; row < rows; ++row) array<Outputs>(bias_gradient) += array<Outputs>(y_gradient, row);
  }

  template <std::size_t Inputs, std::size_t Outputs>
  void gelu_linear_backward(std::size_t rows, Output x_gradient, Output weight_gradient, Output bias_gradient,
                            Input y_gradient, Input x, Input slope, Input weight) const {
    linear_backward<Inputs, Outputs>(rows, x_gradient, weight_gradient, bias_gradient, y_gradient, x, weight);
    array(x_gradient) *= array(slope);
  }

  template <std::size_t Columns>
  void dropout(std::size_t rows, Output y, const Dropout& dropout) const {
    for (std::size_t row = 0; row < rows; ++row) {
      drop(y.data_ + row * Columns, Columns, first_row(dropout) + row, dropout);
    }
  }

  /// The state holds a row of probabilities for each head, and one row of scratch.
  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  static constexpr std::size_t attention_state = (Heads + 1) * padded(Context);

  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  void attention(std::size_t rows, Output y, Output state, Input qkv, Indices positions, const Dropout& dropout) const {
    const Scalar scale = 1 / std::sqrt(static_cast<Scalar>(HeadWidth));
    for_each_head<Heads, HeadWidth, Context>(rows, positions, [&](AttentionHead<Heads, HeadWidth, Context> head) {
      const auto probabilities = head.probabilities(state);  // (length, length), causal
      Product::multiply(head.queries(qkv), transposed(head.keys(qkv)), probabilities, Update::assign);
      for (std::size_t row = 0; row < head.length; ++row) {
        Scalar* const scores = probabilities.data + row * probabilities.stride;
        softmax(scores, row + 1, scale);
        std::fill_n(scores + row + 1, padded(head.length) - row - 1, Scalar{0});
      }
      Product::multiply(head.dropped(state, dropout), head.values(qkv), head.outputs(y), Update::assign);
    });
  }

  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  void attention_backward(std::size_t rows, Output qkv_gradient, Input y_gradient, Input y, Output state, Input qkv,
                          Indices positions, const Dropout& dropout) const {
    const Scalar scale = 1 / std::sqrt(static_cast<Scalar>(HeadWidth));
    for_each_head<Heads, HeadWidth, Context>(rows, positions, [&](AttentionHead<Heads, HeadWidth, Context> head) {
      const auto probabilities = head.probabilities(state);
      const auto gradient = head.scratch(state);  // (length, length), first of the probabilities, then of the scores
      Product::multiply(transposed(head.dropped(state, dropout)), head.outputs(y_gradient), head.values(qkv_gradient),
                        Update::assign);
      Product::multiply(head.outputs(y_gradient), transposed(head.values(qkv)), gradient, Update::assign);
      head.drop_rows(gradient, dropout);
      for (std::size_t row = 0; row < head.length; ++row) {
        const auto size = static_cast<Eigen::Index>(head.length);
        const Eigen::Map<const Array<>> weights(probabilities.data + row * probabilities.stride, size);
        Eigen::Map<Array<>> scores(gradient.data + row * gradient.stride, size);
        const std::size_t output = (head.first + row) * Heads + head.head;
        const Scalar mean = (array<HeadWidth>(y, output) * array<HeadWidth>(y_gradient, output)).sum();
        scores = scale * weights * (scores - mean);
      }
      Product::multiply(gradient, head.keys(qkv), head.queries(qkv_gradient), Update::assign);
      Product::multiply(transposed(gradient), head.queries(qkv), head.keys(qkv_gradient), Update::assign);
    });
  }

  /// Each head has its own part of a row, which it reads from the beginning. Keys lie in blocks of positions,
  /// (D, block) each, so that scores are summed without a reduction; values are (T,D).
  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  void attention_step(std::size_t rows, Output y, Output keys, Output values, Input qkv, Indices positions) const {
    // All keys are written before one is read: a vector of what was just written number by number has to wait.
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t position = index(positions, row);
      for (std::size_t head = 0; head < Heads; ++head) {
        const std::size_t part = row * Heads + head, key = row * 3 * Heads + Heads + head;
        write_key<HeadWidth, Context>(keys.data_ + part * Context * HeadWidth, qkv.data_ + key * HeadWidth, position);
        array<HeadWidth>(values, part * Context + position) = array<HeadWidth>(qkv, key + Heads);
      }
    }
    const Scalar scale = 1 / std::sqrt(static_cast<Scalar>(HeadWidth));
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t position = index(positions, row);
      for (std::size_t head = 0; head < Heads; ++head) {
        const std::size_t part = row * Heads + head, query = row * 3 * Heads + head;
        // Of what lies on the stack, the vectors' places are fixed, lest bits depend on them.
        alignas(64) std::array<Scalar, padded(Context)> scores;
        step_scores<HeadWidth, Context>(scores.data(), qkv.data_ + query * HeadWidth,
                                        keys.data_ + part * Context * HeadWidth, position);
        softmax(scores.data(), position + 1, scale);
        // Two sums, so that an addition need not wait for the one before it.
        alignas(64) Array<HeadWidth> even = Array<HeadWidth>::Zero(), odd = Array<HeadWidth>::Zero();
        for (std::size_t t = 0; t < position; t += 2) {
          even += scores[t] * array<HeadWidth>(values, part * Context + t);
          odd += scores[t + 1] * array<HeadWidth>(values, part * Context + t + 1);
        }
        if (position % 2 == 0) even += scores[position] * array<HeadWidth>(values, part * Context + position);
        array<HeadWidth>(y, part) = even + odd;
      }
    }
  }

  template <std::size_t Columns>
  void copy_rows(std::size_t rows, Output y, Indices to, Indices from) const {
    for (std::size_t row = 0; row < rows; ++row) {
      std::copy_n(y.data_ + index(from, row) * Columns, Columns, y.data_ + index(to, row) * Columns);
    }
  }

  template <std::size_t Width, std::size_t Vocabulary, Summation Order = Summation::fastest>
  void head(std::size_t rows, Output logits, Input x, Input token_table) const {
    if constexpr (Order == Summation::fastest) {
      Product::multiply(matrix<Width>(x, rows), transposed(matrix<Width>(token_table, Vocabulary)),
                        matrix<Vocabulary>(logits, rows), Update::assign);
    } else {
      transposed_row_product(rows, x.data_, Width, token_table.data_, Vocabulary, logits.data_);
    }
  }

  template <std::size_t Width, std::size_t Vocabulary>
  void head_backward(std::size_t rows, Output x_gradient, Output token_table_gradient, Input logits_gradient, Input x,
                     Input token_table) const {
    Product::multiply(matrix<Vocabulary>(logits_gradient, rows), matrix<Width>(token_table, Vocabulary),
                      matrix<Width>(x_gradient, rows), Update::assign);
    Product::multiply(transposed(matrix<Vocabulary>(logits_gradient, rows)), matrix<Width>(x, rows),
                      matrix<Width>(token_table_gradient, Vocabulary), Update::add);
  }

  template <std::size_t Vocabulary>
  void cross_entropy(std::size_t rows, Output loss, Output logits, Indices targets, Input share) const {
    Scalar sum = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      auto in = array<Vocabulary>(logits, row);
      if (targets.data_[row] == ignored_target) {
        in.setZero();
        continue;
      }
      const std::size_t target = index(targets, row);
      in -= in.maxCoeff();
      const Scalar chosen = in[static_cast<Eigen::Index>(target)];
      in = in.exp();
      const Scalar total = in.sum();
      sum += std::log(total) - chosen;
      in *= share.data_[0] / total;
      in[static_cast<Eigen::Index>(target)] -= share.data_[0];
    }
    loss.data_[0] += share.data_[0] * sum;
  }

  void add(Output y, Input x) const { array(y) += array(x); }

  static constexpr std::size_t update_part = 1 << 16;

  void squared_norm(Output y, Input x) const { y.data_[0] = array(x).square().sum(); }

  void clip(Output scale, Input squared_norms, double limit) const {
    const Scalar norm = std::sqrt(array(squared_norms).sum());
    scale.data_[0] = std::min(Scalar{1}, static_cast<Scalar>(limit) / (norm + static_cast<Scalar>(1e-6)));
  }

  void adamw(Output parameters, Output first_moments, Output second_moments, Input gradients, Input step,
             AdamWCoefficients coefficients) const {
    const Scalar rate = step.data_[0], correction1 = step.data_[1], correction2 = step.data_[2], scale = step.data_[3];
    const auto beta1 = static_cast<Scalar>(coefficients.beta1), beta2 = static_cast<Scalar>(coefficients.beta2);
    const auto epsilon = static_cast<Scalar>(coefficients.epsilon);
    const auto decay = 1 - rate * static_cast<Scalar>(coefficients.weight_decay);
    auto first = array(first_moments), second = array(second_moments), values = array(parameters);
    const auto gradient = array(gradients);
    first = beta1 * first + (1 - beta1) * scale * gradient;
    second = beta2 * second + (1 - beta2) * (scale * gradient).square();
    values = decay * values - rate / correction1 * first / ((second / correction2).sqrt() + epsilon);
  }

 private:
  template <std::size_t Size = 0>
  using Array = Eigen::Array<Scalar, Size == 0 ? Eigen::Dynamic : static_cast<int>(Size), 1>;

  static std::size_t index(Indices indices, std::size_t row) { return static_cast<std::size_t>(indices.data_[row]); }

  /// Row `row` of a matrix of `Size` columns.
  template <std::size_t Size>
  static Eigen::Map<const Array<Size>> array(Input x, std::size_t row = 0) {
    return Eigen::Map<const Array<Size>>(x.data_ + row * Size);
  }
  template <std::size_t Size>
  static Eigen::Map<Array<Size>> array(Output x, std::size_t row = 0) {
    return Eigen::Map<Array<Size>>(x.data_ + row * Size);
  }

  /// All of a slice.
  static Eigen::Map<const Array<>> array(Input x) { return {x.data_, static_cast<Eigen::Index>(x.size_)}; }
  static Eigen::Map<Array<>> array(Output x) { return {x.data_, static_cast<Eigen::Index>(x.size_)}; }

  template <std::size_t Columns, class Element>
  static MatrixView<Element> matrix(Slice<Element> x, std::size_t rows) {
    return {x.data_, rows, Columns};
  }

  /// y (N,M) += x (N,K) weight (K,M).
  template <std::size_t Inputs, std::size_t Outputs, Summation Order>
  static void add_product(std::size_t rows, Output y, Input x, Input weight) {
    if constexpr (Order == Summation::fastest) {
      Product::multiply(matrix<Inputs>(x, rows), matrix<Outputs>(weight, Inputs), matrix<Outputs>(y, rows),
                        Update::add);
    } else {
      add_row_product(rows, x.data_, Inputs, weight.data_, Outputs, y.data_);
    }
  }

  static std::size_t first_row(const Dropout& dropout) { return index(dropout.random, 3); }

  /// Drops some of the elements of a row.
  static void drop(Scalar* values, std::size_t count, std::size_t row, const Dropout& dropout) {
    const auto word = [&](std::size_t i) { return static_cast<std::uint32_t>(dropout.random.data_[i]); };
    const auto limit = static_cast<std::uint32_t>(dropout.rate * 0x1p32);
    const auto scale = static_cast<Scalar>(1 / (1 - dropout.rate));
    for (std::size_t first = 0; first < count; first += 4) {
      const auto words =
          philox({static_cast<std::uint32_t>(first / 4), static_cast<std::uint32_t>(row), dropout.site, word(2)},
                 {word(0), word(1)});
      for (std::size_t i = 0; i < std::min<std::size_t>(4, count - first); ++i) {
        values[first + i] *= words[i] < limit ? Scalar{0} : scale;
      }
    }
  }

  /// Positions of a block of keys: what registers hold the scores of.
  static constexpr std::size_t key_block = padded(1);

  template <std::size_t HeadWidth, std::size_t Context>
  static void write_key(Scalar* keys, const Scalar* key, std::size_t position) {
    const std::size_t first = position / key_block * key_block, size = std::min(key_block, Context - first);
    for (std::size_t i = 0; i < HeadWidth; ++i) keys[first * HeadWidth + i * size + position - first] = key[i];
  }

  /// The products of a query with the keys up to a position, and with some of those behind it.
  template <std::size_t HeadWidth, std::size_t Context>
  static void step_scores(Scalar* scores, const Scalar* query, const Scalar* keys, std::size_t position) {
    const auto add = [&]<std::size_t Size>(std::integral_constant<std::size_t, Size>, std::size_t first) {
      alignas(64) Array<Size> sum = Array<Size>::Zero();
      for (std::size_t i = 0; i < HeadWidth; ++i) {
        sum += query[i] * Eigen::Map<const Array<Size>>(keys + first * HeadWidth + i * Size);
      }
      Eigen::Map<Array<Size>>(scores + first) = sum;
    };
    constexpr std::size_t rest = Context % key_block;
    std::size_t first = 0;
    for (; first + key_block <= Context && first <= position; first += key_block) {
      add(std::integral_constant<std::size_t, key_block>(), first);
    }
    if constexpr (rest != 0) {
      if (first <= position) add(std::integral_constant<std::size_t, rest>(), first);
    }
  }

  /// One head of one sequence, as views into the batch's arrays.
  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  struct AttentionHead {
    std::size_t first, length, head;  // row, rows, index of the head

    /// Columns from `column` of an array (N, stride).
    template <class Element>
    MatrixView<Element> view(Slice<Element> x, std::size_t stride, std::size_t column, std::size_t columns) const {
      return {x.data_ + first * stride + column, length, columns, stride};
    }
    template <class Element>
    auto outputs(Slice<Element> y) const {
      return view(y, Heads * HeadWidth, head * HeadWidth, HeadWidth);
    }
    template <class Element>
    auto queries(Slice<Element> qkv) const {
      return view(qkv, 3 * Heads * HeadWidth, head * HeadWidth, HeadWidth);
    }
    template <class Element>
    auto keys(Slice<Element> qkv) const {
      return view(qkv, 3 * Heads * HeadWidth, (Heads + head) * HeadWidth, HeadWidth);
    }
    template <class Element>
    auto values(Slice<Element> qkv) const {
      return view(qkv, 3 * Heads * HeadWidth, (2 * Heads + head) * HeadWidth, HeadWidth);
    }
    auto probabilities(Output state) const {
      return view(state, attention_state<Heads, HeadWidth, Context>, head * padded(Context), length);
    }
    auto scratch(Output state) const {
      return view(state, attention_state<Heads, HeadWidth, Context>, Heads * padded(Context), length);
    }

    /// The probabilities after dropout, which are in the scratch then.
    MatrixView<Scalar> dropped(Output state, const Dropout& dropout) const {
      const auto from = probabilities(state), to = scratch(state);
      if (dropout.rate == 0) return from;
      for (std::size_t row = 0; row < length; ++row) {
        std::copy_n(from.data + row * from.stride, length, to.data + row * to.stride);
      }
      drop_rows(to, dropout);
      return to;
    }

    void drop_rows(const MatrixView<Scalar>& matrix, const Dropout& dropout) const {
      if (dropout.rate == 0) return;
      for (std::size_t row = 0; row < length; ++row) {
        drop(matrix.data + row * matrix.stride, row + 1, (first_row(dropout) + first + row) * Heads + head, dropout);
      }
    }
  };

  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context, class Visitor>
  static void for_each_head(std::size_t rows, Indices positions, Visitor visit) {
    for (std::size_t first = 0, end; first < rows; first = end) {
      end = first + 1;
      while (end < rows && positions.data_[end] != 0) ++end;
      for (std::size_t head = 0; head < Heads; ++head) {
        visit(AttentionHead<Heads, HeadWidth, Context>{first, end - first, head});
      }
    }
  }
};

}  // namespace gptnas
