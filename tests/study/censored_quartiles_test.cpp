#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/study/censored_quartiles.hpp>

#include "../message_of.hpp"
#include "study_reference.hpp"

namespace censored_quartiles_test {

using gptnas::censored_quartiles;
using gptnas_test::message_of;
using Values = std::vector<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(CensoredQuartiles, AgreeWithNumPyWhereNothingIsCensored) {
  for (auto& each : gptnas_test::reference_cases("quartiles")) {
    const Values expected = each.sample(), values = each.sample();
    for (const double limit : {300.0, infinity}) {
      const auto quartiles = censored_quartiles(values, limit);
      EXPECT_EQ(quartiles.censored, 0u);
      EXPECT_DOUBLE_EQ(*quartiles.lower, expected[0]) << each.line();
      EXPECT_DOUBLE_EQ(*quartiles.median, expected[1]) << each.line();
      EXPECT_DOUBLE_EQ(*quartiles.upper, expected[2]) << each.line();
    }
  }
}

// Whatever the censored values are, above the limit: a quartile is there if and only if they do not change it.
TEST(CensoredQuartiles, AreThoseThatTheCensoredValuesDoNotChange) {
  gptnas::RandomStream random(1);
  for (std::size_t count = 1; count <= 12; ++count) {
    for (std::size_t censored = 0; censored <= count; ++censored) {
      Values values(count), near(count), far(count);
      for (std::size_t i = 0; i < count; ++i) {
        const double value = random.below(300);
        values[i] = i < censored ? (i % 2 ? infinity : 301) : value;
        near[i] = i < censored ? 301 : value;
        far[i] = i < censored ? 1e9 : value;
      }
      const auto quartiles = censored_quartiles(values, 300), one = censored_quartiles(near),
                 other = censored_quartiles(far);
      EXPECT_EQ(quartiles.censored, censored);
      const auto expect = [](std::optional<double> quartile, std::optional<double> its, std::optional<double> others) {
        EXPECT_EQ(quartile.has_value(), its == others);
        if (quartile) {
          EXPECT_EQ(quartile, its);
        }
      };
      expect(quartiles.lower, one.lower, other.lower);
      expect(quartiles.median, one.median, other.median);
      expect(quartiles.upper, one.upper, other.upper);
    }
  }
}

TEST(CensoredQuartiles, CountTheLimitItselfAsObserved) {
  const auto quartiles = censored_quartiles(Values{300, 300, 301}, 300);
  EXPECT_EQ(quartiles.censored, 1u);
  EXPECT_EQ(quartiles.median, 300);
  EXPECT_EQ(quartiles.upper, std::nullopt);
}

TEST(CensoredQuartiles, DoNotDependOnTheOrder) {
  Values values{5, infinity, 1, 9, 7, 3};
  const auto quartiles = censored_quartiles(values, 8);
  std::sort(values.begin(), values.end());
  do {
    const auto others = censored_quartiles(values, 8);
    ASSERT_EQ(others.lower, quartiles.lower);
    ASSERT_EQ(others.median, quartiles.median);
    ASSERT_EQ(others.upper, quartiles.upper);
  } while (std::next_permutation(values.begin(), values.end()));
  EXPECT_EQ(quartiles.lower, 3.5);
  EXPECT_EQ(quartiles.median, 6);
  EXPECT_EQ(quartiles.upper, std::nullopt);
}

TEST(CensoredQuartiles, RefuseNaNAndNothing) {
  EXPECT_EQ(message_of([] { censored_quartiles({}); }),
            "censored_quartiles: number of values is 0; expected at least 1");
  EXPECT_EQ(message_of([] { censored_quartiles(Values{1}, nan); }),
            "censored_quartiles: limit is nan; expected a number");
  EXPECT_EQ(message_of([] {
              censored_quartiles(Values{1, nan});
            }),
            "censored_quartiles: a value is nan; expected a number or infinity");
  EXPECT_EQ(message_of([] {
              censored_quartiles(Values{1, -infinity});
            }),
            "censored_quartiles: a value is -inf; expected a number or infinity");
}

}  // namespace censored_quartiles_test
