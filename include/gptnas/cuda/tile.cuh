// Products of tiles in shared memory, of which attention and the ordered product are made.
#pragma once

#include <cstddef>

#include <gptnas/cuda/partition.hpp>
#include <gptnas/cuda/threads.cuh>

namespace gptnas::detail::cuda {

inline constexpr unsigned tile = 64;       ///< rows and columns that a block makes
inline constexpr unsigned tile_side = 16;  ///< threads of a block beside and below each other
inline constexpr unsigned tile_part = tile / tile_side;
static_assert(tile_side * tile_side == block_threads);

/// The rows and columns of a tile that a thread makes. Threads that share a row are neighbours in a warp.
__device__ inline unsigned tile_row(unsigned i) { return i * tile_side + threadIdx.x / tile_side; }
__device__ inline unsigned tile_column(unsigned i) { return i * tile_side + threadIdx.x % tile_side; }

/// In shared memory, without a constructor. The padding keeps lanes that read neighbouring rows out of each other's
/// banks, and rows at addresses that four elements can be loaded from.
struct Tile {
  alignas(Four) float element[tile][tile + Four::size];

  /// Takes rows of a matrix in memory; what is not there is zero.
  template <unsigned Columns>
  __device__ void load(const float* from, std::size_t stride, std::size_t rows, std::size_t columns) {
    constexpr unsigned row_count = 4, column_count = Columns / lanes;  // at once, as memory is far away
    const auto end_row = static_cast<unsigned>(rows < tile ? rows : tile);
    const auto end_column = static_cast<unsigned>(columns < Columns ? columns : Columns);
    unsigned row = threadIdx.x / lanes;
    from += row * stride + lane();
#pragma unroll 1
    for (unsigned turn = 0; turn < tile / block_warps / row_count; ++turn) {
      float loaded[row_count][column_count];
#pragma unroll
      for (unsigned i = 0; i < row_count; ++i) {
#pragma unroll
        for (unsigned j = 0; j < column_count; ++j) {
          const bool there = row + i * block_warps < end_row && lane() + j * lanes < end_column;
          loaded[i][j] = there ? from[i * block_warps * stride + j * lanes] : 0;
        }
      }
#pragma unroll
      for (unsigned i = 0; i < row_count; ++i) {
#pragma unroll
        for (unsigned j = 0; j < column_count; ++j) element[row + i * block_warps][lane() + j * lanes] = loaded[i][j];
      }
      row += row_count * block_warps;
      from += row_count * block_warps * stride;
    }
  }
};

/// What a thread makes of a tile, of up to 64 columns.
template <unsigned Columns = tile>
struct TilePart {
  static constexpr unsigned columns = Columns / tile_side;

  float element[tile_part][columns] = {};

  __device__ void scale_row(unsigned i, float factor) {
    for (unsigned j = 0; j < columns; ++j) element[i][j] *= factor;
  }

  /// += left times right, in the order of the inner index, of which there is a multiple of four.
  __device__ void add_product(const Tile& left, const Tile& right, unsigned inner) {
#pragma unroll 2
    for (unsigned first = 0; first < inner; first += Four::size) {
      const Rows<tile_part> a(left, first, tile_row);
#pragma unroll
      for (unsigned k = 0; k < Four::size; ++k) {
        float b[columns];
        for (unsigned j = 0; j < columns; ++j) b[j] = right.element[first + k][tile_column(j)];
        add_outer([&](unsigned i) { return a.four[i].element[k]; }, [&](unsigned j) { return b[j]; });
      }
    }
  }

  /// The same with right transposed.
  __device__ void add_transposed_product(const Tile& left, const Tile& right, unsigned inner) {
#pragma unroll 2
    for (unsigned first = 0; first < inner; first += Four::size) {
      const Rows<tile_part> a(left, first, tile_row);
      const Rows<columns> b(right, first, tile_column);
#pragma unroll
      for (unsigned k = 0; k < Four::size; ++k) {
        add_outer([&](unsigned i) { return a.four[i].element[k]; }, [&](unsigned j) { return b.four[j].element[k]; });
      }
    }
  }

  /// Puts the part into a tile that all threads may then read, once they have waited for each other.
  __device__ void share(Tile& to) const {
    for (unsigned i = 0; i < tile_part; ++i) {
      for (unsigned j = 0; j < columns; ++j) to.element[tile_row(i)][tile_column(j)] = element[i][j];
    }
  }

 private:
  // Four columns of the rows of a tile that a thread needs.
  template <unsigned Count>
  struct Rows {
    Four four[Count];

    template <class RowOf>
    __device__ Rows(const Tile& from, unsigned first, const RowOf& row_of) {
      for (unsigned i = 0; i < Count; ++i) four[i] = Four::at(&from.element[row_of(i)][first]);
    }
  };

  template <class Left, class Right>
  __device__ void add_outer(const Left& left, const Right& right) {
    for (unsigned i = 0; i < tile_part; ++i) {
      for (unsigned j = 0; j < columns; ++j) element[i][j] = std::fma(left(i), right(j), element[i][j]);
    }
  }
};

}  // namespace gptnas::detail::cuda
