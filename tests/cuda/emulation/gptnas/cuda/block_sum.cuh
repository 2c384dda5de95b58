// Sums over blocks, in the place of the header of the same name.
#pragma once

#include <gptnas/cuda/launch.cuh>
#include <gptnas/cuda/partition.hpp>

namespace gptnas::detail::cuda {

/// The sum over the threads of a block of `block_threads`, in the order of their numbers; the first thread gets it.
inline float block_sum(float value) {
  static float values[block_threads];  // one block runs at a time
  values[threadIdx.x] = value;
  __syncthreads();
  float total = 0;
  for (unsigned thread = 0; threadIdx.x == 0 && thread < block_threads; ++thread) total += values[thread];
  return total;
}

}  // namespace gptnas::detail::cuda
