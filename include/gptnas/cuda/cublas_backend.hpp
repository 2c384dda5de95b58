// The GPU backend: products by cuBLAS, the rest by kernels; link gptnas::cuda.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/concepts/drawing_backend.hpp>
#include <gptnas/core/token_graph.hpp>
#include <gptnas/cuda/context.hpp>
#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/recording.hpp>
#include <gptnas/tensor/slice.hpp>

namespace gptnas {

/// Computes on an NVIDIA GPU, the current device of the thread that makes it. The operations are described at the
/// concept `Backend`; they are begun in their order and run later, one after the other, until `read` waits for them.
/// The same arguments give the same bits on the same device: no operation depends on the order in which threads run.
/// Copies of a backend share a stream of operations and a lock, so that any number of threads may use them, but none
/// while another one is in `repeat`; one is as fast as many. What is repeated is a CUDA graph.
///
/// Attention's heads are at most 256 features wide. Products with `Summation::fixed` are in single precision whatever
/// the precision is.
///
/// @tparam Precision  of the products; all else is in single precision. Products of `bf16` round their factors at each
///   call, so that the weights that learn are floats.
template <CublasPrecision Precision = CublasPrecision::fp32>
class CublasBackend {
 public:
  using Scalar = float;
  static constexpr CublasPrecision precision = Precision;

  /// @throws CudaError if no device can be used; `find_cuda_device` tells before.
  CublasBackend() : context_(detail::cuda::make_context()) {}

  template <class Element>
  using Slice = gptnas::Slice<Element, CublasBackend>;

  /// Memory of the device that starts as zeros and is copied as a value.
  ///
  /// Making one throws CudaError; where memory is short, it tells how much was asked for and is free.
  template <class Element>
  class Buffer {
   public:
    explicit Buffer(std::size_t count) : data_(allocate(count)), size_(count) {}
    Buffer(const Buffer& other) : Buffer(other.size_) {
      detail::cuda::copy_between(data_.get(), other.data_.get(), size_ * sizeof(Element));
    }
    Buffer(Buffer&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
    Buffer& operator=(Buffer other) noexcept {
      std::swap(data_, other.data_);
      std::swap(size_, other.size_);
      return *this;
    }
    ~Buffer() = default;

    std::size_t size() const { return size_; }
    Slice<Element> slice(std::size_t offset, std::size_t count) { return {data_.get() + offset, count}; }
    Slice<const Element> slice(std::size_t offset, std::size_t count) const { return {data_.get() + offset, count}; }
    operator Slice<Element>() { return slice(0, size()); }
    operator Slice<const Element>() const { return slice(0, size()); }

   private:
    struct Release {
      void operator()(Element* data) const noexcept { detail::cuda::release(data); }
    };
    static Element* allocate(std::size_t count) {
      return static_cast<Element*>(detail::cuda::allocate(count * sizeof(Element)));
    }

    std::unique_ptr<Element, Release> data_;
    std::size_t size_;
  };

  using Output = Slice<Scalar>;
  using Input = Slice<const Scalar>;
  using Indices = Slice<const std::int32_t>;
  using Dropout = gptnas::Dropout<Indices>;

  static constexpr bool asynchronous = true;

  using Recording = detail::cuda::Recording;

  template <class Work>
  void repeat(Recording& recording, std::initializer_list<Input> memory, const Work& work) const {
    recording.repeat(
        context_, memory,
        [](const Input& slice) { return std::pair<const void*, std::size_t>(slice.data_, slice.size_); }, work);
  }

  template <class Element>
  void read(Slice<const std::type_identity_t<Element>> from, std::span<Element> to) const {
    detail::cuda::read(*context_, to.data(), from.data_, to.size_bytes());
  }

  template <class Element>
  void write(Slice<Element> to, std::span<const std::type_identity_t<Element>> from) const {
    detail::cuda::write(*context_, to.data_, from.data(), from.size_bytes());
  }

  void fill(Output y, double value) const {
    detail::cuda::fill(*context_, y.size_, y.data_, static_cast<Scalar>(value));
  }

  void copy(Output y, Input x) const { detail::cuda::copy(*context_, y.data_, x.data_, y.size_ * sizeof(Scalar)); }

  template <std::size_t Width>
  void embed(std::size_t rows, Output y, Indices tokens, Indices positions, Input token_table,
             Input position_table) const {
    detail::cuda::embed(*context_, rows, Width, y.data_, tokens.data_, positions.data_, token_table.data_,
                        position_table.data_);
  }

  template <std::size_t Width>
  void embed_backward(std::size_t rows, Output token_table_gradient, Output position_table_gradient, Input y_gradient,
                      Indices tokens, Indices positions) const {
    add_rows<Width>(rows, token_table_gradient, tokens, y_gradient);
    add_rows<Width>(rows, position_table_gradient, positions, y_gradient);
  }

  template <std::size_t Width>
  void layer_norm(std::size_t rows, Output y, Output statistics, Input x, Input weight, Input bias) const {
    detail::cuda::layer_norm(*context_, rows, Width, y.data_, statistics.data_, x.data_, weight.data_, bias.data_);
  }

  template <std::size_t Width>
  void layer_norm_backward(std::size_t rows, Output x_gradient, Output weight_gradient, Output bias_gradient,
                           Input y_gradient, Input x, Input statistics, Input weight) const {
    detail::cuda::layer_norm_backward(*context_, rows, Width, x_gradient.data_, weight_gradient.data_,
                                      bias_gradient.data_, y_gradient.data_, x.data_, statistics.data_, weight.data_);
  }

  template <std::size_t Inputs, std::size_t Outputs, Summation Order = Summation::fastest>
  void linear(std::size_t rows, Output y, Input x, Input weight, Input bias) const {
    multiply<Order>(linear_product<Inputs, Outputs>(rows, y, x, weight, bias));
  }

  template <std::size_t Inputs, std::size_t Outputs, Summation Order = Summation::fastest>
  void linear_residual(std::size_t rows, Output y, Input residual, Input x, Input weight, Input bias) const {
    auto product = linear_product<Inputs, Outputs>(rows, y, x, weight, bias);
    product.addend = residual.data_;
    multiply<Order>(product);
  }

  /// The state is what GELU is taken of.
  template <std::size_t Inputs, std::size_t Outputs, Summation Order = Summation::fastest>
  void linear_gelu(std::size_t rows, Output y, Output state, Input x, Input weight, Input bias) const {
    auto product = linear_product<Inputs, Outputs>(rows, y, x, weight, bias);
    product.gelu_state = state.data_;
    multiply<Order>(product);
  }

  template <std::size_t Inputs, std::size_t Outputs>
  void linear_backward(std::size_t rows, Output x_gradient, Output weight_gradient, Output bias_gradient,
                       Input y_gradient, Input x, Input weight) const {
    linear_gradients<Inputs, Outputs>(rows, x_gradient, weight_gradient, bias_gradient, y_gradient, x, nullptr, weight);
  }

  template <std::size_t Inputs, std::size_t Outputs>
  void gelu_linear_backward(std::size_t rows, Output x_gradient, Output weight_gradient, Output bias_gradient,
                            Input y_gradient, Input x, Input state, Input weight) const {
    linear_gradients<Inputs, Outputs>(rows, x_gradient, weight_gradient, bias_gradient, y_gradient, x, state.data_,
                                      weight);
  }

  template <std::size_t Columns>
  void dropout(std::size_t rows, Output y, const Dropout& dropout) const {
    detail::cuda::dropout(*context_, rows, Columns, y.data_, dropping(dropout));
  }

  /// The state holds two numbers a head, whatever the context is.
  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  static constexpr std::size_t attention_state = 2 * Heads;

  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  void attention(std::size_t rows, Output y, Output state, Input qkv, Indices positions, const Dropout& dropout) const {
    detail::cuda::attention(*context_, rows, heads<Heads, HeadWidth>, y.data_, state.data_, qkv.data_, positions.data_,
                            dropping(dropout));
  }

  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  void attention_backward(std::size_t rows, Output qkv_gradient, Input y_gradient, Input y, Output state, Input qkv,
                          Indices positions, const Dropout& dropout) const {
    detail::cuda::attention_backward(*context_, rows, heads<Heads, HeadWidth>, qkv_gradient.data_, y_gradient.data_,
                                     y.data_, state.data_, qkv.data_, positions.data_, dropping(dropout));
  }

  template <std::size_t Heads, std::size_t HeadWidth, std::size_t Context>
  void attention_step(std::size_t rows, Output y, Output keys, Output values, Input qkv, Indices positions) const {
    detail::cuda::attention_step(*context_, rows, heads<Heads, HeadWidth>, Context, y.data_, keys.data_, values.data_,
                                 qkv.data_, positions.data_);
  }

  template <std::size_t Columns>
  void copy_rows(std::size_t rows, Output y, Indices to, Indices from) const {
    detail::cuda::copy_rows(*context_, rows, Columns, y.data_, to.data_, from.data_);
  }

  template <std::size_t Width, std::size_t Vocabulary, Summation Order = Summation::fastest>
  void head(std::size_t rows, Output logits, Input x, Input token_table) const {
    multiply<Order>({rows, Vocabulary, Width, {x.data_}, {token_table.data_, true}, logits.data_});
  }

  template <std::size_t Width, std::size_t Vocabulary>
  void head_backward(std::size_t rows, Output x_gradient, Output token_table_gradient, Input logits_gradient, Input x,
                     Input token_table) const {
    float* const table = token_table_gradient.data_;
    multiply_all({{rows, Width, Vocabulary, {logits_gradient.data_}, {token_table.data_}, x_gradient.data_},
                  {Vocabulary, Width, rows, {logits_gradient.data_, true}, {x.data_}, table, table}});
  }

  template <std::size_t Vocabulary>
  void cross_entropy(std::size_t rows, Output loss, Output logits, Indices targets, Input share) const {
    detail::cuda::cross_entropy(*context_, rows, Vocabulary, loss.data_, logits.data_, targets.data_, share.data_);
  }

  template <std::size_t Vocabulary, std::size_t Context>
  void draw(std::size_t rows, Slice<std::int32_t> tokens, Slice<std::int32_t> positions, Slice<DrawnSequence> sequences,
            Slice<std::int32_t> drawn, Input logits, Slice<const std::uint32_t> first_edge,
            Slice<const TokenEdge> edges, Slice<const DrawSettings> settings) const {
    detail::cuda::draw(*context_, rows, Vocabulary, Context, tokens.data_, positions.data_, sequences.data_,
                       drawn.data_, logits.data_, first_edge.data_, edges.data_, settings.data_);
  }

  void add(Output y, Input x) const { detail::cuda::add(*context_, y.size_, y.data_, x.data_); }

  /// All parameters at once.
  static constexpr std::size_t update_part = std::numeric_limits<std::size_t>::max();

  void squared_norm(Output y, Input x) const { detail::cuda::squared_norm(*context_, x.size_, y.data_, x.data_); }

  void clip(Output scale, Input squared_norms, double limit) const {
    detail::cuda::clip(*context_, squared_norms.size_, scale.data_, squared_norms.data_, static_cast<Scalar>(limit));
  }

  void adamw(Output parameters, Output first_moments, Output second_moments, Input gradients, Input step,
             const AdamWCoefficients& coefficients) const {
    detail::cuda::adamw(*context_, parameters.size_, parameters.data_, first_moments.data_, second_moments.data_,
                        gradients.data_, step.data_, coefficients);
  }

 private:
  using Product = detail::cuda::Product;

  template <std::size_t Count, std::size_t Width>
  static constexpr detail::cuda::Heads heads = [] {
    static_assert(Width <= detail::cuda::most_head_width,
                  "gptnas::CublasBackend needs heads of at most 256 features; see docs/gpu.md");
    return detail::cuda::Heads{Count, Width};
  }();

  static detail::cuda::Dropping dropping(const Dropout& dropout) {
    return {dropout.random.data_, dropout.site, dropout.rate};
  }

  template <Summation Order = Summation::fastest>
  void multiply(const Product& product) const {
    if constexpr (Order == Summation::fastest) {
      multiply_all({product});
    } else {
      detail::cuda::multiply_in_order(*context_, product);
    }
  }

  void multiply_all(std::initializer_list<Product> products) const {
    detail::cuda::multiply(*context_, Precision, {products.begin(), products.size()});
  }

  template <std::size_t Inputs, std::size_t Outputs>
  static Product linear_product(std::size_t rows, Output y, Input x, Input weight, Input bias) {
    return {rows, Outputs, Inputs, {x.data_}, {weight.data_}, y.data_, nullptr, bias.data_};
  }

  template <std::size_t Inputs, std::size_t Outputs>
  void linear_gradients(std::size_t rows, Output x_gradient, Output weight_gradient, Output bias_gradient,
                        Input y_gradient, Input x, const Scalar* gelu_state, Input weight) const {
    Product product{rows, Inputs, Outputs, {y_gradient.data_}, {weight.data_, true}, x_gradient.data_};
    product.slope_state = gelu_state;
    float* const sum = weight_gradient.data_;
    multiply_all({product, {Inputs, Outputs, rows, {x.data_, true}, {y_gradient.data_}, sum, sum}});
    detail::cuda::add_row_sum(*context_, rows, Outputs, bias_gradient.data_, y_gradient.data_);
  }

  template <std::size_t Width>
  void add_rows(std::size_t rows, Output table, Indices indices, Input x) const {
    detail::cuda::add_rows(*context_, rows, table.size_ / Width, Width, table.data_, indices.data_, x.data_);
  }

  std::shared_ptr<detail::cuda::Context> context_;
};

}  // namespace gptnas
