#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include <gptnas/study/summary.hpp>

namespace summary_test {

using gptnas::summarize;

TEST(Summary, IsTheMeanAndItsStandardError) {
  const auto summary = summarize(std::vector<double>{2, 4, 4, 4, 5, 5, 7, 9});  // deviations squared: 32
  EXPECT_EQ(summary.count, 8u);
  EXPECT_DOUBLE_EQ(summary.mean, 5);
  EXPECT_DOUBLE_EQ(summary.standard_error, std::sqrt(32.0 / 7 / 8));
}

TEST(Summary, OfOneValueHasNoError) {
  EXPECT_EQ(summarize(std::vector<double>{3}).mean, 3);
  EXPECT_EQ(summarize(std::vector<double>{3}).standard_error, 0);
}

TEST(Summary, OfNothingIsRefused) { EXPECT_THROW(summarize({}), std::invalid_argument); }

}  // namespace summary_test
