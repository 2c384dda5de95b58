// Plain C++ that compiles the kernels into its program; without a device it says so.
#include <iostream>

#include <gptnas/cuda/cublas_backend.hpp>

int main() {
  using Backend = gptnas::CublasBackend<>;
  const gptnas::CudaDevice device = gptnas::find_cuda_device();
  if (!device) {
    std::cout << device.problem << '\n';
    return 0;
  }
  const Backend backend;
  Backend::Buffer<float> buffer(3);
  float value = 0;
  backend.fill(buffer, 2);
  backend.read(buffer.slice(2, 1), std::span(&value, 1));
  std::cout << device.name << '\n';
  return value == 2 ? 0 : 1;
}
