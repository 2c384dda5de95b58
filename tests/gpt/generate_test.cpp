#include <gptnas/gpt/generate.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <gptnas/core/standard_normal.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/tokens.hpp>

#include "../chi_square.hpp"
#include "../genome/constrained_shapes.hpp"
#include "../genome/shapes.hpp"
#include "../message_of.hpp"
#include "../sanitized.hpp"

namespace generate_test {

using namespace gptnas;
using Size = GptSize<6, 15, 16, 2, 2>;
using Model = Gpt<Size>;
using Sequences = std::vector<std::vector<std::uint16_t>>;

static_assert(TokenGrammar<AnyTokens<6>> && TokenGrammar<Prefix<shapes::Nested>>);

template <class Sizes = Size>
Gpt<Sizes> random_model(double deviation) {
  Gpt<Sizes> model{RandomStream(1)};
  RandomStream random(2);
  std::vector<float> parameters(Sizes::parameters);
  for (float& value : parameters) value = static_cast<float>(deviation * standard_normal(random));
  model.set_parameters(parameters);
  return model;
}

Sequences random_prompts(std::size_t count) {
  RandomStream random(3);
  Sequences prompts(count);
  for (auto& prompt : prompts) {
    prompt.resize(1 + random.below(16));
    for (auto& token : prompt) token = static_cast<std::uint16_t>(random.below(5));
  }
  return prompts;
}

TEST(Generate, GivesTheSameSequencesForAnyNumberOfRows) {
  const Model model = random_model(0.3);
  const Sequences prompts = random_prompts(100);
  for (const SamplingOptions& sampling :
       {SamplingOptions{}, {.temperature = 2}, {.top_k = 2}, {.top_p = 0.7}, {.temperature = 0}}) {
    Sequences expected;
    for (const std::size_t rows : {1u, 3u, 8u, 64u, 128u}) {
      GptSampler sampler(model, rows);
      Sequences sequences = prompts;
      generate(sampler, sequences, {.seed = 7, .sampling = sampling}, AnyTokens<6>(5));
      if (expected.empty()) expected = sequences;
      EXPECT_EQ(sequences, expected) << rows << " rows";
    }
  }
}

// Knows the first four tokens; behind their mask lie bytes that are not zero.
struct FourTokens {
  std::array<bool, 6> bytes = {true, true, true, true, true, true};
  std::span<const bool> legal() const { return std::span(bytes).first(4); }
  bool complete() const { return false; }
  void push(std::size_t) {}
};

TEST(Generate, DrawsNoTokenThatTheGrammarDoesNotKnow) {
  const Model model = random_model(0.3);
  GptSampler sampler(model, 4);
  Sequences sequences(20, {0});
  generate(sampler, sequences, {}, FourTokens{});
  for (const auto& sequence : sequences) {
    EXPECT_EQ(sequence.size(), 16u);
    EXPECT_LT(*std::max_element(sequence.begin(), sequence.end()), 4);
  }
  Sequences unknown = {{0, 4}};
  EXPECT_EQ(gptnas_test::message_of([&] { generate(sampler, unknown, {}, FourTokens{}); }),
            "token of a prompt is 4; expected one that the grammar allows there");
}

TEST(Generate, IsKeyedBySeedAndIndex) {
  const Model model = random_model(0.3);
  GptSampler sampler(model, 4);
  const auto drawn = [&](std::uint64_t seed, std::size_t count) {
    Sequences sequences(count, {0});
    generate(sampler, sequences, {.seed = seed});
    return sequences;
  };
  const Sequences many = drawn(1, 20), few = drawn(1, 5);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  EXPECT_NE(many[0], many[1]);
  EXPECT_NE(many, drawn(2, 20));
}

TEST(Generate, ContinuesEachPromptToItsEnd) {
  const Model model = random_model(0.3);
  const Sequences prompts = random_prompts(200);
  for (const std::size_t max_tokens : {0u, 16u}) {
    GptSampler sampler(model, 8);
    Sequences sequences = prompts;
    generate(sampler, sequences, {.max_tokens = max_tokens}, AnyTokens<6>(5));
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const auto& sequence = sequences[i];
      ASSERT_TRUE(std::equal(prompts[i].begin(), prompts[i].end(), sequence.begin()));
      const auto end = std::find(sequence.begin(), sequence.end(), 5);
      EXPECT_TRUE(end == sequence.end() ? sequence.size() == 16 : end + 1 == sequence.end());
    }
  }
  GptSampler sampler(model, 8);
  Sequences sequences(3, {1, 2});
  generate(sampler, sequences, {.max_tokens = 4});
  for (const auto& sequence : sequences) EXPECT_EQ(sequence.size(), 4u);
  Sequences complete{{1, 5}, {5}, {1, 2, 3, 4}};
  generate(sampler, complete, {.max_tokens = 4}, AnyTokens<6>(5));
  EXPECT_EQ(complete[0], (std::vector<std::uint16_t>{1, 5}));
  EXPECT_GT(complete[1].size(), 1u);  // the grammar does not read the first token
  EXPECT_EQ(complete[2], (std::vector<std::uint16_t>{1, 2, 3, 4}));
  Sequences nothing;
  generate(sampler, nothing);
}

TEST(Generate, GreedyTakesTheMostLikelyToken) {
  const Model model = random_model(0.3);
  GptSampler sampler(model, 3), reader(model);
  Sequences sequences = random_prompts(10);
  const Sequences prompts = sequences;
  generate(sampler, sequences, {.sampling = {.temperature = 0}});
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    reader.reset();
    for (std::size_t t = 0; t + 1 < sequences[i].size(); ++t) {
      reader.push(sequences[i][t]);
      if (t + 1 < prompts[i].size()) continue;
      const auto logits = reader.logits();
      EXPECT_EQ(sequences[i][t + 1], std::max_element(logits.begin(), logits.end()) - logits.begin());
    }
  }
}

TEST(Generate, DrawsSequencesInProportionToTheirProbability) {
  const Model model = random_model(0.2);
  constexpr std::size_t draws = GPTNAS_SANITIZED ? 2000 : 50000;
  GptSampler sampler(model, 64), reader(model);
  Sequences sequences(draws, {3});
  generate(sampler, sequences, {.sampling = {.temperature = 0.5}, .max_tokens = 3});
  std::vector<std::size_t> counts(36);
  for (const auto& sequence : sequences) ++counts[sequence[1] * 6u + sequence[2]];
  const auto softmax = [&](std::initializer_list<std::size_t> tokens) {
    reader.reset();
    for (const std::size_t token : tokens) reader.push(token);
    std::vector<double> shares;
    double total = 0;
    for (const float logit : reader.logits()) {
      shares.push_back(std::exp(static_cast<double>(logit) / 0.5));
      total += shares.back();
    }
    for (double& share : shares) share /= total;
    return shares;
  };
  std::vector<double> expected;
  const auto first = softmax({3});
  for (std::size_t token = 0; token < 6; ++token) {
    for (const double share : softmax({3, token})) expected.push_back(draws * first[token] * share);
  }
  EXPECT_LE(gptnas_test::chi_square(counts, expected), gptnas_test::chi_square_limit(35));
}

template <class Genome>
class MaskedSamples : public testing::Test {};
using Genomes = testing::Types<shapes::Nested, shapes::Chain, shapes::Bounded, shapes::Balanced>;
TYPED_TEST_SUITE(MaskedSamples, Genomes);

TYPED_TEST(MaskedSamples, AreValid) {
  using Sizes = GptSize<vocabulary_size<TypeParam>, Layout<TypeParam>::max_tokens, 8, 1, 1>;
  const auto model = random_model<Sizes>(0.5);
  GptSampler sampler(model, 64);
  Sequences sequences(GPTNAS_SANITIZED ? 1000 : 100000, {start_token});
  generate(sampler, sequences, {.sampling = {.temperature = 2}}, Prefix<TypeParam>());
  for (const auto& sequence : sequences) {
    const auto tokens = std::span(sequence).template subspan<1>();
    const auto again = encode(decode<TypeParam>(tokens));
    ASSERT_TRUE(std::equal(tokens.begin(), tokens.end(), again.begin(), again.end()));
  }
}

TEST(Generate, RefusesBadInput) {
  const Model model{RandomStream(1)};
  GptSampler sampler(model, 2);
  const auto message = [&](const std::vector<std::uint16_t>& prompt, const GenerateOptions& options = {}) {
    return gptnas_test::message_of([&] {
      Sequences prompts{{0}, {1}, prompt};
      generate(sampler, prompts, options, AnyTokens<6>(5));
    });
  };
  EXPECT_EQ(message({}), "tokens of a prompt is 0; expected 1 to 16");
  EXPECT_EQ(message({1, 2, 3}, {.max_tokens = 2}), "tokens of a prompt is 3; expected 1 to 2");
  EXPECT_EQ(message({1, 6}), "token of a prompt is 6; expected 0 to 5, the vocabulary");
  EXPECT_EQ(message({1, 5, 2}), "token of a prompt is 2; expected one that the grammar allows there");
  EXPECT_EQ(message({1}, {.max_tokens = 17}), "max_tokens of a sequence is 17; expected 0 to 16, the context and 1");
  EXPECT_EQ(message({1}, {.sampling = {.top_p = 2}}), "SamplingOptions::top_p is 2; expected in (0, 1]");
}

}  // namespace generate_test
