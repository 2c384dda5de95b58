#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/study/wilcoxon.hpp>

#include "../message_of.hpp"
#include "study_reference.hpp"

namespace wilcoxon_test {

using gptnas::Alternative;
using gptnas::wilcoxon;
using gptnas_test::message_of;

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
constexpr Alternative alternatives[] = {Alternative::two_sided, Alternative::greater, Alternative::less};

// The mean rank of each absolute difference: those that are smaller, and half of those that are equal.
double rank(const std::vector<double>& differences, double difference) {
  double smaller = 0, equal = 0;
  for (const double other : differences) {
    smaller += std::fabs(other) < std::fabs(difference);
    equal += std::fabs(other) == std::fabs(difference);
  }
  return smaller + (equal + 1) / 2;
}

double positive_ranks(const std::vector<double>& differences) {
  double sum = 0;
  for (const double difference : differences) sum += difference > 0 ? rank(differences, difference) : 0;
  return sum;
}

// By all 2^N signs of the differences.
double enumerated_p(const std::vector<double>& differences, Alternative alternative) {
  const double seen = positive_ranks(differences);
  double lower = 0, upper = 0;
  const std::size_t all = std::size_t{1} << differences.size();
  for (std::size_t signs = 0; signs < all; ++signs) {
    std::vector<double> flipped = differences;
    for (std::size_t i = 0; i < flipped.size(); ++i) flipped[i] *= signs >> i & 1 ? -1 : 1;
    const double sum = positive_ranks(flipped);
    lower += sum <= seen;
    upper += sum >= seen;
  }
  lower /= static_cast<double>(all);
  upper /= static_cast<double>(all);
  if (alternative == Alternative::greater) return upper;
  if (alternative == Alternative::less) return lower;
  return std::min(1.0, 2 * std::min(lower, upper));
}

std::vector<double> random_differences(gptnas::RandomStream& random, std::size_t count, std::uint32_t values) {
  std::vector<double> differences(count);
  for (double& each : differences) each = static_cast<double>(random.below(2 * values + 1)) - values;
  return differences;
}

TEST(Wilcoxon, IsThatOfAllSigns) {
  gptnas::RandomStream random(1);
  for (std::size_t count = 1; count <= 9; ++count) {
    for (const std::uint32_t values : {1u, 3u, 1000u}) {  // many ties and zeros, some, hardly any
      const auto differences = random_differences(random, count, values);
      for (const Alternative alternative : alternatives) {
        const auto result = wilcoxon(differences, {.alternative = alternative});
        EXPECT_TRUE(result.exact);
        EXPECT_EQ(result.statistic, positive_ranks(differences));
        EXPECT_DOUBLE_EQ(result.p, enumerated_p(differences, alternative)) << count << ' ' << values;
      }
    }
  }
}

TEST(Wilcoxon, AgreesWithSciPy) {
  for (auto& each : gptnas_test::reference_cases("wilcoxon")) {
    const Alternative alternative = each.alternative();
    const bool exact = each.word() == "exact";
    const double statistic = each.number(), p = each.number();
    const auto result =
        wilcoxon(each.sample(), {.alternative = alternative, .exact_up_to = exact ? std::size_t{50} : std::size_t{0}});
    EXPECT_EQ(result.exact, exact) << each.line();
    EXPECT_EQ(result.statistic, statistic) << each.line();
    EXPECT_NEAR(result.p, p, 1e-12 * p) << each.line();
  }
}

TEST(Wilcoxon, IsExactUpToFiftyPairsThatDiffer) {
  std::vector<double> differences(50);
  for (std::size_t i = 0; i < 50; ++i) differences[i] = static_cast<double>(i + 1);
  EXPECT_TRUE(wilcoxon(differences).exact);
  EXPECT_EQ(wilcoxon(differences).p, 0x1p-49);  // of 2^50 signs, two are as extreme
  differences.push_back(0);
  EXPECT_TRUE(wilcoxon(differences).exact);
  EXPECT_EQ(wilcoxon(differences).zeros, 1u);
  EXPECT_EQ(wilcoxon(differences).pairs, 51u);
  differences.push_back(51);
  EXPECT_FALSE(wilcoxon(differences).exact);
}

TEST(Wilcoxon, TurnsToTheNormalDistributionWithMorePairs) {
  gptnas::RandomStream random(2);
  for (const std::uint32_t values : {4u, 100000u}) {
    const auto differences = random_differences(random, 300, values);
    for (const Alternative alternative : alternatives) {
      EXPECT_NEAR(wilcoxon(differences, {.alternative = alternative}).p,
                  wilcoxon(differences, {.alternative = alternative, .exact_up_to = 300}).p, 2e-3);
    }
  }
}

// Pratt's point: zeros make the ranks more equal, so that the test comes nearer to that of the signs alone; Wilcoxon's
// own treatment would not see them. Of 64 signs, 14 subsets of the ranks 1 to 6 have at most the sum 6, and 7 of those
// of 5 to 10 at most 10: none or one.
TEST(Wilcoxon, RanksZeros) {
  EXPECT_EQ(wilcoxon(std::vector<double>{1, 2, 3, 4, 5, -6}).p, 2 * 14.0 / 64);
  EXPECT_EQ(wilcoxon(std::vector<double>{0, 0, 0, 0, 1, 2, 3, 4, 5, -6}).p, 2 * 7.0 / 64);
}

TEST(Wilcoxon, IsSymmetric) {
  gptnas::RandomStream random(3);
  for (const std::size_t count : {7u, 40u, 120u}) {
    std::vector<double> first(count), second(count);
    for (std::size_t i = 0; i < count; ++i) {
      first[i] = random.below(9);
      second[i] = random.below(8);
    }
    const auto p = [](const auto& one, const auto& other, Alternative alternative) {
      return wilcoxon(one, other, {.alternative = alternative}).p;
    };
    EXPECT_DOUBLE_EQ(p(first, second, Alternative::greater), p(second, first, Alternative::less));
    EXPECT_DOUBLE_EQ(p(first, second, Alternative::two_sided), p(second, first, Alternative::two_sided));
    EXPECT_NEAR(p(first, second, Alternative::two_sided),
                2 * std::min(p(first, second, Alternative::greater), p(first, second, Alternative::less)), 1e-12);
    auto reversed_first = first, reversed_second = second;  // the order of the pairs means nothing
    std::reverse(reversed_first.begin(), reversed_first.end());
    std::reverse(reversed_second.begin(), reversed_second.end());
    EXPECT_EQ(p(first, second, Alternative::greater), p(reversed_first, reversed_second, Alternative::greater));
    for (std::size_t i = 0; i < count; ++i) {  // of the values only the order of their differences does
      first[i] = 1024 * first[i];
      second[i] = 1024 * second[i];
    }
    EXPECT_EQ(p(first, second, Alternative::greater), p(reversed_first, reversed_second, Alternative::greater));
  }
}

TEST(Wilcoxon, FallsAsTheFirstSampleGrows) {
  gptnas::RandomStream random(4);
  auto differences = random_differences(random, 30, 10);
  double p = 1;
  for (int step = 0; step < 12; ++step) {
    const double next = wilcoxon(differences, {.alternative = Alternative::greater}).p;
    EXPECT_LE(next, p);
    p = next;
    for (double& each : differences) each += 1;
  }
  EXPECT_EQ(p, 0x1p-30);
}

// Under the null hypothesis an exact p is at most a level with at most that probability.
TEST(Wilcoxon, KeepsItsLevel) {
  gptnas::RandomStream random(5);
  int rejected = 0;
  for (int trial = 0; trial < 2000; ++trial) rejected += wilcoxon(random_differences(random, 15, 3)).p <= 0.05;
  EXPECT_LT(rejected, 100 + 4 * 10);  // 4 standard deviations
  EXPECT_GT(rejected, 50);
}

TEST(Wilcoxon, OfPairsThatDoNotDifferIsOne) {
  for (const Alternative alternative : alternatives) {
    const auto result = wilcoxon(std::vector<double>{0, -0.0, 0}, {.alternative = alternative, .exact_up_to = 0});
    EXPECT_EQ(result.p, 1);
    EXPECT_EQ(result.statistic, 0);
    EXPECT_EQ(result.zeros, 3u);
  }
}

TEST(Wilcoxon, RefusesBadSamples) {
  using Values = std::vector<double>;
  const auto message = [](const Values& first, const Values& second) {
    return message_of([&] { wilcoxon(first, second); });
  };
  EXPECT_EQ(message({}, {}), "wilcoxon: number of values is 0; expected at least 1");
  EXPECT_EQ(message({1, 2}, {1}), "wilcoxon: values of the second sample is 1; expected as many as of the first, 2");
  EXPECT_EQ(message({1, nan}, {1, 2}), "wilcoxon: a value is nan; expected a finite number");
  EXPECT_EQ(message({1, infinity}, {1, 2}), "wilcoxon: a value is inf; expected a finite number");
  EXPECT_EQ(message({1, infinity}, {1, infinity}).substr(0, 21), "wilcoxon: a value is ");
}

}  // namespace wilcoxon_test
