// Memory of the device, and what operations run on.
#include <gptnas/cuda/context.cuh>

#include <cuda_runtime.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include <gptnas/core/joined.hpp>
#include <gptnas/cuda/size_text.hpp>

namespace gptnas {

namespace detail::cuda {

namespace {

__global__ void probe_kernel() {}

// Buffers know no context: what concerns them alone runs in this stream, which waits for all the others before it
// starts, as they do for it. It belongs to the process, and so does its mutex.
const cudaStream_t every_stream = cudaStreamLegacy;

std::string purpose(const char* what, std::size_t bytes) { return joined({what, size_text(bytes)}); }

}  // namespace

Context::Context() {
  if (const CudaDevice device = find_cuda_device(); !device) throw CudaError(device.problem);
  cudaStream_t new_stream = nullptr;
  check(cudaStreamCreate(&new_stream), "cudaStreamCreate", "a backend");
  stream.reset(new_stream);
  cublasLtHandle_t new_handle = nullptr;
  check(cublasLtCreate(&new_handle), "cublasLtCreate", "a backend");
  cublas.reset(new_handle);
  workspace.reset(allocate(workspace_size));
}

std::recursive_mutex& every_stream_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

std::shared_ptr<Context> make_context() { return std::make_shared<Context>(); }

cudaStream_t stream(Context& context) { return context.stream.get(); }

void* allocate(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  const std::lock_guard lock(every_stream_mutex());
  void* data = nullptr;
  const cudaError_t status = cudaMalloc(&data, bytes);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // it does not last
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo", purpose("the error of an allocation of ", bytes));
    throw CudaError(out_of_memory_text(bytes, free, total));
  }
  check(status, "cudaMalloc", purpose("an allocation of ", bytes));
  Memory owner(data);
  check(cudaMemsetAsync(data, 0, bytes, every_stream), "cudaMemsetAsync", purpose("an allocation of ", bytes));
  return owner.release();
}

void release(void* memory) noexcept {
  const std::lock_guard lock(every_stream_mutex());
  cudaFree(memory);
}

void copy_between(void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  const std::lock_guard lock(every_stream_mutex());
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, every_stream), "cudaMemcpyAsync",
        purpose("a copy of a buffer of ", bytes));
}

void copy(Context& context, void* to, const void* from, std::size_t bytes) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, context.stream.get()), "cudaMemcpyAsync",
        purpose("a copy within the device of ", bytes));
}

void read(Context& context, void* to_host, const void* from, std::size_t bytes) {
  check(cudaMemcpyAsync(to_host, from, bytes, cudaMemcpyDeviceToHost, context.stream.get()), "cudaMemcpyAsync",
        purpose("a copy to the host of ", bytes));
  check(cudaStreamSynchronize(context.stream.get()), "cudaStreamSynchronize",
        purpose("the operations before a copy to the host of ", bytes));
}

void write(Context& context, void* to, const void* from_host, std::size_t bytes) {
  // The driver has taken what it needs of pageable memory when this returns.
  check(cudaMemcpyAsync(to, from_host, bytes, cudaMemcpyHostToDevice, context.stream.get()), "cudaMemcpyAsync",
        purpose("a copy to the device of ", bytes));
}

void* Scratch::take(Context& context, std::size_t bytes) {
  std::unique_lock lock(context.mutex);
  if (bytes > context.scratch_size) {
    context.scratch.reset();
    context.scratch_size = 0;
    context.scratch.reset(allocate(bytes));
    context.scratch_size = bytes;
  }
  lock.release();  // until it is given back
  return context.scratch.get();
}

void Scratch::give_back(Context& context) noexcept { context.mutex.unlock(); }

}  // namespace detail::cuda

CudaDevice find_cuda_device() {
  CudaDevice device;
  const auto refuse = [&](cudaError_t status, const char* problem) {
    cudaGetLastError();
    device.problem = joined({problem, ": ", cudaGetErrorString(status), " (", cudaGetErrorName(status), ")"});
    return device;
  };
  int count = 0, current = 0;
  cudaDeviceProp properties{};
  cudaFuncAttributes attributes{};
  cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess) status = cudaGetDevice(&current);
  if (status == cudaSuccess) status = cudaGetDeviceProperties(&properties, current);
  if (status != cudaSuccess) return refuse(status, "there is no CUDA device that can be used");
  device.name = joined({properties.name, ", compute capability ", properties.major, ".", properties.minor, ", ",
                        detail::cuda::size_text(properties.totalGlobalMem)});
  status = cudaFuncGetAttributes(&attributes, detail::cuda::probe_kernel);
  if (status != cudaSuccess) return refuse(status, "this program has no kernels for the CUDA device");
  return device;
}

}  // namespace gptnas
