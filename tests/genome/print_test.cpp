#include <gtest/gtest.h>

#include <gptnas/genome/print.hpp>

#include "shapes.hpp"

namespace print_test {

using gptnas::print;
using shapes::Op;

TEST(Print, WritesGenesByTheirValues) {
  EXPECT_EQ(print(shapes::Flat{Op::identity, -1, true}), "identity--1-true");
  EXPECT_EQ(print(gptnas::Choice<3, 5>(5)), "5");
}

TEST(Print, WritesContainersWithTheirMembersNames) {
  EXPECT_EQ(print(shapes::Cell{{{0, 1, 2, 3, 4, 0}}}), "{edges=[0 1 2 3 4 0]}");
  EXPECT_EQ(print(shapes::Chain{}), "{blocks=[conv-3-16 conv-3-16 conv-3-16]}");
}

TEST(Print, WritesWhatIsNested) {
  const shapes::Nested genome{{{{{Op::max_pool, 5, 64}, {Op::conv, 3, 16}}, 2}, {{}, 1}},
                              {{{{Op::identity, 3, 32}, {Op::depthwise, 5, 16}}}},
                              true};
  EXPECT_EQ(print(genome),
            "{stages=[{blocks=[max_pool-5-64 conv-3-16] stride=2} {blocks=[] stride=1}] "
            "tail=[identity-3-32 depthwise-5-16] flag=true}");
  EXPECT_EQ(print(shapes::Bare{{}, {{7}, {}}}), "[[] [[7] []]]");
}

}  // namespace print_test
