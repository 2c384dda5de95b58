// Memory and products of the emulated device.
#include <gptnas/cuda/context.hpp>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include <gptnas/cuda/operations.hpp>

namespace gptnas {

CudaDevice find_cuda_device() { return {"emulated on the processor", ""}; }

namespace detail::cuda {

class Context {
 public:
  std::mutex mutex;
  std::vector<double> scratch;
};

std::shared_ptr<Context> make_context() { return std::make_shared<Context>(); }

void* allocate(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  void* const memory = std::calloc(bytes, 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept { std::free(memory); }

void copy_between(void* to, const void* from, std::size_t bytes) {
  if (bytes != 0) std::memcpy(to, from, bytes);
}
void copy(Context&, void* to, const void* from, std::size_t bytes) { std::memmove(to, from, bytes); }
void read(Context&, void* to_host, const void* from, std::size_t bytes) { std::memcpy(to_host, from, bytes); }
void write(Context&, void* to, const void* from_host, std::size_t bytes) { std::memcpy(to, from_host, bytes); }

void* Scratch::take(Context& context, std::size_t bytes) {
  context.mutex.lock();
  context.scratch.assign(bytes / sizeof(double) + 1, std::bit_cast<double>(~std::uint64_t{0}));  // no numbers
  return context.scratch.data();
}

void Scratch::give_back(Context& context) noexcept { context.mutex.unlock(); }

void multiply(Context&, CublasPrecision precision, const Product& product) {
  const auto rounded = [&](float value) {
    if (precision == CublasPrecision::bf16) return std::bit_cast<float>(std::uint32_t{bfloat16(value)} << 16);
    if (precision == CublasPrecision::tf32) {
      return std::bit_cast<float>((std::bit_cast<std::uint32_t>(value) + 0x1000u) & ~0x1FFFu);
    }
    return value;
  };
  for (std::size_t row = 0; row < product.rows; ++row) {
    for (std::size_t column = 0; column < product.columns; ++column) {
      double sum = 0;
      for (std::size_t i = 0; i < product.inner; ++i) {
        const float a = product.a.data[product.a.transposed ? i * product.rows + row : row * product.inner + i];
        const float b =
            product.b.data[product.b.transposed ? column * product.inner + i : i * product.columns + column];
        sum += static_cast<double>(rounded(a)) * static_cast<double>(rounded(b));
      }
      const std::size_t at = row * product.columns + column;
      auto result = static_cast<float>(sum);
      if (product.bias != nullptr) result += product.bias[column];
      if (product.addend != nullptr) result += product.addend[at];
      if (product.gelu_state != nullptr) {
        product.gelu_state[at] = result;
        result = Gelu::value(result);
      }
      if (product.slope_state != nullptr) result *= Gelu::slope(product.slope_state[at]);
      product.c[at] = result;
    }
  }
}

}  // namespace detail::cuda

}  // namespace gptnas
