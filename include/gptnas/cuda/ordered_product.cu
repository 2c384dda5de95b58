// The product with one order of summation: a row's bits do not depend on the other rows.
#include <cmath>
#include <cstddef>

#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/tile.cuh>

namespace gptnas::detail::cuda {

namespace {

__global__ void ordered_product_kernel(Product product) {
  __shared__ Tile left, right;
  const std::size_t first_row = std::size_t{blockIdx.x} * tile, first_column = std::size_t{blockIdx.y} * tile;
  const std::size_t rows = product.rows - first_row, columns = product.columns - first_column;
  TilePart<> sums;
  for (std::size_t first = 0; first < product.inner; first += tile) {
    const std::size_t inner = product.inner - first;
    const auto count = inner < tile ? static_cast<unsigned>(ceil_divide(inner, Four::size)) * Four::size : tile;
    left.load<tile>(product.a.data + first_row * product.inner + first, product.inner, rows, inner);
    if (product.b.transposed) {
      right.load<tile>(product.b.data + first_column * product.inner + first, product.inner, columns, inner);
      __syncthreads();
      sums.add_transposed_product(left, right, count);
    } else {
      right.load<tile>(product.b.data + first * product.columns + first_column, product.columns, inner, columns);
      __syncthreads();
      sums.add_product(left, right, count);
    }
    __syncthreads();
  }
  for (unsigned i = 0; i < tile_part; ++i) {
    for (unsigned j = 0; j < tile_part; ++j) {
      const std::size_t row = tile_row(i), column = first_column + tile_column(j);
      if (row >= rows || column >= product.columns) continue;
      const std::size_t at = (first_row + row) * product.columns + column;
      float sum = sums.element[i][j];
      if (product.bias != nullptr) sum += product.bias[column];
      if (product.addend != nullptr) sum += product.addend[at];
      if (product.gelu_state != nullptr) {
        product.gelu_state[at] = sum;
        sum = Gelu::value(sum);
      }
      product.c[at] = sum;
    }
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
