// The product with one order of summation: a row's bits do not depend on the other rows.
#include <cmath>
#include <cstddef>

#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/threads.cuh>

namespace gptnas::detail::cuda {

namespace {

constexpr unsigned tile = lanes;                    // rows and columns that a block makes, and inner ones at a time
constexpr unsigned tile_rows = tile / block_warps;  // that a thread makes, of one column

// Element (row, column) of a matrix of so many rows and columns, 0 outside.
__device__ float element(const Factor& factor, std::size_t rows, std::size_t columns, std::size_t row,
                         std::size_t column) {
  if (row >= rows || column >= columns) return 0;
  return factor.transposed ? factor.data[column * rows + row] : factor.data[row * columns + column];
}

__global__ void ordered_product_kernel(Product product) {
  __shared__ float a[tile][tile + 1], b[tile][tile + 1];
  const std::size_t first_row = std::size_t{blockIdx.x} * tile, first_column = std::size_t{blockIdx.y} * tile;
  const unsigned x = lane(), y = threadIdx.x / lanes;
  float sums[tile_rows] = {};
  for (std::size_t first = 0; first < product.inner; first += tile) {
    for (unsigned i = y; i < tile; i += block_warps) {
      a[i][x] = element(product.a, product.rows, product.inner, first_row + i, first + x);
      // Neighbouring lanes read neighbouring addresses.
      if (product.b.transposed) {
        b[x][i] = element(product.b, product.inner, product.columns, first + x, first_column + i);
      } else {
        b[i][x] = element(product.b, product.inner, product.columns, first + i, first_column + x);
      }
    }
    __syncthreads();
    for (unsigned inner = 0; inner < tile; ++inner) {
      for (unsigned i = 0; i < tile_rows; ++i) {
        sums[i] = std::fma(a[y * tile_rows + i][inner], b[inner][x], sums[i]);
      }
    }
    __syncthreads();
  }
  const std::size_t column = first_column + x;
  for (unsigned i = 0; i < tile_rows; ++i) {
    const std::size_t row = first_row + y * tile_rows + i, at = row * product.columns + column;
    if (row >= product.rows || column >= product.columns) continue;
    float sum = sums[i];
    if (product.bias != nullptr) sum += product.bias[column];
    if (product.addend != nullptr) sum += product.addend[at];
    if (product.gelu_state != nullptr) {
      product.gelu_state[at] = sum;
      sum = Gelu::value(sum);
    }
    if (product.slope_state != nullptr) sum *= Gelu::slope(product.slope_state[at]);
    product.c[at] = sum;
  }
}

}  // namespace

void multiply_in_order(Context& context, const Product& product) {
  launch(context, "ordered_product", ordered_product_kernel,
         {static_cast<unsigned>(ceil_divide(product.rows, tile)),
          static_cast<unsigned>(ceil_divide(product.columns, tile))},
         block_threads, product);
}

}  // namespace gptnas::detail::cuda
