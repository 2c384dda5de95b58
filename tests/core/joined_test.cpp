#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <gptnas/core/joined.hpp>

namespace joined_test {

using gptnas::joined;

TEST(Joined, PutsTextsAndIntegersOneAfterTheOther) {
  const std::string name = "name";
  EXPECT_EQ(joined({}), "");
  EXPECT_EQ(joined({"a ", name, std::string_view(" b, ").substr(0, 3), 12u, "", " c ", -7}), "a name b,12 c -7");
}

TEST(Joined, WritesEveryInteger) {
  using std::numeric_limits;
  EXPECT_EQ(joined({0, " ", 9, " ", 10}), "0 9 10");
  EXPECT_EQ(joined({numeric_limits<std::uint64_t>::max()}), "18446744073709551615");
  EXPECT_EQ(joined({numeric_limits<std::int64_t>::min()}), "-9223372036854775808");
  EXPECT_EQ(joined({numeric_limits<std::int32_t>::min(), " ", std::int16_t{-1}}), "-2147483648 -1");
}

TEST(Joined, WritesOtherNumbersInTheShortestFormThatReadsBackAsTheSame) {
  using std::numeric_limits;
  EXPECT_EQ(joined({0.1, " ", 0.1f, " ", -1e-9, " ", 7.0}), "0.1 0.1 -1e-09 7");
  EXPECT_EQ(joined({-numeric_limits<double>::min(), " ", numeric_limits<double>::infinity()}),
            "-2.2250738585072014e-308 inf");
  EXPECT_EQ(joined({numeric_limits<double>::lowest()}), "-1.7976931348623157e+308");
}

template <class Type>
constexpr bool is_piece = std::convertible_to<Type, gptnas::TextPiece>;
static_assert(!is_piece<char> && !is_piece<bool> && !is_piece<long double>);

}  // namespace joined_test
