#include <gptnas/core/default_executor.hpp>
#include <gptnas/core/inline_executor.hpp>
#include <gptnas/core/thread_executor.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

#include <gptnas/concepts/executor.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/trainers/fidelity_trainer.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

namespace executor_test {

using namespace gptnas;

template <class Policy>
class ExecutorLaws : public testing::Test {};
using Executors = testing::Types<InlineExecutor, ThreadExecutor>;
TYPED_TEST_SUITE(ExecutorLaws, Executors);

TYPED_TEST(ExecutorLaws, EachIndexIsWorkedOnOnce) {
  static_assert(Executor<TypeParam>);
  for (const std::size_t count : {0u, 1u, 2u, 7u, 1000u}) {
    std::vector<std::atomic<int>> calls(count);
    TypeParam().for_each(count, [&](std::size_t index) { ++calls[index]; });
    for (const auto& each : calls) EXPECT_EQ(each, 1);
  }
}

// The contract asks for work that does not throw; one that does reaches the caller nevertheless, and not the end of a
// thread.
TYPED_TEST(ExecutorLaws, WhatWorkThrowsReachesTheCaller) {
  EXPECT_THROW(TypeParam().for_each(50,
                                    [](std::size_t index) {
                                      if (index % 10 == 3) throw std::domain_error("no");
                                    }),
               std::domain_error);
}

TEST(ThreadExecutor, WorksInSoManyThreads) {
  std::atomic<int> waiting = 0;
  ThreadExecutor(3).for_each(3, [&](std::size_t) {  // none returns before all have begun
    ++waiting;
    while (waiting < 3) std::this_thread::yield();
  });
  EXPECT_EQ(waiting, 3);
}

struct SlowTrainer {};

TEST(DefaultExecutor, IsTheTrainersOwnOrThreads) {
  using Lookup = TabularTrainer<NasBench201>;
  EXPECT_TRUE((std::is_same_v<DefaultExecutor<Lookup>, InlineExecutor>));
  EXPECT_TRUE((std::is_same_v<DefaultExecutor<FidelityTrainer<Lookup>>, InlineExecutor>));
  EXPECT_TRUE((std::is_same_v<DefaultExecutor<SlowTrainer>, ThreadExecutor>));
}

}  // namespace executor_test
