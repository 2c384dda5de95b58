#include <gptnas/gpt/sample_token.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "../chi_square.hpp"
#include "../message_of.hpp"

namespace sample_token_test {

using namespace gptnas;
using gptnas_test::message_of;

constexpr std::array<float, 7> values{1, 3, 2, 3, -1, 0.5, 2.5};
constexpr std::span<const float, 7> logits(values);
constexpr std::array<bool, 7> all{true, true, true, true, true, true, true}, none{};

/// What the options say, in other words: the tokens from the most likely down, as long as both limits let them in.
std::vector<double> expected_shares(const std::array<bool, 7>& allowed, const SamplingOptions& options) {
  std::vector<std::size_t> order;
  for (std::size_t token = 0; token < 7; ++token) {
    if (allowed[token]) order.push_back(token);
  }
  std::stable_sort(order.begin(), order.end(), [](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  if (options.top_k != 0 && options.top_k < order.size()) order.resize(options.top_k);
  std::vector<double> shares(7);
  double total = 0;
  for (const std::size_t token : order) {
    total += shares[token] = std::exp(static_cast<double>(values[token]) / options.temperature);
  }
  double before = 0, kept = 0;
  for (const std::size_t token : order) {
    const double share = shares[token] / total;
    if (before >= options.top_p) shares[token] = 0;
    kept += shares[token];
    before += share;
  }
  for (double& share : shares) share /= kept;
  return shares;
}

TEST(SampleToken, DrawsInProportionToTheSoftmaxOfWhatIsLeft) {
  constexpr std::array<bool, 7> some{true, false, true, true, false, true, true};
  constexpr std::size_t draws = 100000;
  std::uint64_t seed = 0;
  for (const auto& allowed : {all, some}) {
    for (const double temperature : {0.5, 1.0, 3.0}) {
      for (const std::size_t top_k : {0u, 1u, 3u, 5u, 9u}) {
        for (const double top_p : {1.0, 0.9, 0.6, 0.01}) {
          const SamplingOptions options{.temperature = temperature, .top_k = top_k, .top_p = top_p};
          std::vector<double> expected = expected_shares(allowed, options);
          const auto left = static_cast<std::size_t>(
              std::count_if(expected.begin(), expected.end(), [](double share) { return share > 0; }));
          for (double& share : expected) share *= draws;
          std::array<std::size_t, 7> counts{};
          RandomStream random(++seed);
          for (std::size_t draw = 0; draw < draws; ++draw) ++counts[sample_token(logits, allowed, options, random)];
          EXPECT_LE(gptnas_test::chi_square(counts, expected),
                    left == 1 ? 0 : gptnas_test::chi_square_limit(left - 1))
              << "temperature " << temperature << ", top_k " << top_k << ", top_p " << top_p;
        }
      }
    }
  }
}

TEST(SampleToken, KeepsTheFirstOfEqualTokens) {
  RandomStream random(1);
  for (int draw = 0; draw < 1000; ++draw) {
    EXPECT_EQ(sample_token(logits, all, {.top_k = 1}, random), 1u);
    EXPECT_NE(sample_token(logits, all, {.temperature = 100, .top_k = 2}, random), 6u);
    EXPECT_EQ(sample_token(logits, all, {.top_p = 0.3}, random), 1u);  // has 0.31
  }
}

TEST(SampleToken, NeverDrawsWhatIsNotAllowed) {
  RandomStream random(1);
  for (int draw = 0; draw < 2000; ++draw) {
    std::array<bool, 7> allowed{};
    for (bool& flag : allowed) flag = random.chance(0.3);
    allowed[random.below(7)] = true;
    const SamplingOptions options{.temperature = draw % 2 ? 1e-3 : 1e3, .top_k = random.below(8),
                                  .top_p = 1 - random.uniform()};
    EXPECT_TRUE(allowed[sample_token(logits, allowed, options, random)]);
  }
}

TEST(SampleToken, IsGreedyAtTemperatureZero) {
  RandomStream random(1);
  EXPECT_EQ(sample_token(logits, all, {.temperature = 0}, random), 1u);
  EXPECT_EQ(sample_token(logits, std::vector<bool>{true, false, true, false, true, true, false},
                         {.temperature = 0, .top_k = 2, .top_p = 0.5}, random),
            2u);
  EXPECT_EQ(random(), RandomStream(1)());  // nothing is drawn
}

TEST(SampleToken, RefusesBadInput) {
  RandomStream random(1);
  const auto message = [&](const SamplingOptions& options) {
    return message_of([&] { sample_token(logits, all, options, random); });
  };
  EXPECT_EQ(message({.temperature = -1}), "SamplingOptions::temperature is -1; expected at least 0");
  EXPECT_EQ(message({.temperature = std::nan("")}), "SamplingOptions::temperature is nan; expected at least 0");
  EXPECT_EQ(message({.top_p = 0}), "SamplingOptions::top_p is 0; expected in (0, 1]");
  EXPECT_EQ(message({.top_p = 1.5}), "SamplingOptions::top_p is 1.5; expected in (0, 1]");
  EXPECT_EQ(message({.top_p = std::nan("")}), "SamplingOptions::top_p is nan; expected in (0, 1]");
  EXPECT_EQ(message_of([&] { sample_token(logits, none, {}, random); }),
            "sample_token: number of allowed tokens is 0; expected at least 1");
}

}  // namespace sample_token_test
