// How the kernels share their work: the arithmetic of indices.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <gptnas/cuda/host_device.hpp>

namespace gptnas::detail::cuda {

inline constexpr unsigned lanes = 32;           ///< threads of a warp
inline constexpr unsigned block_threads = 256;  ///< threads of most blocks
inline constexpr unsigned block_warps = block_threads / lanes;

GPTNAS_HOST_DEVICE constexpr std::size_t ceil_divide(std::size_t count, std::size_t divisor) {
  return (count + divisor - 1) / divisor;
}

/// Blocks of a kernel whose threads take every so-many-th element.
constexpr unsigned element_blocks(std::size_t count) {
  return static_cast<unsigned>(std::min<std::size_t>(ceil_divide(count, block_threads), 1 << 16));
}

/// Blocks of a kernel of one warp a task.
constexpr unsigned warp_blocks(std::size_t tasks) { return static_cast<unsigned>(ceil_divide(tasks, block_warps)); }

/// Blocks whose sums are added up in order; depends on the number of elements alone, never on the device.
constexpr unsigned sum_blocks(std::size_t count) {
  return static_cast<unsigned>(std::clamp<std::size_t>(ceil_divide(count, 16 * block_threads), 1, 1024));
}

/// Rows cut into parts, each of which is summed on its own.
struct RowParts {
  std::size_t rows, size;

  explicit constexpr RowParts(std::size_t all) : rows(all), size(std::max<std::size_t>(64, ceil_divide(all, 128))) {}
  /// All of them as one part.
  static constexpr RowParts one(std::size_t all) {
    RowParts parts(all);
    parts.size = all;
    return parts;
  }

  GPTNAS_HOST_DEVICE constexpr std::size_t count() const { return ceil_divide(rows, size); }
  GPTNAS_HOST_DEVICE constexpr std::size_t begin(std::size_t part) const { return part * size; }
  GPTNAS_HOST_DEVICE constexpr std::size_t end(std::size_t part) const {
    const std::size_t end = (part + 1) * size;
    return end < rows ? end : rows;
  }
};

/// Row and column of an element of a row-major matrix.
struct Place {
  std::size_t row, column;

  GPTNAS_HOST_DEVICE constexpr Place(std::size_t index, std::size_t columns)
      : row(index / columns), column(index % columns) {}
};

/// Where the heads of attention lie: queries, keys and values of all heads one after the other in a row of qkv.
struct Heads {
  std::size_t count, width;

  GPTNAS_HOST_DEVICE constexpr std::size_t columns() const { return count * width; }
  GPTNAS_HOST_DEVICE constexpr std::size_t stride() const { return 3 * columns(); }
  GPTNAS_HOST_DEVICE constexpr std::size_t output(std::size_t row, std::size_t head) const {
    return (row * count + head) * width;
  }
  GPTNAS_HOST_DEVICE constexpr std::size_t query(std::size_t row, std::size_t head) const {
    return row * stride() + head * width;
  }
  GPTNAS_HOST_DEVICE constexpr std::size_t key(std::size_t row, std::size_t head) const {
    return query(row, head) + columns();
  }
  GPTNAS_HOST_DEVICE constexpr std::size_t value(std::size_t row, std::size_t head) const {
    return query(row, head) + 2 * columns();
  }

  /// What is kept of a head for the backward pass: the logarithm of its softmax's sum, and the product of output and
  /// gradient.
  GPTNAS_HOST_DEVICE constexpr std::size_t log_sum(std::size_t row, std::size_t head) const {
    return row * 2 * count + head;
  }
  GPTNAS_HOST_DEVICE constexpr std::size_t product(std::size_t row, std::size_t head) const {
    return log_sum(row, head) + count;
  }

  /// In a cache (rows, heads, context, width).
  GPTNAS_HOST_DEVICE constexpr std::size_t cached(std::size_t row, std::size_t head, std::size_t context,
                                                  std::size_t position) const {
    return ((row * count + head) * context + position) * width;
  }
};

/// The largest power of two up to 256 that divides an address.
inline std::uint32_t alignment(const void* address) {
  const auto bits = reinterpret_cast<std::uintptr_t>(address) | 256u;
  return static_cast<std::uint32_t>(bits & (~bits + 1));
}

}  // namespace gptnas::detail::cuda
