#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/study/vargha_delaney.hpp>

#include "../message_of.hpp"
#include "study_reference.hpp"

namespace vargha_delaney_test {

using gptnas::vargha_delaney;
using gptnas_test::message_of;
using Values = std::vector<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();

Values random_values(gptnas::RandomStream& random, std::size_t count, std::uint32_t bound) {
  Values values(count);
  for (double& value : values) value = random.below(bound);
  return values;
}

TEST(VarghaDelaney, IsTheShareOfPairs) {
  gptnas::RandomStream random(1);
  for (const std::uint32_t bound : {1u, 3u, 1000u}) {
    for (std::size_t count = 1; count < 20; count += 3) {
      const auto first = random_values(random, count, bound), second = random_values(random, 20 - count, bound);
      double wins = 0;
      for (const double one : first) {
        for (const double other : second) wins += one > other ? 1 : one == other ? 0.5 : 0;
      }
      EXPECT_DOUBLE_EQ(vargha_delaney(first, second), wins / static_cast<double>(first.size() * second.size()));
    }
  }
}

TEST(VarghaDelaney, AgreesWithSciPy) {
  for (auto& each : gptnas_test::reference_cases("vargha_delaney")) {
    const double share = each.number();
    const Values first = each.sample(), second = each.sample();
    EXPECT_NEAR(vargha_delaney(first, second), share, 1e-14) << each.line();
  }
}

TEST(VarghaDelaney, IsSymmetricAndSeesTheOrderAlone) {
  gptnas::RandomStream random(2);
  Values first = random_values(random, 15, 9), second = random_values(random, 12, 9);
  const double share = vargha_delaney(first, second);
  EXPECT_DOUBLE_EQ(vargha_delaney(second, first), 1 - share);
  EXPECT_EQ(vargha_delaney(first, first), 0.5);
  for (Values* sample : {&first, &second}) {
    for (double& value : *sample) value = value * value * value + 5;
  }
  EXPECT_EQ(vargha_delaney(first, second), share);
  for (double& value : first) value += 2000;
  EXPECT_EQ(vargha_delaney(first, second), 1);
}

TEST(VarghaDelaney, ComparesInfinitiesToo) {
  EXPECT_EQ(vargha_delaney(Values{infinity, 1}, Values{infinity, -infinity}), (0.5 + 1 + 0 + 1) / 4);
}

TEST(VarghaDelaney, RefusesEmptySamplesAndNaN) {
  EXPECT_EQ(message_of([] { vargha_delaney(Values{}, Values{1}); }),
            "vargha_delaney: values of a sample is 0; expected at least 1");
  EXPECT_EQ(message_of([] { vargha_delaney(Values{1}, Values{}); }),
            "vargha_delaney: values of a sample is 0; expected at least 1");
  EXPECT_EQ(message_of([] {
              vargha_delaney(Values{1}, Values{1, std::numeric_limits<double>::quiet_NaN()});
            }),
            "vargha_delaney: a value is nan; expected a number");
}

}  // namespace vargha_delaney_test
