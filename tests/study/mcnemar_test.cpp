#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include <gptnas/study/mcnemar.hpp>

#include "../message_of.hpp"
#include "study_reference.hpp"

namespace mcnemar_test {

using gptnas::Alternative;
using gptnas::mcnemar;
using gptnas_test::message_of;

// By all 2^N ways in which the pairs that differ could have come out.
double enumerated_p(std::size_t only_first, std::size_t only_second, Alternative alternative) {
  const std::size_t pairs = only_first + only_second;
  double lower = 0, upper = 0;
  for (std::size_t ways = 0; ways < std::size_t{1} << pairs; ++ways) {
    std::size_t first = 0;
    for (std::size_t pair = 0; pair < pairs; ++pair) first += ways >> pair & 1;
    lower += first <= only_first;
    upper += first >= only_first;
  }
  const auto all = static_cast<double>(std::size_t{1} << pairs);
  if (alternative == Alternative::greater) return upper / all;
  if (alternative == Alternative::less) return lower / all;
  return std::min(1.0, 2 * std::min(lower, upper) / all);
}

TEST(McNemar, IsThatOfAllWays) {
  for (std::size_t first = 0; first <= 6; ++first) {
    for (std::size_t second = 0; second <= 6; ++second) {
      for (const Alternative alternative : {Alternative::two_sided, Alternative::greater, Alternative::less}) {
        EXPECT_NEAR(mcnemar(first, second, alternative).p, enumerated_p(first, second, alternative), 1e-14)
            << first << ' ' << second;
      }
    }
  }
}

TEST(McNemar, AgreesWithStatsmodelsAndSciPy) {
  for (auto& each : gptnas_test::reference_cases("mcnemar")) {
    const Alternative alternative = each.alternative();
    const double p = each.number();
    const std::size_t only_first = each.count(), only_second = each.count();
    EXPECT_NEAR(mcnemar(only_first, only_second, alternative).p, p, 1e-11 * p) << each.line();
  }
}

TEST(McNemar, CountsThePairsThatDiffer) {
  const std::vector<bool> first{true, true, true, true, false, false}, second{true, false, false, false, true, false};
  const auto result = mcnemar(first, second, Alternative::greater);
  EXPECT_EQ(result.only_first, 3u);
  EXPECT_EQ(result.only_second, 1u);
  EXPECT_NEAR(result.p, 5.0 / 16, 1e-15);
  EXPECT_EQ(mcnemar(std::array{true, false}, std::array{true, false}).p, 1);
}

TEST(McNemar, IsSymmetric) {
  for (std::size_t first = 0; first < 20; first += 3) {
    for (std::size_t second = 0; second < 20; second += 4) {
      EXPECT_EQ(mcnemar(first, second, Alternative::greater).p, mcnemar(second, first, Alternative::less).p);
      EXPECT_EQ(mcnemar(first, second).p, mcnemar(second, first).p);
    }
  }
}

TEST(McNemar, FallsAsTheFirstSucceedsMoreOften) {
  for (std::size_t first = 0; first < 30; ++first) {
    EXPECT_LT(mcnemar(first + 1, 5, Alternative::greater).p, mcnemar(first, 5, Alternative::greater).p);
  }
}

TEST(McNemar, RefusesBadSamples) {
  using Values = std::vector<bool>;
  EXPECT_EQ(message_of([] { mcnemar(Values{}, Values{}); }), "mcnemar: number of pairs is 0; expected at least 1");
  EXPECT_EQ(message_of([] {
              mcnemar(Values{true}, Values{true, false});
            }),
            "mcnemar: values of the second sample is 2; expected as many as of the first, 1");
}

}  // namespace mcnemar_test
