#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>

#include "../chi_square.hpp"
#include "../message_of.hpp"

namespace random_stream_test {

using gptnas::Purpose;
using gptnas::RandomStream;
using gptnas_test::chi_square;
using gptnas_test::chi_square_limit;
using Block = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

// The vectors that Random123 publishes for philox4x32 with ten rounds.
static_assert(gptnas::philox(Block{}, Key{}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
static_assert(gptnas::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
              Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
static_assert(gptnas::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});

using gptnas_test::message_of;

TEST(RandomStream, IsPhiloxOfItsKeyInCounterOrder) {
  RandomStream random(0x0123456789abcdef, 0xfedcba9876543210, Purpose::evaluate);
  for (std::uint32_t counter = 0; counter < 3; ++counter) {
    const Block block = gptnas::philox({counter, static_cast<std::uint32_t>(Purpose::evaluate), 0x76543210, 0xfedcba98},
                                       {0x89abcdef, 0x01234567});
    for (const std::uint32_t word : block) EXPECT_EQ(random(), word);
  }
}

TEST(RandomStream, DiffersBySeedIdAndPurpose) {
  constexpr std::uint64_t high = std::uint64_t{1} << 32;
  std::set<std::uint64_t> firsts;
  std::size_t streams = 0;
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, high}) {
    for (const std::uint64_t id : {std::uint64_t{0}, std::uint64_t{1}, high}) {
      for (const Purpose purpose : {Purpose::propose, Purpose::evaluate, static_cast<Purpose>(1024)}) {
        firsts.insert(RandomStream(seed, id, purpose).bits64());
        ++streams;
      }
    }
  }
  EXPECT_EQ(firsts.size(), streams);
}

TEST(RandomStream, RepeatsItselfForTheSameKey) {
  RandomStream first(7, 8, Purpose::fit), second(7, 8, Purpose::fit);
  for (int draw = 0; draw < 100; ++draw) EXPECT_EQ(first.bits64(), second.bits64());
}

TEST(RandomStream, DrawsIntegersWithoutBias) {
  RandomStream random(1);
  for (const std::uint32_t bound : {2u, 3u, 6u, 10u, 17u, 64u}) {
    std::vector<std::size_t> counts(bound);
    for (int draw = 0; draw < 100000; ++draw) ++counts.at(random.below(bound));
    EXPECT_LT(chi_square(counts), chi_square_limit(bound - 1)) << bound;
  }
}

TEST(RandomStream, DrawsLargeIntegersWithoutBias) {
  // Without rejection, a third of the values below 3 * 2^30 would be twice as frequent as the others.
  constexpr std::uint32_t bound = 3u << 30;
  RandomStream random(2);
  std::array<std::size_t, 3> by_rest{}, by_third{};
  for (int draw = 0; draw < 100000; ++draw) {
    const std::uint32_t value = random.below(bound);
    ASSERT_LT(value, bound);
    ++by_rest[value % 3];
    ++by_third[value >> 30];
  }
  EXPECT_LT(chi_square(by_rest), chi_square_limit(2));
  EXPECT_LT(chi_square(by_third), chi_square_limit(2));
}

TEST(RandomStream, DrawsNothingElseBelowOne) {
  RandomStream random(3);
  for (int draw = 0; draw < 100; ++draw) EXPECT_EQ(random.below(1), 0u);
}

template <std::size_t Count>
std::array<std::uint32_t, Count> draw_below(const std::array<std::uint32_t, Count>& bounds, RandomStream& random) {
  std::array<std::uint32_t, Count> values{};
  std::size_t next = 0;
  random.each_below<Count>([&](std::size_t index) { return bounds[index]; },
                           [&](std::size_t index, std::uint32_t value) {
                             EXPECT_EQ(index, next++);
                             values[index] = value;
                           });
  EXPECT_EQ(next, Count);
  return values;
}

TEST(RandomStream, DrawsSeveralIntegersOfOneWordIndependently) {
  RandomStream random(31);
  std::vector<std::size_t> counts(5 * 4 * 3);
  for (int draw = 0; draw < 100000; ++draw) {
    const auto [first, second, third] = draw_below<3>({5, 4, 3}, random);
    ++counts.at((first * 4 + second) * 3 + third);
  }
  EXPECT_LT(chi_square(counts), chi_square_limit(counts.size() - 1));
}

TEST(RandomStream, DrawsSeveralLargeIntegersWithoutBias) {
  // A product of 3/4 of 2^64 rejects a quarter of the words; one beyond it takes a word a bound.
  for (const std::array<std::uint32_t, 2> bounds :
       {std::array<std::uint32_t, 2>{3u << 30, 0xFFFFFFFF}, {3u << 20, 3u << 9}}) {
    RandomStream random(32);
    std::array<std::size_t, 3> by_rest{}, by_third{};
    for (int draw = 0; draw < 100000; ++draw) {
      const auto [first, second] = draw_below(bounds, random);
      ASSERT_LT(first, bounds[0]);
      ASSERT_LT(second, bounds[1]);
      ++by_rest[second % 3];
      ++by_third[first / (bounds[0] / 3)];
    }
    EXPECT_LT(chi_square(by_rest), chi_square_limit(2));
    EXPECT_LT(chi_square(by_third), chi_square_limit(2));
  }
  RandomStream random(33);
  for (const std::uint32_t value : draw_below<4>({7, 0xFFFFFFFF, 0xFFFFFFFF, 1}, random)) {
    EXPECT_LT(value, 0xFFFFFFFF);
  }
}

TEST(RandomStream, DrawsSubsetsWhoseMembersAreIndependent) {
  for (const double probability : {0.02, 0.3, 0.5, 0.8}) {
    RandomStream random(34);
    std::vector<std::size_t> counts(1u << 5);
    for (int draw = 0; draw < 100000; ++draw) ++counts.at(random.subset(5, probability));
    std::vector<double> expected;
    std::vector<std::size_t> possible;
    double rare = 0;
    std::size_t rare_count = 0;
    for (std::uint32_t set = 0; set < 32; ++set) {
      const int members = std::popcount(set);
      const double chance = 100000 * std::pow(probability, members) * std::pow(1 - probability, 5 - members);
      if (chance < 5) {
        rare += chance;
        rare_count += counts[set];
      } else {
        expected.push_back(chance);
        possible.push_back(counts[set]);
      }
    }
    if (rare > 0) {
      expected.push_back(rare);
      possible.push_back(rare_count);
    }
    EXPECT_LT(chi_square(possible, expected), chi_square_limit(possible.size() - 1)) << probability;
  }
}

TEST(RandomStream, DrawsNoneOrAllOfASubsetForCertain) {
  RandomStream random(35);
  for (const std::uint32_t count : {1u, 7u, 64u}) {
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - count);
    for (int draw = 0; draw < 100; ++draw) {
      EXPECT_EQ(random.subset(count, 0), 0u);
      EXPECT_EQ(random.subset(count, 1), all);
      EXPECT_EQ(random.subset(count, 0.7) & ~all, 0u);
    }
  }
}

TEST(RandomStream, RefusesBoundZero) {
  EXPECT_EQ(message_of([] {
              RandomStream random(1);
              draw_below<2>({3, 0}, random);
            }),
            "RandomStream::below: bound is 0; expected at least 1");
  EXPECT_EQ(message_of([] { RandomStream(1).below(0); }), "RandomStream::below: bound is 0; expected at least 1");
}

TEST(RandomStream, DrawsUniformReals) {
  RandomStream random(4);
  constexpr int draws = 200000;
  double sum = 0, squares = 0;
  std::array<std::size_t, 20> counts{};
  for (int draw = 0; draw < draws; ++draw) {
    const double value = random.uniform();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    ASSERT_EQ(std::trunc(value * 0x1p53), value * 0x1p53);
    sum += value;
    squares += value * value;
    ++counts[static_cast<std::size_t>(value * 20)];
  }
  EXPECT_NEAR(sum / draws, 1.0 / 2, 4 * std::sqrt(1.0 / 12 / draws));
  EXPECT_NEAR(squares / draws, 1.0 / 3, 4 * std::sqrt(4.0 / 45 / draws));
  EXPECT_LT(chi_square(counts), chi_square_limit(19));
}

TEST(RandomStream, HasChancesInProportion) {
  RandomStream random(5);
  int never = 0, often = 0, always = 0;
  for (int draw = 0; draw < 100000; ++draw) {
    never += random.chance(0);
    often += random.chance(0.7);
    always += random.chance(1);
  }
  EXPECT_EQ(never, 0);
  EXPECT_NEAR(often, 70000, 4 * std::sqrt(100000 * 0.7 * 0.3));
  EXPECT_EQ(always, 100000);
}

TEST(RandomStream, DrawsNormalNumbers) {
  RandomStream random(6);
  constexpr int draws = 200000;
  std::array<double, 5> moments{};
  // The quartiles, and the points that one in forty exceeds on each side.
  constexpr std::array borders{-1.959963984540054, -0.674489750196082, 0.0, 0.674489750196082, 1.959963984540054};
  constexpr std::array shares{0.025, 0.225, 0.25, 0.25, 0.225, 0.025};
  std::array<std::size_t, 6> counts{};
  for (int draw = 0; draw < draws; ++draw) {
    const double value = standard_normal(random);
    double power = 1;
    for (double& moment : moments) moment += (power *= value) / draws;
    ++counts[static_cast<std::size_t>(std::upper_bound(borders.begin(), borders.end(), value) - borders.begin())];
  }
  // The variance of the k-th sample moment is (m(2k) - m(k)^2) / draws, with m = 1, 3, 15, 105, 945 for k = 2, 4, ...
  EXPECT_NEAR(moments[0], 0, 4 * std::sqrt(1.0 / draws));
  EXPECT_NEAR(moments[1], 1, 4 * std::sqrt(2.0 / draws));
  EXPECT_NEAR(moments[2], 0, 4 * std::sqrt(15.0 / draws));
  EXPECT_NEAR(moments[3], 3, 4 * std::sqrt(96.0 / draws));
  EXPECT_NEAR(moments[4], 0, 4 * std::sqrt(945.0 / draws));
  std::array<double, 6> expected{};
  for (std::size_t index = 0; index < 6; ++index) expected[index] = shares[index] * draws;
  EXPECT_LT(chi_square(counts, expected), chi_square_limit(5));
}

TEST(RandomStream, ShufflesIntoEveryOrderAlike) {
  RandomStream random(7);
  std::map<std::array<int, 4>, std::size_t> seen;
  for (int draw = 0; draw < 48000; ++draw) {
    std::array<int, 4> order{0, 1, 2, 3};
    random.shuffle(std::span<int>(order));
    ++seen[order];
  }
  std::vector<std::size_t> counts;
  for (const auto& [order, count] : seen) counts.push_back(count);
  ASSERT_EQ(counts.size(), 24u);
  EXPECT_LT(chi_square(counts), chi_square_limit(23));
}

TEST(RandomStream, ShufflesNothingAndOne) {
  RandomStream random(8);
  std::vector<int> none, one{5};
  random.shuffle(std::span(none));
  random.shuffle(std::span(one));
  EXPECT_EQ(one, std::vector{5});
}

TEST(RandomStream, DrawsCategoriesInProportion) {
  RandomStream random(9);
  const std::vector<double> weights{0, 1, 2, 0, 3, 4, 0};
  std::vector<std::size_t> counts(weights.size());
  for (int draw = 0; draw < 100000; ++draw) ++counts.at(random.categorical(std::span(weights)));
  std::vector<double> expected;
  for (const double weight : weights) expected.push_back(weight * 10000);
  EXPECT_LT(chi_square(counts, expected), chi_square_limit(3));
}

TEST(RandomStream, DrawsTheOnlyCategoryWithWeight) {
  RandomStream random(10);
  const std::array<float, 3> weights{0, 1e-30f, 0};
  for (int draw = 0; draw < 1000; ++draw) ASSERT_EQ(random.categorical(std::span<const float>(weights)), 1u);
}

TEST(RandomStream, RefusesWeightsThatAreNone) {
  const auto refused = [](std::vector<double> weights) {
    return message_of([&] { RandomStream(1).categorical(std::span<const double>(weights)); });
  };
  EXPECT_EQ(refused({1, -0.5}), "RandomStream::categorical: weight is -0.5; expected finite and at least 0");
  EXPECT_EQ(refused({0, 0}), "RandomStream::categorical: sum of the weights is 0; expected more than 0");
  EXPECT_EQ(refused({}), "RandomStream::categorical: sum of the weights is 0; expected more than 0");
  EXPECT_EQ(refused({std::numeric_limits<double>::infinity()}),
            "RandomStream::categorical: weight is inf; expected finite and at least 0");
  EXPECT_NE(refused({1, std::numeric_limits<double>::quiet_NaN()}).find("nan; expected finite"), std::string::npos);
}

TEST(RandomStream, WorksInConstantExpressions) {
  constexpr std::uint32_t value = [] {
    RandomStream random(11);
    return random.below(1000);
  }();
  RandomStream random(11);
  EXPECT_EQ(random.below(1000), value);
}

}  // namespace random_stream_test
