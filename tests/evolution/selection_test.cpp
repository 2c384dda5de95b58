// Laws that hold for every selection, and the exact probabilities of each.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <gptnas/concepts/selection.hpp>
#include <gptnas/evolution/distinct_tournament.hpp>
#include <gptnas/evolution/rank_selection.hpp>
#include <gptnas/evolution/roulette_selection.hpp>
#include <gptnas/evolution/tournament.hpp>

#include "../chi_square.hpp"

namespace selection_test {

using namespace gptnas;
using gptnas_test::chi_square;
using gptnas_test::chi_square_limit;

// Ranks, 0 the best: 4 2 7 0 5 1 6 3.
constexpr std::array<double, 8> fitness{0.4, 2.0, -3.0, 9.0, 0.1, 5.0, -0.5, 0.5};
constexpr std::array<std::size_t, 8> rank{4, 2, 7, 0, 5, 1, 6, 3};
constexpr int draws = 80000;

template <class Policy>
std::vector<std::size_t> counts(const Policy& policy, std::span<const double> values) {
  std::vector<std::size_t> chosen(values.size());
  RandomStream random(1);
  for (int i = 0; i < draws; ++i) ++chosen.at(policy.select(values, random));
  return chosen;
}

// `probability(rank)` of each individual of `fitness`.
template <class Policy, class Probability>
void expect_probabilities(const Policy& policy, Probability probability) {
  std::vector<double> expected;
  std::size_t possible = 0;
  for (const std::size_t r : rank) {
    expected.push_back(draws * probability(static_cast<double>(r)));
    possible += expected.back() > 0;
  }
  EXPECT_LT(chi_square(counts(policy, fitness), expected), chi_square_limit(possible - 1));
}

double choose(double n, double k) {
  double product = 1;
  for (double i = 0; i < k; ++i) product *= (n - i) / (k - i);
  return product;
}

template <class Policy>
struct SelectionLaws : testing::Test {};
using Policies =
    testing::Types<Tournament<1>, Tournament<2>, Tournament<5>, DistinctTournament<1>, DistinctTournament<3>,
                   DistinctTournament<10>, RankSelection, RouletteSelection>;
TYPED_TEST_SUITE(SelectionLaws, Policies);

TYPED_TEST(SelectionLaws, TheStreamDecides) {
  static_assert(Selection<TypeParam>);
  for (std::uint64_t id = 0; id < 1000; ++id) {
    RandomStream random(2, id), again(2, id);
    const std::size_t chosen = TypeParam{}.select(fitness, random);
    EXPECT_LT(chosen, fitness.size());
    EXPECT_EQ(chosen, TypeParam{}.select(fitness, again));
  }
}

TYPED_TEST(SelectionLaws, OneIsAlwaysChosenAndNoneIsRefused) {
  RandomStream random(3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(TypeParam{}.select(std::span(fitness).first(1), random), 0u);
  EXPECT_THROW(TypeParam{}.select(std::span(fitness).first(0), random), std::invalid_argument);
}

TYPED_TEST(SelectionLaws, EqualOnesAreChosenEquallyOften) {
  EXPECT_LT(chi_square(counts(TypeParam{}, std::vector<double>(7, 3.5))), chi_square_limit(6));
}

TEST(Tournament, ChoosesTheBestOfThoseDrawn) {
  // All competitors are of rank r or worse, and not all worse.
  const auto probability = [](double size) {
    return [size](double r) { return (std::pow(8 - r, size) - std::pow(7 - r, size)) / std::pow(8, size); };
  };
  expect_probabilities(Tournament<1>{}, probability(1));
  expect_probabilities(Tournament<2>{}, probability(2));
  expect_probabilities(Tournament<5>{}, probability(5));
}

TEST(DistinctTournament, ChoosesTheBestOfASubset) {
  const auto probability = [](double size) {
    return [size](double r) { return 7 - r < size - 1 ? 0.0 : choose(7 - r, size - 1) / choose(8, size); };
  };
  expect_probabilities(DistinctTournament<1>{}, probability(1));
  expect_probabilities(DistinctTournament<3>{}, probability(3));
  expect_probabilities(DistinctTournament<5>{}, probability(5));
}

TEST(DistinctTournament, OfMoreThanThePopulationChoosesTheBest) {
  EXPECT_EQ(counts(DistinctTournament<10>{}, fitness)[3], static_cast<std::size_t>(draws));
}

TEST(DistinctTournament, DrawsUniformSubsetsOfALargePopulation) {
  // Of 100, the best is drawn with 7 / 100, the second without it with 93 / 99 of that, ...
  std::vector<double> values(100);
  for (std::size_t i = 0; i < 100; ++i) values[i] = static_cast<double>((i * 37) % 100);
  std::vector<std::size_t> by_rank(40);
  std::vector<double> expected(40);
  RandomStream random(5);
  for (int i = 0; i < draws; ++i) {
    const auto place = static_cast<std::size_t>(99 - values[DistinctTournament<7>{}.select(values, random)]);
    ++by_rank[std::min<std::size_t>(place, 39)];
  }
  double rest = draws;
  for (std::size_t place = 0; place < 39; ++place) {
    expected[place] = draws * choose(99 - static_cast<double>(place), 6) / choose(100, 7);
    rest -= expected[place];
  }
  expected[39] = rest;
  EXPECT_LT(chi_square(by_rank, expected), chi_square_limit(39));
}

TEST(RankSelection, IsLinearInTheRank) {
  for (const double pressure : {1.0, 1.3, 1.7, 2.0}) {
    expect_probabilities(RankSelection{.pressure = pressure},
                         [=](double r) { return (2 - pressure + 2 * (pressure - 1) * (7 - r) / 7) / 8; });
  }
}

TEST(RankSelection, SharesTheRanksOfEqualValues) {
  // Pressure 2: in proportion to the ranks 0, 1.5, 1.5, 3.
  const std::vector<double> expected{0, draws / 4.0, draws / 4.0, draws / 2.0};
  EXPECT_LT(chi_square(counts(RankSelection{.pressure = 2}, std::array{-1.0, 4.0, 4.0, 100.0}), expected),
            chi_square_limit(2));
}

TEST(RankSelection, RefusesAPressureOutsideItsDomain) {
  RandomStream random(4);
  for (const double pressure : {0.9, 2.1, std::nan("")}) {
    EXPECT_THROW((RankSelection{.pressure = pressure}.select(fitness, random)), std::invalid_argument);
  }
  try {
    RankSelection{.pressure = 3}.select(fitness, random);
    ADD_FAILURE() << "no exception";
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()), "RankSelection::pressure is 3; expected in [1, 2]");
  }
}

TEST(RouletteSelection, IsProportionalToTheFitnessAboveTheWorst) {
  std::vector<double> expected;
  double total = 0;
  for (const double value : fitness) total += value + 3.0;
  for (const double value : fitness) expected.push_back(draws * (value + 3.0) / total);
  EXPECT_LT(chi_square(counts(RouletteSelection{}, fitness), expected), chi_square_limit(6));
}

}  // namespace selection_test
