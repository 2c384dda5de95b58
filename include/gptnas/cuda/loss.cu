// Kernels of the loss.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <gptnas/cuda/block_sum.cuh>
#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/threads.cuh>

namespace gptnas::detail::cuda {

namespace {

// A warp a row: the logits become their gradient, losses (rows) =.
__global__ void cross_entropy_kernel(std::size_t rows, std::size_t vocabulary, float* losses, float* logits,
                                     const std::int32_t* targets, const float* share) {
  const std::size_t row = warp_task();
  if (row >= rows) return;
  float* const in = logits + row * vocabulary;
  if (targets[row] == ignored_target) {
    for (std::size_t i = lane(); i < vocabulary; i += lanes) in[i] = 0;
    if (lane() == 0) losses[row] = 0;
    return;
  }
  const auto target = static_cast<std::size_t>(targets[row]);
  float largest = -INFINITY, sum = 0;
  for (std::size_t i = lane(); i < vocabulary; i += lanes) largest = fmaxf(largest, in[i]);
  largest = warp_max(largest);
  for (std::size_t i = lane(); i < vocabulary; i += lanes) sum += std::exp(in[i] - largest);
  const float total = warp_sum(sum);
  if (lane() == 0) losses[row] = std::log(total) - (in[target] - largest);
  __syncwarp();
  for (std::size_t i = lane(); i < vocabulary; i += lanes) {
    in[i] = *share * (std::exp(in[i] - largest) / total - (i == target ? 1.0f : 0.0f));
  }
}

// One block: loss += share times the sum.
__global__ void add_loss_kernel(std::size_t rows, float* loss, const float* losses, const float* share) {
  float sum = 0;
  for (std::size_t row = first_element(); row < rows; row += element_stride()) sum += losses[row];
  const float total = block_sum(sum);
  if (threadIdx.x == 0) *loss += *share * total;
}

}  // namespace

void cross_entropy(Context& context, std::size_t rows, std::size_t vocabulary, float* loss, float* logits,
                   const std::int32_t* targets, const float* share) {
  const Scratch losses(context, rows * sizeof(float));
  launch(context, "cross_entropy", cross_entropy_kernel, {warp_blocks(rows)}, block_threads, rows, vocabulary,
         losses.floats(), logits, targets, share);
  launch(context, "add_loss", add_loss_kernel, {1}, block_threads, rows, loss, losses.floats(), share);
}

}  // namespace gptnas::detail::cuda
