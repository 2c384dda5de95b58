// The kernels under another order of threads, and the emulation itself.
#include <gptnas/cuda/launch.cuh>

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <vector>

#include <gptnas/cuda/block_sum.cuh>
#include <gptnas/cuda/cublas_backend.hpp>
#include <gptnas/cuda/threads.cuh>
#include <gptnas/gpt/gpt.hpp>

namespace {

using namespace gptnas;
using namespace gptnas::detail::cuda;

TEST(CudaEmulation, TheOrderOfThreadsAndBlocksChangesNoBit) {
  using Size = GptSize<11, 40, 12, 1, 3>;
  const Gpt<Size, CublasBackend<>> model{RandomStream(1)};
  TokenBatch<Size> batch(100);
  batch.add(std::vector<int>(41, 3));
  batch.add(std::vector<int>{1, 2, 3});
  const auto gradients_under = [&](Turns order) {
    turns = order;
    decltype(model)::Activations activations(batch.rows());
    decltype(model)::Array gradients(Size::parameters), loss(1);
    model.forward(batch, activations, {.rate = 0.2});
    model.loss(activations, loss);
    model.backward(activations, gradients);
    std::vector<float> values(Size::parameters);
    model.backend().read(gradients.slice(0, Size::parameters), std::span(values));
    turns = Turns::forward;
    return values;
  };
  EXPECT_EQ(gradients_under(Turns::forward), gradients_under(Turns::backward));
}

void sum_kernel(float* y) {
  const float sum = block_sum(static_cast<float>(threadIdx.x));
  if (threadIdx.x == 0) *y = sum;
}

TEST(CudaEmulation, BlocksSum) {
  float y = 0;
  launch(*make_context(), "sum", sum_kernel, {1}, block_threads, &y);
  EXPECT_EQ(y, block_threads * (block_threads - 1) / 2);
}

void ending_kernel(float* y) {
  if (threadIdx.x == 5) return;
  *y = warp_sum(1);
}
void diverging_kernel(float* y) {
  if (threadIdx.x % 2 == 0) __syncwarp();
  *y = warp_sum(1);
}
void waiting_kernel(float* y) {
  if (threadIdx.x < lanes) return __syncthreads();
  *y = 1;
}

TEST(CudaEmulation, WhatIsUndefinedEndsTheProgram) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  float y = 0;
  const auto run = [&](void (*kernel)(float*)) { launch(*make_context(), "bad", kernel, {1}, 2 * lanes, &y); };
  EXPECT_DEATH(run(ending_kernel), "kernel bad: threads have ended while others wait");
  EXPECT_DEATH(run(diverging_kernel), "kernel bad: threads of a warp meet at");
  EXPECT_DEATH(run(waiting_kernel), "kernel bad: threads have ended while others wait");
}

}  // namespace
