#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include <gptnas/core/stopwatch.hpp>

namespace stopwatch_test {

TEST(Stopwatch, counts_the_seconds_since_it_was_made) {
  const auto before = std::chrono::steady_clock::now();
  const gptnas::Stopwatch stopwatch;
  const auto after = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const std::chrono::duration<double> least = std::chrono::steady_clock::now() - after;
  const double seconds = stopwatch.seconds();
  const std::chrono::duration<double> most = std::chrono::steady_clock::now() - before;
  EXPECT_GE(seconds, least.count() - 1e-6);
  EXPECT_LE(seconds, most.count() + 1e-6);
}

}  // namespace stopwatch_test
