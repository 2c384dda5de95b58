// Plain C++ that links the CUDA runtime and cuBLAS; it asks for versions, which needs no device.
#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <iostream>

#include <gptnas/core/version.hpp>

int main() {
  int cuda_version = 0;
  int cublas_major = 0;
  if (cudaRuntimeGetVersion(&cuda_version) != cudaSuccess) return 1;
  if (cublasGetProperty(MAJOR_VERSION, &cublas_major) != CUBLAS_STATUS_SUCCESS) return 1;
  std::cout << "gptnas " << gptnas::version_major << '.' << gptnas::version_minor << ", CUDA runtime " << cuda_version
            << ", cuBLAS " << cublas_major << '\n';
}
