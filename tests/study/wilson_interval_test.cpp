#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>

#include <gptnas/study/wilson_interval.hpp>

#include "../message_of.hpp"
#include "study_reference.hpp"

namespace wilson_interval_test {

using gptnas::wilson_interval;
using gptnas_test::message_of;

TEST(WilsonInterval, AgreesWithStatsmodels) {
  for (auto& each : gptnas_test::reference_cases("wilson")) {
    const std::size_t successes = each.count(), trials = each.count();
    const double confidence = each.number(), lower = each.number(), upper = each.number();
    const auto interval = wilson_interval(successes, trials, confidence);
    EXPECT_NEAR(interval.lower, lower, 1e-13) << each.line();
    EXPECT_NEAR(interval.upper, upper, 1e-13) << each.line();
  }
}

// The ends are the probabilities p that the score test just does not reject: (share - p)^2 = z^2 p (1 - p) / trials.
TEST(WilsonInterval, EndsWhereTheScoreTestRejects) {
  constexpr double z = 1.959963984540054;
  for (const std::size_t trials : {1u, 7u, 200u}) {
    for (std::size_t successes = 0; successes <= trials; ++successes) {
      const auto [lower, upper] = wilson_interval(successes, trials);
      const auto count = static_cast<double>(trials);
      const double share = static_cast<double>(successes) / count;
      EXPECT_LE(lower, share);
      EXPECT_GE(upper, share);
      for (const double end : {lower, upper}) {
        EXPECT_NEAR((share - end) * (share - end), z * z * end * (1 - end) / count, 1e-13);
      }
    }
  }
}

TEST(WilsonInterval, IsSymmetricAndStaysBetweenZeroAndOne) {
  for (std::size_t successes = 0; successes <= 30; ++successes) {
    const auto interval = wilson_interval(successes, 30), other = wilson_interval(30 - successes, 30);
    EXPECT_NEAR(interval.lower, 1 - other.upper, 1e-15);
    EXPECT_GE(interval.lower, 0);
    EXPECT_LE(interval.upper, 1);
  }
  EXPECT_EQ(wilson_interval(0, 30).lower, 0);
  EXPECT_EQ(wilson_interval(30, 30).upper, 1);
}

TEST(WilsonInterval, IsWiderWithMoreConfidenceAndNarrowerWithMoreTrials) {
  const auto width = [](std::size_t trials, double confidence) {
    const auto [lower, upper] = wilson_interval(trials / 4, trials, confidence);
    return upper - lower;
  };
  EXPECT_LT(width(100, 0.9), width(100, 0.95));
  EXPECT_LT(width(100, 0.95), width(100, 0.999));
  EXPECT_LT(width(400, 0.95), width(100, 0.95));
}

TEST(WilsonInterval, RefusesWhatIsNoShare) {
  EXPECT_EQ(message_of([] { wilson_interval(0, 0); }), "wilson_interval: trials is 0; expected at least 1");
  EXPECT_EQ(message_of([] { wilson_interval(3, 2); }),
            "wilson_interval: successes is 3; expected at most the trials, 2");
  for (const double confidence : {0.0, 1.0, -0.5, 95.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_NE(message_of([&] { wilson_interval(1, 2, confidence); }).find("wilson_interval: confidence is "),
              std::string::npos);
  }
}

}  // namespace wilson_interval_test
