// No step and no token allocates: counted by a malloc of our own, which a sanitizer does not leave us.
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GPTNAS_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GPTNAS_SANITIZED
#endif
#endif

#if defined(__GLIBC__) && !defined(GPTNAS_SANITIZED)

namespace {
std::atomic<std::size_t> allocations{0};
}

extern "C" void* __libc_malloc(std::size_t);
extern "C" void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}

namespace {

using namespace gptnas;
using Model = Gpt<GptSize<10, 40, 48, 2, 3>>;

TEST(Allocation, NoneInSteadyState) {
  Model model{RandomStream(1)};
  GptFitter<Model> fitter({.batch_size = 8});
  GptSampler sampler(model);
  TokenBatch<Model::Sizes> batch(8 * 40);
  std::vector<int> sequence(41);
  const std::size_t before = allocations;
  EXPECT_GT(before, 0u);
  for (int step = 0; step < 3; ++step) {
    batch.clear();
    for (int row = 0; row < 8; ++row) batch.add(sequence);
    fitter.step(model, batch, 1e-3);
  }
  EXPECT_EQ(log_likelihood(sampler, sequence), log_likelihood(sampler, sequence));
  EXPECT_EQ(allocations, before);
}

}  // namespace

#endif
