#include <gtest/gtest.h>

#include <cstddef>
#include <numeric>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/layout.hpp>

#include "../message_of.hpp"
#include "shapes.hpp"

namespace containers_test {

using gptnas::Choice;
using gptnas::Equal;
using gptnas::Repeat;
using gptnas::Sequence;
using Digit = Choice<0, 1, 2, 3>;
using Digits = Sequence<Digit, 1, 4>;

static_assert(sizeof(Digits) == 5 && std::is_trivially_copyable_v<Digits>);
static_assert(Digits::min_size == 1 && Digits::max_size == 4);

using gptnas_test::message_of;

TEST(Repeat, HasItsItems) {
  Repeat<Digit, 3> digits{{1, 2, 3}};
  digits[0] = 3;
  EXPECT_EQ(digits.size(), 3u);
  EXPECT_EQ(std::accumulate(digits.begin(), digits.end(), 0), 8);
}

TEST(Sequence, BeginsWithItsLeastNumberOfFreshItems) {
  const Digits digits;
  EXPECT_EQ(digits.size(), 1u);
  EXPECT_EQ(digits[0], 0);
}

TEST(Sequence, GrowsAndShrinks) {
  Digits digits{1, 2};
  digits.push_back(3);
  EXPECT_EQ(digits.size(), 3u);
  EXPECT_EQ(std::accumulate(digits.begin(), digits.end(), 0), 6);
  digits.resize(4);
  EXPECT_EQ(digits[3], 0);
  digits.resize(1);
  EXPECT_EQ(digits.size(), 1u);
  EXPECT_EQ(digits[0], 1);
}

TEST(Sequence, RefusesSizesOutsideItsBounds) {
  Digits digits{1, 2, 3, 0};
  EXPECT_EQ(message_of([&] { digits.push_back(1); }), "Sequence: size is 5; expected 1 to 4");
  EXPECT_EQ(message_of([&] { digits.resize(0); }), "Sequence: size is 0; expected 1 to 4");
  EXPECT_EQ(message_of([] { Digits{0, 0, 0, 0, 0}; }), "Sequence: size is 5; expected 1 to 4");
  EXPECT_EQ(digits.size(), 4u);
  EXPECT_EQ(digits[2], 3);
}

TEST(Sequence, UnusedSlotsAreZero) {
  Digits digits{3, 3, 3, 3};
  digits.resize(2);
  EXPECT_EQ(gptnas::to_bytes(digits), (gptnas::GenomeBytes<Digits>{2, 3, 3, 0, 0}));
  EXPECT_TRUE(Equal{}(digits, Digits{3, 3}));
}

TEST(Sequence, UnusedSlotsAreZeroAlsoWhereAFreshItemIsNot) {
  using Pairs = Sequence<Sequence<Digit, 1, 2>, 0, 2>;
  using Bytes = gptnas::GenomeBytes<Pairs>;
  Pairs pairs;
  EXPECT_EQ(gptnas::to_bytes(pairs), (Bytes{0, 0, 0, 0, 0, 0, 0}));
  pairs.resize(1);
  EXPECT_EQ(gptnas::to_bytes(pairs), (Bytes{1, 1, 0, 0, 0, 0, 0}));
  pairs.push_back({2, 3});
  EXPECT_EQ(gptnas::to_bytes(pairs), (Bytes{2, 1, 0, 0, 2, 2, 3}));
  pairs.resize(0);
  EXPECT_EQ(gptnas::to_bytes(pairs), Bytes{});
}

}  // namespace containers_test
