// Kernels that work on elements, whatever their shape, and those of the optimizer.
#include <cstddef>
#include <cstdint>

#include <gptnas/cuda/block_sum.cuh>
#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/threads.cuh>

namespace gptnas::detail::cuda {

namespace {

__global__ void fill_kernel(std::size_t count, float* y, float value) {
  for (std::size_t i = first_element(); i < count; i += element_stride()) y[i] = value;
}

__global__ void add_kernel(std::size_t count, float* y, const float* x) {
  for (std::size_t i = first_element(); i < count; i += element_stride()) y[i] += x[i];
}

__global__ void gelu_kernel(std::size_t count, float* y, const float* x) {
  for (std::size_t i = first_element(); i < count; i += element_stride()) y[i] = Gelu::value(x[i]);
}

__global__ void gelu_slope_kernel(std::size_t count, float* y, const float* x) {
  for (std::size_t i = first_element(); i < count; i += element_stride()) y[i] *= Gelu::slope(x[i]);
}

struct alignas(8) FourBfloat16 {
  std::uint16_t element[Four::size];
};

// A thread makes four, for which y has room.
__global__ void bfloat16_kernel(std::size_t count, bool aligned, FourBfloat16* y, const float* x) {
  for (std::size_t i = first_element(); i < ceil_divide(count, Four::size); i += element_stride()) {
    const std::size_t first = i * Four::size;
    const bool at_once = aligned && first + Four::size <= count;
    const Four four = at_once ? Four::at(x + first) : Four::at(x + first, count - first);
    FourBfloat16 rounded;
    for (unsigned j = 0; j < Four::size; ++j) rounded.element[j] = bfloat16(four.element[j]);
    y[i] = rounded;
  }
}

// sums (blocks) = the sum of the squares that each block met.
__global__ void sum_squares_kernel(std::size_t count, float* sums, const float* x) {
  float sum = 0;
  for (std::size_t i = first_element(); i < count; i += element_stride()) sum += x[i] * x[i];
  const float total = block_sum(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = total;
}

// One block: y (1) = the sum.
__global__ void sum_kernel(std::size_t count, float* y, const float* x) {
  float sum = 0;
  for (std::size_t i = first_element(); i < count; i += element_stride()) sum += x[i];
  const float total = block_sum(sum);
  if (threadIdx.x == 0) *y = total;
}

// One block.
__global__ void clip_kernel(std::size_t count, float* scale, const float* squared_norms, float limit) {
  float sum = 0;
  for (std::size_t i = first_element(); i < count; i += element_stride()) sum += squared_norms[i];
  const float total = block_sum(sum);
  if (threadIdx.x == 0) *scale = clip_scale(total, limit);
}

__global__ void adamw_kernel(std::size_t count, float* parameters, float* first_moments, float* second_moments,
                             const float* gradients, const float* step, AdamWElement element) {
  for (std::size_t i = first_element(); i < count; i += element_stride()) {
    element.update(parameters[i], first_moments[i], second_moments[i], gradients[i], step);
  }
}

}  // namespace

void fill(Context& context, std::size_t count, float* y, float value) {
  launch(context, "fill", fill_kernel, {element_blocks(count)}, block_threads, count, y, value);
}

void add(Context& context, std::size_t count, float* y, const float* x) {
  launch(context, "add", add_kernel, {element_blocks(count)}, block_threads, count, y, x);
}

void gelu(Context& context, std::size_t count, float* y, const float* x) {
  launch(context, "gelu", gelu_kernel, {element_blocks(count)}, block_threads, count, y, x);
}

void multiply_by_gelu_slope(Context& context, std::size_t count, float* y, const float* x) {
  launch(context, "gelu_slope", gelu_slope_kernel, {element_blocks(count)}, block_threads, count, y, x);
}

void to_bfloat16(Context& context, std::size_t count, std::uint16_t* y, const float* x) {
  launch(context, "bfloat16", bfloat16_kernel, {element_blocks(ceil_divide(count, Four::size))}, block_threads, count,
         alignment(x) >= alignof(Four), reinterpret_cast<FourBfloat16*>(y), x);
}

void squared_norm(Context& context, std::size_t count, float* y, const float* x) {
  const unsigned blocks = sum_blocks(count);
  const Scratch sums(context, blocks * sizeof(float));
  launch(context, "sum_squares", sum_squares_kernel, {blocks}, block_threads, count, sums.floats(), x);
  launch(context, "sum", sum_kernel, {1}, block_threads, std::size_t{blocks}, y, sums.floats());
}

void clip(Context& context, std::size_t count, float* scale, const float* squared_norms, float limit) {
  launch(context, "clip", clip_kernel, {1}, block_threads, count, scale, squared_norms, limit);
}

void adamw(Context& context, std::size_t count, float* parameters, float* first_moments, float* second_moments,
           const float* gradients, const float* step, const AdamWCoefficients& coefficients) {
  launch(context, "adamw", adamw_kernel, {element_blocks(count)}, block_threads, count, parameters, first_moments,
         second_moments, gradients, step, AdamWElement(coefficients));
}

}  // namespace gptnas::detail::cuda
