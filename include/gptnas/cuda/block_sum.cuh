// Sums over blocks, by CUB. The tests put a header of the same name before this one, as CUB does not run on a processor.
#pragma once

#include <cub/block/block_reduce.cuh>

#include <gptnas/cuda/partition.hpp>

namespace gptnas::detail::cuda {

/// The sum over the threads of a block of `block_threads`, in one order; the first thread gets it. At most one a kernel.
__device__ inline float block_sum(float value) {
  using Reduction = cub::BlockReduce<float, block_threads>;
  __shared__ typename Reduction::TempStorage storage;
  return Reduction(storage).Sum(value);
}

}  // namespace gptnas::detail::cuda
