// Runs kernels on the processor, in the place of the header of the same name. The threads of a block are fibers: each
// runs until it waits for others at a barrier or a shuffle. What CUDA leaves undefined there ends the program.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <type_traits>

#include <gptnas/cuda/context.hpp>
#include <gptnas/cuda/partition.hpp>

#define __global__
#define __device__
#define __launch_bounds__(...)
#define __shared__ static  // one block runs at a time

namespace gptnas::detail::cuda {

struct Index {
  unsigned x = 0, y = 0;
};
inline Index threadIdx, blockIdx, blockDim, gridDim;

struct Grid {
  unsigned x, y = 1;
};

/// In which order blocks and threads take their turns. It must change no bit.
enum class Turns { forward, backward };
inline Turns turns = Turns::forward;

/// Runs `thread` as every thread of every block.
void run_kernel(std::string_view name, Grid grid, unsigned threads, const std::function<void()>& thread);

/// Does an operation now, or notes it.
void submit(Context& context, std::function<void()> operation);

template <class... Parameter>
void launch(Context& context, std::string_view name, void (*kernel)(Parameter...), Grid grid, unsigned threads,
            const std::type_identity_t<Parameter>&... arguments) {
  submit(context, [=] { run_kernel(name, grid, threads, [&] { kernel(arguments...); }); });
}

void __syncthreads();
void __syncwarp();
float __shfl_sync(unsigned mask, float value, int lane);
float __shfl_xor_sync(unsigned mask, float value, unsigned lane_mask);
unsigned __ballot_sync(unsigned mask, bool value);
inline int __ffs(int bits) { return __builtin_ffs(bits); }

}  // namespace gptnas::detail::cuda
