#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/study/top_precision.hpp>

#include "../message_of.hpp"

namespace top_precision_test {

using gptnas::top_precision;
using gptnas_test::message_of;
using Values = std::vector<double>;

// The mean over all orders of the things in which scores never rise.
double over_all_orders(const Values& scores, const Values& values, std::size_t top) {
  Values sorted = values;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  double hits = 0, orders = 0;
  do {
    const auto less = [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; };
    if (!std::is_sorted(order.begin(), order.end(), less)) continue;
    ++orders;
    for (std::size_t i = 0; i < top; ++i) hits += values[order[i]] >= sorted[top - 1];
  } while (std::next_permutation(order.begin(), order.end()));
  return hits / orders / static_cast<double>(top);
}

TEST(TopPrecision, IsTheMeanOverTheOrdersOfEqualScores) {
  gptnas::RandomStream random(1);
  for (int i = 0; i < 40; ++i) {
    Values scores(6), values(6);
    for (double& score : scores) score = random.below(i % 2 == 0 ? 3 : 100);
    for (double& value : values) value = random.below(i % 4 < 2 ? 3 : 100);
    for (std::size_t top = 1; top <= 6; ++top) {
      EXPECT_NEAR(top_precision(scores, values, top), over_all_orders(scores, values, top), 1e-14);
    }
  }
}

TEST(TopPrecision, IsOneForTheRightOrderAndTheShareForNone) {
  const Values values{3, 1, 4, 1.5, 9};
  Values reversed = values;
  for (double& value : reversed) value = -value;
  EXPECT_EQ(top_precision(values, values, 2), 1);
  EXPECT_EQ(top_precision(reversed, values, 2), 0);
  EXPECT_EQ(top_precision(reversed, values, 3), 1.0 / 3);
  EXPECT_DOUBLE_EQ(top_precision(Values(5, 0.0), values, 2), 0.4);
}

TEST(TopPrecision, RefusesBadInput) {
  EXPECT_EQ(message_of([] {
              top_precision(Values{1, 2}, Values{1, 2}, 0);
            }),
            "top_precision: top is 0; expected 1 to 2");
  EXPECT_EQ(message_of([] {
              top_precision(Values{1, 2}, Values{1, 2}, 3);
            }),
            "top_precision: top is 3; expected 1 to 2");
  EXPECT_EQ(message_of([] {
              top_precision(Values{1, 2}, Values{1}, 1);
            }),
            "top_precision: number of values is 1; expected as many as scores, 2");
  EXPECT_EQ(message_of([] {
              top_precision(Values{1, std::nan("")}, Values{1, 2}, 1);
            }),
            "top_precision: a score is nan; expected a number");
  EXPECT_EQ(message_of([] {
              top_precision(Values{1, 2}, Values{1, std::nan("")}, 1);
            }),
            "top_precision: a value is nan; expected a number");
}

}  // namespace top_precision_test
