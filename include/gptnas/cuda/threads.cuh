// What the threads of a kernel do together.
#pragma once

#include <cstddef>

#include <gptnas/cuda/launch.cuh>
#include <gptnas/cuda/partition.hpp>

namespace gptnas::detail::cuda {

inline constexpr unsigned all_lanes = 0xFFFFFFFFu;

/// The first element of a thread that takes every `element_stride()`-th one.
__device__ inline std::size_t first_element() { return std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; }
__device__ inline std::size_t element_stride() { return std::size_t{gridDim.x} * blockDim.x; }

/// The task of a warp where each has one.
__device__ inline std::size_t warp_task() { return std::size_t{blockIdx.x} * block_warps + threadIdx.x / lanes; }
__device__ inline unsigned lane() { return threadIdx.x % lanes; }

/// Sum and largest value over the lanes of a warp, or over each so many neighbours; all of them get the same bits.
template <unsigned Neighbours = lanes>
__device__ inline float warp_sum(float value) {
  for (unsigned distance = Neighbours / 2; distance != 0; distance /= 2) {
    value += __shfl_xor_sync(all_lanes, value, distance);
  }
  return value;
}
template <unsigned Neighbours = lanes>
__device__ inline float warp_max(float value) {
  for (unsigned distance = Neighbours / 2; distance != 0; distance /= 2) {
    value = fmaxf(value, __shfl_xor_sync(all_lanes, value, distance));
  }
  return value;
}

/// Neighbours in memory that are loaded at once.
struct alignas(16) Four {
  static constexpr unsigned size = 4;
  float element[size];

  /// From an address that is a multiple of 16.
  __device__ static const Four& at(const float* address) { return *reinterpret_cast<const Four*>(address); }
  /// From any address, of which so many elements are there; the others are zero.
  __device__ static Four at(const float* address, std::size_t count) {
    Four four;
    for (unsigned i = 0; i < size; ++i) four.element[i] = i < count ? address[i] : 0;
    return four;
  }
};

}  // namespace gptnas::detail::cuda
