#include <gtest/gtest.h>

#include <cstddef>

#include <gptnas/genome/enumerate.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/print.hpp>

#include "shapes.hpp"

namespace enumerate_test {

using gptnas::find_genome;

TEST(FindGenome, GivesTheFirstOneWanted) {
  const auto found =
      find_genome<shapes::Flat>([](const shapes::Flat& genome) { return genome.shift == 1 && genome.norm; });
  ASSERT_TRUE(found);
  EXPECT_EQ(gptnas::print(*found), "conv-1-true");
}

TEST(FindGenome, StopsThere) {
  std::size_t asked = 0;
  const auto found = find_genome<shapes::Large>([&](const shapes::Large&) { return ++asked == 7; });  // of 10^177
  EXPECT_TRUE(found);
  EXPECT_EQ(asked, 7u);
}

TEST(FindGenome, AsksForEachOnceIfNoneIsWanted) {
  std::size_t asked = 0;
  EXPECT_FALSE(find_genome<shapes::Small>([&](const shapes::Small&) { return ++asked == 0; }));
  EXPECT_EQ(asked, 312u);
}

}  // namespace enumerate_test
