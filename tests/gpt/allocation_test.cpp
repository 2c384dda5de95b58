// No step and no token allocates.
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/sample_token.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <vector>

#include "../allocations.hpp"

#if defined(GPTNAS_COUNTS_ALLOCATIONS)

namespace allocation_test {

using namespace gptnas;
using gptnas_test::allocations;
using Model = Gpt<GptSize<10, 40, 48, 2, 3>>;

TEST(Allocation, NoneInSteadyState) {
  Model model{RandomStream(1)};
  GptFitter<Model> fitter({.batch_size = 8, .shards = 3, .threads = 2});
  GptSampler sampler(model, 2, 2);
  RandomStream random(2);
  const std::vector<bool> even{1, 0, 1, 0, 1, 0, 1, 0, 1, 0}, odd{0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  TokenBatch<Model::Sizes> batch(8 * 40);
  std::vector<int> sequence(41);
  const std::size_t before = allocations;
  EXPECT_GT(before, 0u);
  for (int step = 0; step < 3; ++step) {
    batch.clear();
    for (int row = 0; row < 8; ++row) batch.add(sequence);
    fitter.step(model, batch, 1e-3);
  }
  for (std::size_t position = 0; position < 39; ++position) {
    const std::vector<bool>& some = position % 2 ? odd : even;
    sampler.push(sample_token(sampler.logits(), some, {.top_k = 3, .top_p = 0.9}, random));
    if (position == 20) sampler.copy(1, 0);
    if (position == 10) sampler.push(std::array<std::size_t, 2>{1, 2});
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace allocation_test

#endif
