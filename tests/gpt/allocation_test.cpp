// No step and no token allocates.
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "../allocations.hpp"

#if defined(GPTNAS_COUNTS_ALLOCATIONS)

namespace {

using namespace gptnas;
using gptnas_test::allocations;
using Model = Gpt<GptSize<10, 40, 48, 2, 3>>;

TEST(Allocation, NoneInSteadyState) {
  Model model{RandomStream(1)};
  GptFitter<Model> fitter({.batch_size = 8, .shards = 3, .threads = 2});
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
