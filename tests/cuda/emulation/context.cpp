// Memory and products of the emulated device.
#include <gptnas/cuda/context.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include <gptnas/cuda/launch.cuh>
#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/recording.hpp>

namespace gptnas {

CudaDevice find_cuda_device() { return {"emulated on the processor", ""}; }

namespace detail::cuda {

class Noted {
 public:
  std::vector<std::function<void()>> operations;
  const void* scratch = nullptr;
};

class Context {
 public:
  std::mutex mutex;
  std::vector<double> scratch;
  std::unique_ptr<Noted> noting;

  void expect_not_noting() const {
    if (noting) std::abort();  // CUDA has no copies from and to the host within a graph
  }
};

void submit(Context& context, std::function<void()> operation) {
  if (!context.noting) return operation();
  context.noting->operations.push_back(std::move(operation));
}

void begin_noting(Context& context) { context.noting = std::make_unique<Noted>(); }

std::shared_ptr<const Noted> end_noting(Context& context) {
  context.noting->scratch = context.scratch.data();
  return std::move(context.noting);
}

void abandon_noting(Context& context) noexcept { context.noting.reset(); }

bool repeat(Context& context, const Noted& noted) {
  if (noted.scratch != context.scratch.data()) return false;
  for (const auto& operation : noted.operations) operation();
  return true;
}

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
void copy(Context& context, void* to, const void* from, std::size_t bytes) {
  submit(context, [=] { std::memmove(to, from, bytes); });
}
void read(Context& context, void* to_host, const void* from, std::size_t bytes) {
  context.expect_not_noting();
  std::memcpy(to_host, from, bytes);
}
void write(Context& context, void* to, const void* from_host, std::size_t bytes) {
  context.expect_not_noting();
  std::memcpy(to, from_host, bytes);
}

void* Scratch::take(Context& context, std::size_t bytes) {
  context.mutex.lock();
  const std::size_t size = bytes / sizeof(double) + 1;
  if (size > context.scratch.size()) {
    context.expect_not_noting();
    context.scratch.resize(size);
  }
  // No numbers: an operation finds nothing there.
  std::fill(context.scratch.begin(), context.scratch.end(), std::bit_cast<double>(~std::uint64_t{0}));
  return context.scratch.data();
}

void Scratch::give_back(Context& context) noexcept { context.mutex.unlock(); }

namespace {

void do_multiply(CublasPrecision precision, const Product& product) {
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

}  // namespace

void multiply(Context& context, CublasPrecision precision, std::span<const Product> products) {
  for (const Product& product : products) submit(context, [=] { do_multiply(precision, product); });
}

}  // namespace detail::cuda

}  // namespace gptnas
