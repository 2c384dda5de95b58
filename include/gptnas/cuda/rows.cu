// Kernels that work on the rows of a batch: embedding, LayerNorm, dropout, sums over rows.
#include <cstddef>
#include <cstdint>

#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/threads.cuh>

namespace gptnas::detail::cuda {

namespace {

__global__ void embed_kernel(std::size_t count, std::size_t width, float* y, const std::int32_t* tokens,
                             const std::int32_t* positions, const float* token_table, const float* position_table) {
  for (std::size_t i = first_element(); i < count; i += element_stride()) {
    const Place at(i, width);
    const auto token = static_cast<std::size_t>(tokens[at.row]), position = static_cast<std::size_t>(positions[at.row]);
    y[i] = token_table[token * width + at.column] + position_table[position * width + at.column];
  }
}

// A block makes `block_threads` columns of one row of the table, whose number is blockIdx.x.
__global__ void add_rows_kernel(std::size_t rows, std::size_t width, float* table, const std::int32_t* indices,
                                const float* x) {
  constexpr unsigned at_once = 8;  // indices that a lane looks at
  const std::size_t column = std::size_t{blockIdx.y} * block_threads + threadIdx.x;
  float sum = 0;
  for (std::size_t first = 0; first < rows; first += at_once * lanes) {
    bool wanted[at_once];
#pragma unroll
    for (unsigned i = 0; i < at_once; ++i) {
      const std::size_t row = first + i * lanes + lane();
      wanted[i] = row < rows && static_cast<unsigned>(indices[row]) == blockIdx.x;
    }
#pragma unroll
    for (unsigned i = 0; i < at_once; ++i) {
      for (unsigned bits = __ballot_sync(all_lanes, wanted[i]); bits != 0; bits &= bits - 1) {
        const std::size_t row = first + i * lanes + static_cast<unsigned>(__ffs(static_cast<int>(bits))) - 1;
        if (column < width) sum += x[row * width + column];
      }
    }
  }
  if (column < width) table[blockIdx.x * width + column] += sum;
}

// A warp a row.
__global__ void layer_norm_kernel(std::size_t rows, std::size_t width, float* y, float* statistics, const float* x,
                                  const float* weight, const float* bias) {
  const std::size_t row = warp_task();
  if (row >= rows) return;
  const float* const in = x + row * width;
  float sum = 0, squares = 0;
  for (std::size_t i = lane(); i < width; i += lanes) sum += in[i];
  const float mean = warp_sum(sum) / static_cast<float>(width);
  for (std::size_t i = lane(); i < width; i += lanes) squares += (in[i] - mean) * (in[i] - mean);
  const float scale = 1 / std::sqrt(warp_sum(squares) / static_cast<float>(width) + 1e-5f);
  for (std::size_t i = lane(); i < width; i += lanes) {
    y[row * width + i] = layer_norm(in[i], mean, scale, weight[i], bias[i]);
  }
  if (lane() == 0) {
    statistics[2 * row] = mean;
    statistics[2 * row + 1] = scale;
  }
}

// A warp a row.
__global__ void layer_norm_backward_kernel(std::size_t rows, std::size_t width, float* x_gradient,
                                           const float* y_gradient, const float* x, const float* statistics,
                                           const float* weight) {
  const std::size_t row = warp_task();
  if (row >= rows) return;
  const float mean = statistics[2 * row], scale = statistics[2 * row + 1];
  float sum = 0, products = 0;
  for (std::size_t i = lane(); i < width; i += lanes) {
    const float g = y_gradient[row * width + i] * weight[i];
    sum += g;
    products += g * (x[row * width + i] - mean) * scale;
  }
  const float mean_g = warp_sum(sum) / static_cast<float>(width);
  const float mean_product = warp_sum(products) / static_cast<float>(width);
  for (std::size_t i = lane(); i < width; i += lanes) {
    const float g = y_gradient[row * width + i] * weight[i], normalized = (x[row * width + i] - mean) * scale;
    x_gradient[row * width + i] += layer_norm_gradient(g, normalized, scale, mean_g, mean_product);
  }
}

// What is summed over the rows: an element, and the gradient of the weight of LayerNorm.
struct Plain {
  const float* x;
  __device__ float operator()(std::size_t row, std::size_t column, std::size_t columns) const {
    return x[row * columns + column];
  }
};
struct WeightGradient {
  const float *y_gradient, *x, *statistics;
  __device__ float operator()(std::size_t row, std::size_t column, std::size_t columns) const {
    const std::size_t i = row * columns + column;
    return y_gradient[i] * (x[i] - statistics[2 * row]) * statistics[2 * row + 1];
  }
};

// A block sums part blockIdx.y of the rows for `lanes` columns: y (parts, columns) = or +=.
template <class Term>
__global__ void sum_rows_kernel(RowParts parts, std::size_t columns, float* y, bool adds, Term term) {
  __shared__ float some[block_warps][lanes];
  const std::size_t column = std::size_t{blockIdx.x} * lanes + lane(), end = parts.end(blockIdx.y);
  const unsigned warp = threadIdx.x / lanes;
  float sum = 0;
  for (std::size_t row = parts.begin(blockIdx.y) + warp; row < end && column < columns; row += block_warps) {
    sum += term(row, column, columns);
  }
  some[warp][lane()] = sum;
  __syncthreads();
  if (warp != 0 || column >= columns) return;
  for (unsigned other = 1; other < block_warps; ++other) sum += some[other][lane()];
  const std::size_t at = blockIdx.y * columns + column;
  y[at] = adds ? y[at] + sum : sum;
}

template <class Term>
void sum_rows(Context& context, const RowParts& parts, std::size_t columns, float* y, bool adds, const Term& term) {
  launch(context, "sum_rows", sum_rows_kernel<Term>,
         {static_cast<unsigned>(ceil_divide(columns, lanes)), static_cast<unsigned>(parts.count())}, block_threads,
         parts, columns, y, adds, term);
}

template <class Term>
void add_sum_of_rows(Context& context, std::size_t rows, std::size_t columns, float* y, const Term& term) {
  const RowParts parts(rows);
  const Scratch sums(context, parts.count() * columns * sizeof(float));
  sum_rows(context, parts, columns, sums.floats(), false, term);
  sum_rows(context, RowParts::one(parts.count()), columns, y, true, Plain{sums.floats()});
}

__global__ void dropout_kernel(std::size_t groups, std::size_t columns, float* y, Dropping dropping) {
  for (std::size_t i = first_element(); i < groups; i += element_stride()) {
    const Place at(i, ceil_divide(columns, Dropping::group));
    const auto factors = dropping.factors(dropping.row(at.row), static_cast<std::uint32_t>(at.column));
    const std::size_t first = at.column * Dropping::group;
    for (std::size_t j = 0; j < Dropping::group && first + j < columns; ++j) {
      y[at.row * columns + first + j] *= factors[j];
    }
  }
}

__global__ void copy_rows_kernel(std::size_t count, std::size_t columns, float* y, const std::int32_t* to,
                                 const std::int32_t* from) {
  for (std::size_t i = first_element(); i < count; i += element_stride()) {
    const Place at(i, columns);
    const auto target = static_cast<std::size_t>(to[at.row]), source = static_cast<std::size_t>(from[at.row]);
    y[target * columns + at.column] = y[source * columns + at.column];
  }
}

}  // namespace

void embed(Context& context, std::size_t rows, std::size_t width, float* y, const std::int32_t* tokens,
           const std::int32_t* positions, const float* token_table, const float* position_table) {
  launch(context, "embed", embed_kernel, {element_blocks(rows * width)}, block_threads, rows * width, width, y, tokens,
         positions, token_table, position_table);
}

void add_rows(Context& context, std::size_t rows, std::size_t entries, std::size_t width, float* table,
              const std::int32_t* indices, const float* x) {
  launch(context, "add_rows", add_rows_kernel,
         {static_cast<unsigned>(entries), static_cast<unsigned>(ceil_divide(width, block_threads))}, block_threads,
         rows, width, table, indices, x);
}

void layer_norm(Context& context, std::size_t rows, std::size_t width, float* y, float* statistics, const float* x,
                const float* weight, const float* bias) {
  launch(context, "layer_norm", layer_norm_kernel, {warp_blocks(rows)}, block_threads, rows, width, y, statistics, x,
         weight, bias);
}

void layer_norm_backward(Context& context, std::size_t rows, std::size_t width, float* x_gradient,
                         float* weight_gradient, float* bias_gradient, const float* y_gradient, const float* x,
                         const float* statistics, const float* weight) {
  add_sum_of_rows(context, rows, width, weight_gradient, WeightGradient{y_gradient, x, statistics});
  add_row_sum(context, rows, width, bias_gradient, y_gradient);
  launch(context, "layer_norm_backward", layer_norm_backward_kernel, {warp_blocks(rows)}, block_threads, rows, width,
         x_gradient, y_gradient, x, statistics, weight);
}

void add_row_sum(Context& context, std::size_t rows, std::size_t columns, float* y, const float* x) {
  add_sum_of_rows(context, rows, columns, y, Plain{x});
}

void dropout(Context& context, std::size_t rows, std::size_t columns, float* y, const Dropping& dropping) {
  const std::size_t groups = rows * ceil_divide(columns, Dropping::group);
  launch(context, "dropout", dropout_kernel, {element_blocks(groups)}, block_threads, groups, columns, y, dropping);
}

void copy_rows(Context& context, std::size_t rows, std::size_t columns, float* y, const std::int32_t* to,
               const std::int32_t* from) {
  launch(context, "copy_rows", copy_rows_kernel, {element_blocks(rows * columns)}, block_threads, rows * columns,
         columns, y, to, from);
}

}  // namespace gptnas::detail::cuda
