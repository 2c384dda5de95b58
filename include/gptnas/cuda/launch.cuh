// How kernels are started, and what they find around them. The tests put a header of the same name before this one,
// which runs kernels on the processor.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <string_view>
#include <type_traits>

#include <gptnas/core/joined.hpp>
#include <gptnas/cuda/partition.hpp>
#include <gptnas/cuda/resources.cuh>

namespace gptnas::detail::cuda {

/// Blocks of a kernel.
struct Grid {
  unsigned x, y = 1;
};

/// Starts a kernel in the stream of a context; a grid without blocks starts nothing.
///
/// @throws CudaError if it cannot be started.
template <class... Parameter>
void launch(Context& context, std::string_view name, void (*kernel)(Parameter...), Grid grid, unsigned threads,
            const std::type_identity_t<Parameter>&... arguments) {
  if (grid.x == 0 || grid.y == 0) return;
  kernel<<<dim3(grid.x, grid.y), threads, 0, stream(context)>>>(arguments...);
  const cudaError_t status = cudaGetLastError();
  if (status == cudaSuccess) return;
  check(status, joined({"kernel ", name}), joined({grid.x, " x ", grid.y, " blocks of ", threads, " threads"}));
}

}  // namespace gptnas::detail::cuda
