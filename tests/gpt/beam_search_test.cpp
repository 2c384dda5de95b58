#include <gptnas/gpt/beam_search.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include <gptnas/core/standard_normal.hpp>
#include <gptnas/genome/enumerate.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/gpt/generate.hpp>

#include "../genome/constrained_shapes.hpp"
#include "../message_of.hpp"

namespace beam_search_test {

using namespace gptnas;
using Size = GptSize<4, 10, 12, 2, 2>;
using Model = Gpt<Size>;
using Sequence = std::vector<std::uint16_t>;

constexpr std::uint16_t end_token = 3;

template <class Sizes = Size>
Gpt<Sizes> random_model(std::uint64_t seed) {
  Gpt<Sizes> model{RandomStream(1)};
  RandomStream random(seed);
  std::vector<float> parameters(Sizes::parameters);
  for (float& value : parameters) value = static_cast<float>(0.5 * standard_normal(random));
  model.set_parameters(parameters);
  return model;
}

double score(double log_likelihood, std::size_t length, double penalty) {
  return log_likelihood / std::pow(static_cast<double>(length), penalty);
}

/// All sequences of up to 6 tokens behind the prompt that have the end token at their end or, of 6, nowhere.
void add_sequences(Sequence& sequence, std::size_t size, std::vector<Sequence>& all) {
  if (sequence.size() == size || (sequence.size() > 2 && sequence.back() == end_token)) {
    all.push_back(sequence);
    return;
  }
  for (std::uint16_t token = 0; token < 4; ++token) {
    sequence.push_back(token);
    add_sequences(sequence, size, all);
    sequence.pop_back();
  }
}

// Knows the first two tokens; behind their mask lie bytes that are not zero.
struct TwoTokens {
  std::array<bool, 4> bytes = {true, true, true, true};
  std::span<const bool> legal() const { return std::span(bytes).first(2); }
  bool complete() const { return false; }
  void push(std::size_t) {}
};

TEST(BeamSearch, FindsNoTokenThatTheGrammarDoesNotKnow) {
  const Model model = random_model(1);
  GptSampler sampler(model, 4);
  const auto beams = beam_search(sampler, Sequence{0}, {.width = 4}, TwoTokens{});
  ASSERT_EQ(beams.size(), 4u);
  for (const auto& beam : beams) EXPECT_LT(*std::max_element(beam.tokens.begin(), beam.tokens.end()), 2);
}

TEST(BeamSearch, AsWideAsEverythingFindsTheBest) {
  std::vector<Sequence> all;
  Sequence prompt{1, 2};
  add_sequences(prompt, 6, all);
  ASSERT_EQ(all.size(), 1 + 3 + 9 + 27 * 4u);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Model model = random_model(seed);
    GptSampler sampler(model, all.size());
    const auto likelihoods = log_likelihoods(sampler, all);
    const double before = log_likelihoods(sampler, std::vector<Sequence>{prompt})[0];
    for (const double penalty : {0.0, 1.0, -0.5}) {
      std::vector<double> scores;
      for (std::size_t i = 0; i < all.size(); ++i) {
        scores.push_back(score(likelihoods[i] - before, all[i].size() - 2, penalty));
      }
      std::vector<std::size_t> order(all.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
      const auto beams = beam_search(sampler, prompt, {.width = all.size(), .length_penalty = penalty, .max_tokens = 6},
                                     AnyTokens<4>(end_token));
      ASSERT_EQ(beams.size(), all.size());
      for (std::size_t i = 0; i < beams.size(); ++i) {
        EXPECT_EQ(beams[i].tokens, all[order[i]]) << "seed " << seed << ", place " << i;
        EXPECT_NEAR(beams[i].log_likelihood, likelihoods[order[i]] - before, 1e-12);
      }
    }
  }
}

TEST(BeamSearch, OfAnyWidthFindsNoMoreThanThereIs) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Model model = random_model(seed);
    GptSampler sampler(model, 4 * 4 * 4 * 4);
    const Sequence prompt{0};
    const auto best = [&](std::size_t width) {
      const auto beams = beam_search(sampler, prompt, {.width = width, .max_tokens = 5});
      EXPECT_EQ(beams.size(), std::min<std::size_t>(width, 256));
      EXPECT_TRUE(std::ranges::is_sorted(beams, {}, [](const auto& beam) { return -beam.log_likelihood; }));
      std::vector<Sequence> found;
      for (const auto& beam : beams) found.push_back(beam.tokens);
      const auto likelihoods = log_likelihoods(sampler, found);
      for (std::size_t i = 0; i < beams.size(); ++i) EXPECT_NEAR(beams[i].log_likelihood, likelihoods[i], 1e-12);
      std::ranges::sort(found);
      EXPECT_TRUE(std::ranges::adjacent_find(found) == found.end());
      return beams[0].log_likelihood;
    };
    const double most = best(256);
    for (const std::size_t width : {1u, 2u, 3u, 5u, 16u, 64u}) EXPECT_LE(best(width), most + 1e-12) << width;
  }
}

TEST(BeamSearch, OfWidthOneIsGreedy) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Model model = random_model(seed);
    GptSampler sampler(model);
    const AnyTokens<4> grammar(end_token);
    std::vector<Sequence> sequences{{2, 1}};
    generate(sampler, sequences, {.sampling = {.temperature = 0}}, grammar);
    const auto beams = beam_search(sampler, Sequence{2, 1}, {.width = 1}, grammar);
    ASSERT_EQ(beams.size(), 1u);
    EXPECT_EQ(beams[0].tokens, sequences[0]);
  }
}

TEST(BeamSearch, DoesNotDependOnTheSampler) {
  const Model model = random_model(1);
  GptSampler exact(model, 5), larger(model, 30);
  larger.push(1);
  const auto expected = beam_search(exact, Sequence{0}, {.width = 5}, AnyTokens<4>(end_token));
  for (int repeat = 0; repeat < 2; ++repeat) {
    const auto beams = beam_search(larger, Sequence{0}, {.width = 5}, AnyTokens<4>(end_token));
    ASSERT_EQ(beams.size(), expected.size());
    for (std::size_t i = 0; i < beams.size(); ++i) {
      EXPECT_EQ(beams[i].tokens, expected[i].tokens);
      EXPECT_EQ(beams[i].log_likelihood, expected[i].log_likelihood);
    }
  }
}

TEST(BeamSearch, KeepsToTheGrammar) {
  using Genome = shapes::Balanced;
  using Sizes = GptSize<vocabulary_size<Genome>, Layout<Genome>::max_tokens, 8, 1, 2>;
  const auto model = random_model<Sizes>(3);
  std::vector<Sequence> all;
  for_each_genome<Genome>([&](const Genome& genome) {
    Sequence sequence{start_token};
    for (const Token token : encode(genome)) sequence.push_back(token);
    all.push_back(sequence);
  });
  GptSampler sampler(model, 600);
  ASSERT_LE(all.size(), 600u);
  const auto likelihoods = log_likelihoods(sampler, all);
  const auto best = std::ranges::max_element(likelihoods) - likelihoods.begin();
  const auto beams = beam_search(sampler, Sequence{start_token}, {.width = 600}, Prefix<Genome>());
  EXPECT_EQ(beams.size(), all.size());
  EXPECT_EQ(beams[0].tokens, all[static_cast<std::size_t>(best)]);
  for (const auto& beam : beam_search(sampler, Sequence{start_token}, {.width = 7}, Prefix<Genome>())) {
    EXPECT_NE(std::ranges::find(all, beam.tokens), all.end());
  }
}

TEST(BeamSearch, RefusesBadInput) {
  const Model model{RandomStream(1)};
  GptSampler sampler(model, 4);
  const auto message = [&](const Sequence& prompt, const BeamSearchOptions& options) {
    return gptnas_test::message_of([&] { beam_search(sampler, prompt, options, AnyTokens<4>(end_token)); });
  };
  EXPECT_EQ(message({0}, {.width = 0}), "beam_search: width is 0; expected 1 to 4, the rows of the sampler");
  EXPECT_EQ(message({0}, {.width = 5}), "beam_search: width is 5; expected 1 to 4, the rows of the sampler");
  EXPECT_EQ(message({0}, {.length_penalty = std::nan("")}), "beam_search: length_penalty is nan; expected finite");
  EXPECT_EQ(message({0}, {.max_tokens = 12}), "max_tokens of a sequence is 12; expected 0 to 11, the context and 1");
  EXPECT_EQ(message({}, {}), "tokens of a prompt is 0; expected 1 to 11");
  EXPECT_EQ(message({0, 4}, {}), "token of a prompt is 4; expected 0 to 3, the vocabulary");
  EXPECT_EQ(message({0, 3, 1}, {}), "token of a prompt is 1; expected one that the grammar allows there");
  const auto beams = beam_search(sampler, Sequence{0, 3}, {}, AnyTokens<4>(end_token));
  ASSERT_EQ(beams.size(), 1u);
  EXPECT_EQ(beams[0].tokens, (Sequence{0, 3}));
  EXPECT_EQ(beams[0].log_likelihood, 0);
}

}  // namespace beam_search_test
