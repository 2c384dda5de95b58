#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/study/holm.hpp>

#include "../message_of.hpp"
#include "study_reference.hpp"

namespace holm_test {

using gptnas::holm;
using gptnas_test::message_of;
using Values = std::vector<double>;

// The procedure as Holm states it: the smallest against level / N, the next against level / (N - 1), up to the first
// that is not rejected.
std::vector<bool> rejected(const Values& p, double level) {
  std::vector<bool> result(p.size());
  for (std::size_t left = p.size(); left > 0; --left) {
    std::size_t smallest = p.size();
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (!result[i] && (smallest == p.size() || p[i] < p[smallest])) smallest = i;
    }
    if (p[smallest] > level / static_cast<double>(left)) break;
    result[smallest] = true;
  }
  return result;
}

TEST(Holm, RejectsWhatTheProcedureDoes) {
  gptnas::RandomStream random(1);
  for (int trial = 0; trial < 200; ++trial) {
    Values p(1 + random.below(8));
    for (double& value : p) value = random.uniform() * random.uniform() * 0.3;
    const Values adjusted = holm(p);
    for (const double level : {0.01, 0.05, 0.2, 0.7}) {
      const auto expected = rejected(p, level);
      for (std::size_t i = 0; i < p.size(); ++i) EXPECT_EQ(adjusted[i] <= level, expected[i]);
    }
  }
}

TEST(Holm, AgreesWithStatsmodels) {
  for (auto& each : gptnas_test::reference_cases("holm")) {
    const Values p = each.sample(), expected = each.sample(), adjusted = holm(p);
    ASSERT_EQ(adjusted.size(), expected.size());
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-15) << each.line();
  }
}

TEST(Holm, KeepsTheOrderAndMakesNothingSmaller) {
  gptnas::RandomStream random(2);
  Values p(30);
  for (double& value : p) value = random.uniform();
  p[7] = p[3];
  const Values adjusted = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_GE(adjusted[i], p[i]);
    EXPECT_LE(adjusted[i], 1);
    for (std::size_t j = 0; j < p.size(); ++j) {
      if (p[i] <= p[j]) {
        EXPECT_LE(adjusted[i], adjusted[j]);
      }
    }
  }
}

TEST(Holm, OfOneTestIsItsOwn) {
  EXPECT_EQ(holm(Values{0.03}), Values{0.03});
  EXPECT_EQ(holm(Values{0, 1}), (Values{0, 1}));
}

TEST(Holm, RefusesWhatIsNoProbability) {
  EXPECT_EQ(message_of([] { holm({}); }), "holm: number of p values is 0; expected at least 1");
  EXPECT_EQ(message_of([] { holm(Values{0.5, 1.5}); }), "holm: a p value is 1.5; expected in [0, 1]");
  EXPECT_EQ(message_of([] { holm(Values{-0.1}); }), "holm: a p value is -0.1; expected in [0, 1]");
  EXPECT_EQ(message_of([] { holm(Values{std::numeric_limits<double>::quiet_NaN()}); }),
            "holm: a p value is nan; expected in [0, 1]");
}

}  // namespace holm_test
