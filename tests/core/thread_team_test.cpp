#include <gptnas/core/thread_team.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <stdexcept>

namespace thread_team_test {

using namespace gptnas;

TEST(ThreadTeam, WorksOnEachIndexOnce) {
  for (const std::size_t threads : {1u, 2u, 5u}) {
    ThreadTeam team(threads);
    EXPECT_EQ(team.size(), threads);
    for (std::size_t count = 0; count < 200; ++count) {
      std::array<std::atomic<int>, 200> calls{};
      std::atomic<bool> right = true;
      team.run(count, [&](std::size_t index, std::size_t thread) {
        ++calls[index];
        if (thread >= threads) right = false;
      });
      EXPECT_TRUE(right);
      for (std::size_t index = 0; index < calls.size(); ++index) EXPECT_EQ(calls[index], index < count ? 1 : 0);
    }
  }
}

TEST(ThreadTeam, GivesExceptionsToTheCaller) {
  for (const std::size_t threads : {1u, 3u}) {
    ThreadTeam team(threads);
    const auto fail = [](std::size_t index, std::size_t) {
      if (index == 3) throw std::runtime_error("three");
    };
    EXPECT_THROW(team.run(5, fail), std::runtime_error);
    EXPECT_NO_THROW(team.run(3, fail));
  }
}

TEST(ThreadTeam, RefusesNoThreads) { EXPECT_THROW(ThreadTeam(0), std::invalid_argument); }

}  // namespace thread_team_test
