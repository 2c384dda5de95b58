#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/study/kendall.hpp>

#include "../message_of.hpp"
#include "study_reference.hpp"

namespace kendall_test {

using gptnas::kendall_tau;
using gptnas_test::message_of;
using Values = std::vector<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();

int sign(double value) { return (value > 0) - (value < 0); }

TEST(KendallTau, IsTheDefinitionOverAllPairs) {
  gptnas::RandomStream random(1);
  for (const std::uint32_t bound : {2u, 4u, 1000u}) {
    for (std::size_t count = 2; count < 40; ++count) {
      Values first(count), second(count);
      for (double& value : first) value = random.below(bound);
      for (double& value : second) value = random.below(bound);
      double sum = 0, first_untied = 0, second_untied = 0;
      for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
          const int a = sign(first[i] - first[j]), b = sign(second[i] - second[j]);
          sum += a * b;
          first_untied += a * a;
          second_untied += b * b;
        }
      }
      const double untied = std::sqrt(first_untied * second_untied);
      EXPECT_NEAR(kendall_tau(first, second), untied == 0 ? 0 : sum / untied, 1e-14);
    }
  }
}

TEST(KendallTau, AgreesWithSciPy) {
  for (auto& each : gptnas_test::reference_cases("kendall_tau")) {
    const double tau = each.number();
    const Values first = each.sample(), second = each.sample();
    EXPECT_NEAR(kendall_tau(first, second), tau, 1e-14) << each.line();
  }
}

TEST(KendallTau, SeesTheOrderAlone) {
  gptnas::RandomStream random(2);
  Values first(30), second(30), reversed(30);
  for (std::size_t i = 0; i < 30; ++i) {
    first[i] = random.below(12);
    second[i] = std::exp(first[i]);
    reversed[i] = -second[i];
  }
  EXPECT_DOUBLE_EQ(kendall_tau(first, second), 1);
  EXPECT_DOUBLE_EQ(kendall_tau(first, reversed), -1);
  EXPECT_EQ(kendall_tau(first, Values(30, 7.0)), 0);
  EXPECT_DOUBLE_EQ(kendall_tau(Values{-infinity, 0, infinity}, Values{1, 2, 3}), 1);
}

TEST(KendallTau, RefusesWhatIsNoPairedSample) {
  EXPECT_EQ(message_of([] { kendall_tau(Values{1}, Values{1}); }),
            "kendall_tau: values of a sample is 1; expected at least 2");
  EXPECT_EQ(message_of([] {
              kendall_tau(Values{1, 2}, Values{1, 2, 3});
            }),
            "kendall_tau: values of the second sample is 3; expected as many as of the first, 2");
  EXPECT_EQ(message_of([] {
              kendall_tau(Values{1, 2}, Values{1, std::nan("")});
            }),
            "kendall_tau: a value is nan; expected a number");
}

}  // namespace kendall_test
