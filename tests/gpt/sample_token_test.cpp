#include <gptnas/gpt/sample_token.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace {

using namespace gptnas;

const std::vector<float> values{1, 3, 2, 3, -1};
const std::span<const float> logits(values);
constexpr std::array<bool, 5> all{true, true, true, true, true};

TEST(SampleToken, DrawsInProportionToTheSoftmaxOfWhatIsAllowed) {
  constexpr std::array<bool, 5> allowed{true, false, true, true, false};
  for (const double temperature : {0.5, 1.0, 3.0}) {
    std::array<double, 5> expected{}, counts{};
    double total = 0;
    for (std::size_t token = 0; token < 5; ++token) {
      if (allowed[token]) expected[token] = std::exp(static_cast<double>(values[token]) / temperature);
      total += expected[token];
    }
    constexpr int draws = 20000;
    RandomStream random(1);
    for (int draw = 0; draw < draws; ++draw) ++counts[sample_token(logits, allowed, temperature, random)];
    for (std::size_t token = 0; token < 5; ++token) {
      const double share = expected[token] / total;
      EXPECT_NEAR(counts[token] / draws, share, 4 * std::sqrt(share * (1 - share) / draws)) << "token " << token;
    }
  }
}

TEST(SampleToken, NeverDrawsWhatIsNotAllowed) {
  RandomStream random(1);
  for (int draw = 0; draw < 2000; ++draw) {
    std::array<bool, 5> allowed{};
    for (bool& flag : allowed) flag = random.chance(0.3);
    allowed[random.below(5)] = true;
    EXPECT_TRUE(allowed[sample_token(logits, allowed, draw % 2 ? 1e-3 : 1e3, random)]);
  }
}

TEST(SampleToken, IsGreedyAtTemperatureZero) {
  RandomStream random(1);
  EXPECT_EQ(sample_token(logits, all, 0, random), 1u);
  EXPECT_EQ(sample_token(logits, std::vector<bool>{true, false, true, false, true}, 0, random), 2u);
}

TEST(SampleToken, RefusesBadInput) {
  RandomStream random(1);
  EXPECT_THROW(sample_token(logits, std::array<bool, 5>{}, 1, random), std::invalid_argument);
  EXPECT_THROW(sample_token(logits, all, -1, random), std::invalid_argument);
  EXPECT_THROW(sample_token(logits, all, std::nan(""), random), std::invalid_argument);
}

}  // namespace
