// The operations of CublasBackend over plain pointers and sizes; *.cu define them. All pointers are to memory of the
// device; shapes and meanings are those of the concept Backend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/concepts/drawing_backend.hpp>
#include <gptnas/cuda/context.hpp>
#include <gptnas/cuda/elements.hpp>
#include <gptnas/cuda/partition.hpp>

namespace gptnas {

/// What `CublasBackend` multiplies in. All else, the weights and what is kept of a pass included, are floats.
enum class CublasPrecision {
  fp32,  ///< single precision
  tf32,  ///< factors rounded to 11 bits of significand by the tensor cores, sums in single precision
  bf16   ///< factors rounded to 8 bits of significand, sums in single precision
};

namespace detail::cuda {

/// A row-major matrix, or the transposed of one.
struct Factor {
  const float* data;
  bool transposed = false;
};

/// c (rows, columns) = a (rows, inner) b (inner, columns) + what is given of the rest.
struct Product {
  std::size_t rows, columns, inner;
  Factor a, b;
  float* c;
  const float* addend = nullptr;       ///< (rows, columns), may be c
  const float* bias = nullptr;         ///< (columns)
  float* gelu_state = nullptr;         ///< (rows, columns): takes the result; c takes its GELU
  const float* slope_state = nullptr;  ///< (rows, columns): c is multiplied by the slope of GELU there
};

/// One after the other, each in any order of summation. What one makes is no factor of another.
void multiply(Context& context, CublasPrecision precision, std::span<const Product> products);

/// In single precision, each element in the order of the inner index. `a` is not transposed, and there is no slope.
void multiply_in_order(Context& context, const Product& product);

/// y (columns) += the sum of x (rows, columns) over the rows.
void add_row_sum(Context& context, std::size_t rows, std::size_t columns, float* y, const float* x);

void fill(Context& context, std::size_t count, float* y, float value);
void add(Context& context, std::size_t count, float* y, const float* x);
void gelu(Context& context, std::size_t count, float* y, const float* x);
void multiply_by_gelu_slope(Context& context, std::size_t count, float* y, const float* x);
/// y (count, and room up to a multiple of four) lies at a multiple of eight bytes.
void to_bfloat16(Context& context, std::size_t count, std::uint16_t* y, const float* x);

void embed(Context& context, std::size_t rows, std::size_t width, float* y, const std::int32_t* tokens,
           const std::int32_t* positions, const float* token_table, const float* position_table);

/// table[i] (entries, width) += the rows of x (rows, width) whose index is i, in their order.
void add_rows(Context& context, std::size_t rows, std::size_t entries, std::size_t width, float* table,
              const std::int32_t* indices, const float* x);

void layer_norm(Context& context, std::size_t rows, std::size_t width, float* y, float* statistics, const float* x,
                const float* weight, const float* bias);
void layer_norm_backward(Context& context, std::size_t rows, std::size_t width, float* x_gradient,
                         float* weight_gradient, float* bias_gradient, const float* y_gradient, const float* x,
                         const float* statistics, const float* weight);

void dropout(Context& context, std::size_t rows, std::size_t columns, float* y, const Dropping& dropping);

inline constexpr std::size_t most_head_width = 256;

void attention(Context& context, std::size_t rows, const Heads& heads, float* y, float* state, const float* qkv,
               const std::int32_t* positions, const Dropping& dropping);
void attention_backward(Context& context, std::size_t rows, const Heads& heads, float* qkv_gradient,
                        const float* y_gradient, const float* y, float* state, const float* qkv,
                        const std::int32_t* positions, const Dropping& dropping);
void attention_step(Context& context, std::size_t rows, const Heads& heads, std::size_t context_length, float* y,
                    float* keys, float* values, const float* qkv, const std::int32_t* positions);

void copy_rows(Context& context, std::size_t rows, std::size_t columns, float* y, const std::int32_t* to,
               const std::int32_t* from);

void cross_entropy(Context& context, std::size_t rows, std::size_t vocabulary, float* loss, float* logits,
                   const std::int32_t* targets, const float* share);

/// @param settings  (1), on the device like all the rest.
void draw(Context& context, std::size_t rows, std::size_t vocabulary, std::size_t context_length, std::int32_t* tokens,
          std::int32_t* positions, DrawnSequence* sequences, std::int32_t* drawn, const float* logits,
          const std::uint32_t* first_edge, const TokenEdge* edges, const DrawSettings* settings);

void squared_norm(Context& context, std::size_t count, float* y, const float* x);
void clip(Context& context, std::size_t count, float* scale, const float* squared_norms, float limit);
void adamw(Context& context, std::size_t count, float* parameters, float* first_moments, float* second_moments,
           const float* gradients, const float* step, const AdamWCoefficients& coefficients);

}  // namespace detail::cuda

}  // namespace gptnas
