// CUDA's and cuBLAS's handles as owners, and their statuses as exceptions.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <memory>
#include <string_view>

#include <gptnas/core/joined.hpp>
#include <gptnas/cuda/context.hpp>

namespace gptnas::detail::cuda {

inline CudaError failure(std::string_view call, const char* name, const char* meaning, std::string_view purpose) {
  return CudaError(joined({call, " failed with ", name, " (", meaning, ") for ", purpose}));
}

/// @param call     that gave the status.
/// @param purpose  what it was for, with the sizes.
/// @throws CudaError if the status is not success.
inline void check(cudaError_t status, std::string_view call, std::string_view purpose) {
  if (status == cudaSuccess) return;
  throw failure(call, cudaGetErrorName(status), cudaGetErrorString(status), purpose);
}
inline void check(cublasStatus_t status, std::string_view call, std::string_view purpose) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw failure(call, cublasLtGetStatusName(status), cublasLtGetStatusString(status), purpose);
}

template <auto Destroy>
struct Destroyer {
  template <class Resource>
  void operator()(Resource* resource) const noexcept {
    Destroy(resource);
  }
};

using Stream = std::unique_ptr<CUstream_st, Destroyer<cudaStreamDestroy>>;
using Graph = std::unique_ptr<CUgraph_st, Destroyer<cudaGraphDestroy>>;
using GraphRun = std::unique_ptr<CUgraphExec_st, Destroyer<cudaGraphExecDestroy>>;
using CublasHandle = std::unique_ptr<cublasLtContext, Destroyer<cublasLtDestroy>>;
using Memory = std::unique_ptr<void, Destroyer<release>>;

/// The stream of a context.
cudaStream_t stream(Context& context);

}  // namespace gptnas::detail::cuda
