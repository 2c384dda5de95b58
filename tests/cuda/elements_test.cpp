#include <gptnas/cuda/elements.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/gpt/sample_token.hpp>

namespace {

using namespace gptnas;
using namespace gptnas::detail::cuda;

double gelu_of(double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }

TEST(CudaElements, GeluAndItsSlope) {
  for (float x = -12; x <= 12; x += 0.0625f) {
    constexpr double step = 1e-5;
    EXPECT_NEAR(Gelu::value(x), gelu_of(x), 1e-6);
    EXPECT_NEAR(Gelu::slope(x), (gelu_of(x + step) - gelu_of(x - step)) / (2 * step), 2e-6) << x;
  }
  EXPECT_EQ(Gelu::value(1000), 1000);
  EXPECT_EQ(Gelu::slope(1000), 1);
  EXPECT_EQ(Gelu::value(-1000), 0);
  EXPECT_EQ(Gelu::slope(-1000), 0);
}

// The nearest of the numbers with 8 bits of significand, found by looking at both neighbours.
std::uint16_t nearest_bfloat16(float value) {
  const auto cut = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
  const auto distance = [&](std::uint16_t bits) {
    return std::abs(static_cast<double>(std::bit_cast<float>(std::uint32_t{bits} << 16)) - static_cast<double>(value));
  };
  const auto next = static_cast<std::uint16_t>(cut + 1);
  if (distance(cut) == distance(next)) return cut % 2 == 0 ? cut : next;
  return distance(cut) < distance(next) ? cut : next;
}

TEST(CudaElements, Bfloat16IsTheNearest) {
  EXPECT_EQ(bfloat16(1.0f), 0x3F80);
  EXPECT_EQ(bfloat16(-2.0f), 0xC000);
  EXPECT_EQ(bfloat16(1 + 0x1p-8f), 0x3F80);      // half way: the even one
  EXPECT_EQ(bfloat16(1 + 3 * 0x1p-8f), 0x3F82);  // half way: the even one
  EXPECT_EQ(bfloat16(0.0f), 0);
  EXPECT_EQ(bfloat16(std::numeric_limits<float>::infinity()), 0x7F80);
  EXPECT_EQ(bfloat16(std::numeric_limits<float>::max()), 0x7F80);  // overflows, as rounding to nearest tells
  const auto no_number = bfloat16(std::bit_cast<float>(0x7F800001u));
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(std::uint32_t{no_number} << 16)));
  RandomStream random(1);
  for (int i = 0; i < 100000; ++i) {
    const auto value = std::bit_cast<float>(random());
    if (!(std::abs(value) < 1e38f)) continue;
    ASSERT_EQ(bfloat16(value), nearest_bfloat16(value)) << value;
  }
}

TEST(CudaElements, DroppingIsThatOfTheConcept) {
  const std::int32_t random[]{3, -4, 5, 6};
  const Dropping dropping(random, 7, 0.25);
  for (std::size_t row = 0; row < 50; ++row) {
    const std::uint32_t in_batch = dropping.row(row);
    ASSERT_EQ(in_batch, 6 + row);
    for (std::uint32_t column = 0; column < 30; ++column) {
      const auto words = philox({column / 4, in_batch, 7, 5}, {3, static_cast<std::uint32_t>(-4)});
      const float expected = words[column % 4] / 0x1p32 < 0.25 ? 0.0f : static_cast<float>(1 / 0.75);
      ASSERT_EQ(dropping.factor(in_batch, column), expected) << row << ", " << column;
    }
  }
  EXPECT_TRUE(Dropping(random, 7, 0).none());
  EXPECT_EQ(Dropping(random, 7, 0).factor(1, 1), 1);
  EXPECT_FALSE(dropping.none());
}

TEST(CudaElements, RunningSoftmaxInPartsIsThatOfTheWhole) {
  RandomStream random(1);
  for (std::size_t count = 1; count <= 70; ++count) {
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(100 * standard_normal(random));
    double largest = -std::numeric_limits<double>::infinity(), total = 0;
    for (const float value : values) largest = std::max(largest, static_cast<double>(value));
    for (const float value : values) total += std::exp(value - largest);
    RunningSoftmax softmax;
    for (std::size_t first = 0; first < count; first += 32) {
      float part = -INFINITY;
      for (std::size_t i = first; i < std::min(count, first + 32); ++i) part = std::max(part, values[i]);
      softmax.raise(part);
      for (std::size_t i = first; i < std::min(count, first + 32); ++i) {
        softmax.total += std::exp(values[i] - softmax.largest);
      }
    }
    EXPECT_EQ(softmax.largest, static_cast<float>(largest));
    EXPECT_NEAR(softmax.total, total, 1e-5 * total);
    EXPECT_NEAR(softmax.log_sum(), largest + std::log(total), 1e-5 * std::abs(largest) + 1e-6);
  }
  RunningSoftmax first;
  EXPECT_EQ(first.raise(-3), 0);  // there was nothing
  EXPECT_EQ(first.raise(-5), 1);
  EXPECT_EQ(first.largest, -3);
}

TEST(CudaElements, AdamW) {
  const AdamWElement element(AdamWCoefficients{0.9, 0.99, 1e-8, 0.1});
  const float step[]{0.01f, 0.19f, 0.01f, 0.5f};
  float parameter = 0.5f, first = 0.1f, second = 0.2f;
  element.update(parameter, first, second, 3, step);
  const double m = 0.9 * 0.1 + 0.1 * 1.5, v = 0.99 * 0.2 + 0.01 * 1.5 * 1.5;
  EXPECT_NEAR(first, m, 1e-6);
  EXPECT_NEAR(second, v, 1e-6);
  EXPECT_NEAR(parameter, 0.5 * (1 - 0.01 * 0.1) - 0.01 * (m / 0.19) / (std::sqrt(v / 0.01) + 1e-8), 1e-6);
}

TEST(CudaElements, DrawsTheTokenThatSampleTokenTakes) {
  constexpr std::size_t vocabulary = 13;
  constexpr std::uint64_t paid = 5;
  RandomStream random(1);
  std::size_t forced = 0;
  for (std::uint64_t id = 0; id < 2000; ++id) {
    std::array<float, vocabulary> logits;
    std::vector<TokenEdge> edges;
    std::array<bool, vocabulary> allowed{};
    const double share = id % 3 == 0 ? 0.1 : 0.6;
    for (std::size_t token = 0; token < vocabulary; ++token) {
      logits[token] = std::round(static_cast<float>(4 * standard_normal(random))) / 2;  // some are equal
      allowed[token] = token == id % vocabulary || random.chance(share);
      if (!allowed[token] && random.chance(0.5)) continue;  // what may not be taken has no edge or costs too much
      edges.push_back({static_cast<std::int32_t>(token), 0, 0, allowed[token] ? paid + token % 2 : paid - 1});
    }
    const bool alone = std::count(allowed.begin(), allowed.end(), true) == 1;
    forced += alone;
    for (const double temperature : {1.0, 0.3, 0.0}) {
      for (const std::size_t top_k : {0u, 1u, 3u, 20u}) {
        for (const double top_p : {1.0, 0.8, 1e-9}) {
          const SamplingOptions options{.temperature = temperature, .top_k = top_k, .top_p = top_p};
          RandomStream stream(3, id, Purpose::sample), own = stream, sparing = stream;
          const auto token = [&](const DrawSettings& settings, RandomStream& with) {
            return edges.at(draw_edge(logits.data(), edges.data(), edges.size(), paid, settings, with)).token;
          };
          const auto expected = static_cast<std::int32_t>(
              sample_token(std::span<const float, vocabulary>(logits), allowed, options, stream));
          ASSERT_EQ(token({options, false}, own), expected) << temperature << ' ' << top_k << ' ' << top_p;
          ASSERT_EQ(token({options, true}, sparing), expected);
          const std::uint32_t next = stream();
          ASSERT_EQ(own(), next);
          ASSERT_EQ(sparing(), alone ? RandomStream(3, id, Purpose::sample)() : next);
        }
      }
    }
  }
  EXPECT_GT(forced, 100u);
}

TEST(CudaElements, ALogitThatIsNotANumberLeadsToNoEdgeBehindTheLast) {
  const float logits[]{1, std::nanf(""), 2, 100};
  const TokenEdge edges[]{{0, 0, 0, 9}, {1, 0, 0, 9}, {2, 0, 0, 9}, {3, 0, 0, 9}};
  for (const SamplingOptions& sampling : {SamplingOptions{.top_k = 2}, {.top_p = 0.9}, {.top_k = 3, .top_p = 0.99}}) {
    for (std::size_t first = 0; first < 2; ++first) {  // the second time, the number that is none comes first
      RandomStream random(1);
      for (int i = 0; i < 50; ++i) {
        EXPECT_LT(draw_edge(logits, edges + first, 3 - first, 0, {sampling}, random), 3 - first);
      }
    }
  }
}

TEST(CudaElements, DrawsNothingWhereNoEdgeMayBeTaken) {
  const float logits[]{1, 2};
  const TokenEdge edges[]{{0, 0, 0, 3}, {1, 0, 0, 2}};
  RandomStream random(1);
  EXPECT_EQ(draw_edge(logits, edges, 2, 4, {}, random), 2u);
  EXPECT_EQ(draw_edge(logits, edges, 2, 3, {}, random), 0u);
  EXPECT_EQ(draw_edge(logits, edges, 0, 0, {}, random), 0u);
  RandomStream other(1);
  other.uniform();
  EXPECT_EQ(random(), other());
}

TEST(CudaElements, ClipScale) {
  EXPECT_FLOAT_EQ(clip_scale(25, 1), 0.2f);
  EXPECT_EQ(clip_scale(25, 10), 1);
  EXPECT_EQ(clip_scale(0, 1), 1);
}

}  // namespace
