// Memory of a GPU, and what its operations run on; plain C++.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

namespace gptnas {

/// A call of CUDA or cuBLAS that failed; the message names the call, its status, what it was for and the sizes.
class CudaError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The GPU that programs use here, or why there is none.
struct CudaDevice {
  std::string name;     ///< "NVIDIA H100 80GB HBM3, compute capability 9.0, 79.1 GiB"
  std::string problem;  ///< a sentence; empty where the device can be used
  explicit operator bool() const { return problem.empty(); }
};

/// Looks for a GPU that this program has kernels for. Throws nothing.
CudaDevice find_cuda_device();

namespace detail::cuda {

/// A stream of operations, which run one after the other, and what they need: handles, scratch memory.
class Context;

/// @throws CudaError if no device can be used.
std::shared_ptr<Context> make_context();

/// Memory of the device, all zero; 0 bytes are a null pointer.
///
/// @throws CudaError that tells how much was asked for and is free, if it is too much.
void* allocate(std::size_t bytes);
void release(void* memory) noexcept;

/// Copies within the device, after all that any context has begun and before all that it begins then.
void copy_between(void* to, const void* from, std::size_t bytes);

/// The copies of a context wait for its operations; `read` also waits until it is done.
void copy(Context& context, void* to, const void* from, std::size_t bytes);
void read(Context& context, void* to_host, const void* from, std::size_t bytes);
void write(Context& context, void* to, const void* from_host, std::size_t bytes);

/// Memory for the intermediate results of one operation. While it lives, other threads wait for theirs.
class Scratch {
 public:
  Scratch(Context& context, std::size_t bytes) : context_(&context), data_(take(context, bytes)) {}
  ~Scratch() { give_back(*context_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void* data() const { return data_; }
  float* floats() const { return static_cast<float*>(data_); }

 private:
  static void* take(Context& context, std::size_t bytes);
  static void give_back(Context& context) noexcept;

  Context* context_;
  void* data_;
};

}  // namespace detail::cuda

}  // namespace gptnas
