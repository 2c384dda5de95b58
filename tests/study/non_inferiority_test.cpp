#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/study/non_inferiority.hpp>

#include "../message_of.hpp"
#include "study_reference.hpp"

namespace non_inferiority_test {

using gptnas::Direction;
using gptnas::non_inferiority;
using gptnas_test::message_of;
using Values = std::vector<double>;

TEST(NonInferiority, AgreesWithSciPyOnShiftedDifferences) {
  for (auto& each : gptnas_test::reference_cases("non_inferiority")) {
    const double margin = each.number(), p = each.number();
    const Values candidate = each.sample(), reference = each.sample();
    const auto result =
        non_inferiority(candidate, reference, {.margin = margin, .direction = Direction::minimize, .exact_up_to = 0});
    EXPECT_NEAR(result.p, p, 1e-12 * p) << each.line();
  }
}

TEST(NonInferiority, IsExactForFewPairs) {
  // Fewer queries are better; with the margin the differences are 3, 2, 4, 7, 1: of 32 signs only one is as extreme.
  const auto result = non_inferiority(Values{30, 31, 29, 26, 32}, Values{30, 30, 30, 30, 30},
                                      {.margin = 3, .direction = Direction::minimize});
  EXPECT_TRUE(result.exact);
  EXPECT_EQ(result.p, 1.0 / 32);
}

TEST(NonInferiority, KnowsWhichDirectionIsWorse) {
  const Values lower(20, 10), higher(20, 12);
  EXPECT_EQ(non_inferiority(lower, higher, {.margin = 1, .direction = Direction::maximize}).p, 1);
  EXPECT_EQ(non_inferiority(lower, higher, {.margin = 1, .direction = Direction::minimize}).p, 0x1p-20);
  EXPECT_EQ(non_inferiority(higher, lower, {.margin = 1, .direction = Direction::maximize}).p, 0x1p-20);
  EXPECT_EQ(non_inferiority(lower, higher, {.margin = 3, .direction = Direction::maximize}).p, 0x1p-20);
  EXPECT_EQ(non_inferiority(lower, higher, {.margin = 2, .direction = Direction::maximize}).p, 1);  // just as much
}

TEST(NonInferiority, IsEasierToShowWithALargerMargin) {
  gptnas::RandomStream random(1);
  Values candidate(40), reference(40);
  for (std::size_t i = 0; i < 40; ++i) {
    reference[i] = random.below(100);
    candidate[i] = reference[i] + random.below(21) - 10.0;
  }
  double p = 1;
  for (const double margin : {0.0, 1.0, 2.0, 4.0, 8.0, 12.0}) {
    const double next = non_inferiority(candidate, reference, {.margin = margin}).p;
    EXPECT_LE(next, p);
    p = next;
  }
  EXPECT_EQ(p, 0x1p-40);
  EXPECT_EQ(non_inferiority(candidate, reference, {}).p,
            gptnas::wilcoxon(candidate, reference, {.alternative = gptnas::Alternative::greater}).p);
}

TEST(NonInferiority, RefusesBadSamplesAndMargins) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  const auto message = [](const Values& candidate, const Values& reference, double margin) {
    return message_of([&] { non_inferiority(candidate, reference, {.margin = margin}); });
  };
  EXPECT_EQ(message({1}, {1}, -1), "NonInferiorityOptions::margin is -1; expected finite, at least 0");
  EXPECT_EQ(message({1}, {1}, nan), "NonInferiorityOptions::margin is nan; expected finite, at least 0");
  EXPECT_EQ(message({1}, {1}, infinity), "NonInferiorityOptions::margin is inf; expected finite, at least 0");
  EXPECT_EQ(message({1, 2}, {1}, 1),
            "non_inferiority: values of the second sample is 1; expected as many as of the first, 2");
  EXPECT_EQ(message({}, {}, 1), "wilcoxon: number of values is 0; expected at least 1");
  EXPECT_EQ(message({nan}, {1}, 1), "wilcoxon: a value is nan; expected a finite number");
}

}  // namespace non_inferiority_test
