// The precisions of CublasBackend, for tests that run on a GPU, and on the processor with the kernels emulated.
#pragma once

#include <gtest/gtest.h>

#include <gptnas/cuda/cublas_backend.hpp>

namespace gptnas_test {

using CublasBackends = testing::Types<gptnas::CublasBackend<gptnas::CublasPrecision::fp32>,
                                      gptnas::CublasBackend<gptnas::CublasPrecision::tf32>,
                                      gptnas::CublasBackend<gptnas::CublasPrecision::bf16>>;

/// What an element may differ by, relative to the largest magnitude of its tensor, where factors were rounded.
template <class Machine>
inline constexpr double product_tolerance = Machine::precision == gptnas::CublasPrecision::fp32   ? 1e-5
                                            : Machine::precision == gptnas::CublasPrecision::tf32 ? 1e-3
                                                                                                  : 2e-2;

/// The same of a tensor that a whole model gave: factors are rounded again and again.
template <class Machine>
inline constexpr double model_tolerance = Machine::precision == gptnas::CublasPrecision::fp32   ? 1e-5
                                          : Machine::precision == gptnas::CublasPrecision::tf32 ? 1e-2
                                                                                                : 1e-1;

/// Skips a test where there is no device.
class CudaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const gptnas::CudaDevice device = gptnas::find_cuda_device(); !device) GTEST_SKIP() << device.problem;
  }
};

}  // namespace gptnas_test
