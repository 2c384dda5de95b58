#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/log_likelihood.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace gpt_fitter_test {

using namespace gptnas;
using Size = GptSize<4, 16, 16, 2, 2>;
using Model = Gpt<Size>;
using Sequences = std::vector<std::vector<std::uint8_t>>;

TEST(GptFitter, LearnsAFewSequencesByHeart) {
  Model model{RandomStream(1)};
  GptFitter<Model> fitter({.batch_size = 4, .optimizer = {.weight_decay = 0}});
  RandomStream random(2);
  const Sequences sequences{{0, 1, 2, 3, 3, 1, 2}, {1, 0, 0, 2}, {2, 2, 1, 3, 0, 1, 0, 3, 2, 1, 1}, {3, 3}};
  const auto losses = fitter.fit(
      model, sequences, {.steps = 300, .learning_rate = {.peak = 1e-2, .warm_up_steps = 10, .last = 0}}, random);
  EXPECT_EQ(losses.size(), 300u);
  EXPECT_NEAR(losses.front(), std::log(4.0), 0.05);
  EXPECT_LT(losses.back(), 1e-2);
}

TEST(GptFitter, ReachesTheEntropyOfAMarkovSource) {
  // From token t to t with probability 0.7, to t + 1 with 0.2, to t + 2 with 0.1.
  const std::vector<double> next{0.7, 0.2, 0.1};
  const double entropy = -0.7 * std::log(0.7) - 0.2 * std::log(0.2) - 0.1 * std::log(0.1);
  RandomStream random(1);
  const auto draw = [&](std::size_t count) {
    Sequences sequences(count, std::vector<std::uint8_t>(17));
    for (auto& sequence : sequences) {
      for (std::size_t i = 1; i < sequence.size(); ++i) {
        const std::size_t step = random.categorical(std::span<const double>(next));
        sequence[i] = static_cast<std::uint8_t>((sequence[i - 1] + step) % 4);
      }
    }
    return sequences;
  };
  Model model{RandomStream(2)};
  GptFitter<Model> fitter({.batch_size = 32});
  fitter.fit(model, draw(20000), {.steps = 600, .learning_rate = {.peak = 1e-2, .warm_up_steps = 20, .last = 0}},
             random);
  EXPECT_NEAR(fitter.loss(model, draw(10000)), entropy, 0.01 * entropy);
}

TEST(GptFitter, SameSeedSameLosses) {
  const Sequences sequences{{0, 1, 2}, {1, 0, 0, 2}, {2, 2}};
  const auto losses = [&](std::uint64_t seed) {
    Model model{RandomStream(1)};
    GptFitter<Model> fitter({.batch_size = 2});
    RandomStream random(seed);
    auto all = fitter.fit(model, sequences, {.steps = 5}, random);
    const auto more = fitter.fit(model, sequences, {.steps = 5}, random);
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  EXPECT_EQ(losses(1), losses(1));
  EXPECT_NE(losses(1), losses(2));
}

/// The losses of five steps on 19 sequences of 1 to 16 inputs, in double.
std::vector<double> losses_of(const GptFitterOptions& options) {
  RandomStream random(3);
  Sequences sequences(19);
  for (auto& sequence : sequences) {
    sequence.resize(2 + random.below(16));
    for (auto& token : sequence) token = static_cast<std::uint8_t>(random.below(4));
  }
  Gpt<Size, EigenBackend<double>> model{RandomStream(1)};
  GptFitter<Gpt<Size, EigenBackend<double>>> fitter(options);
  return fitter.fit(model, sequences, {.steps = 5}, random);
}

TEST(GptFitter, ThreadsChangeNoBit) {
  for (const double dropout : {0.0, 0.3}) {
    const auto expected = losses_of({.batch_size = 19, .shards = 5, .threads = 1, .dropout = dropout});
    for (const std::size_t threads : {2u, 3u, 16u}) {
      EXPECT_EQ(losses_of({.batch_size = 19, .shards = 5, .threads = threads, .dropout = dropout}), expected)
          << threads << " threads";
    }
  }
}

TEST(GptFitter, ShardsAndPassesChangeRoundingOnly) {
  for (const double dropout : {0.0, 0.3}) {
    const auto expected = losses_of({.batch_size = 19, .dropout = dropout});
    for (const std::size_t shards : {1u, 2u, 7u, 30u}) {
      for (const std::size_t pass_rows : {0u, 16u, 50u}) {
        const auto losses = losses_of({.batch_size = 19, .shards = shards, .pass_rows = pass_rows, .dropout = dropout});
        for (std::size_t step = 0; step < 5; ++step) {
          EXPECT_NEAR(losses[step], expected[step], 1e-12) << shards << " shards, passes of " << pass_rows << " rows";
        }
      }
    }
  }
}

TEST(GptFitter, DropoutIsOfTrainingAlone) {
  const Sequences sequences{{0, 1, 2, 3, 3, 1, 2}, {1, 0, 0, 2}};
  using DoubleModel = Gpt<Size, EigenBackend<double>>;
  for (const double dropout : {0.0, 0.3}) {
    DoubleModel model{RandomStream(1)};
    GptFitter<DoubleModel> fitter({.batch_size = 2, .dropout = dropout});
    const double loss = fitter.loss(model, sequences);
    RandomStream random(2);
    const auto losses = fitter.fit(model, sequences, {.steps = 2, .learning_rate = {.peak = 0}}, random);
    EXPECT_EQ(fitter.loss(model, sequences), loss);
    if (dropout == 0) {
      EXPECT_NEAR(losses[0], loss, 1e-12);
      EXPECT_NEAR(losses[1], loss, 1e-12);
    } else {  // each step drops other elements
      EXPECT_GT(std::abs(losses[0] - loss), 1e-6);
      EXPECT_GT(std::abs(losses[1] - losses[0]), 1e-6);
    }
  }
}

TEST(GptFitter, LossIsTheMeanOverTokens) {
  const Sequences sequences{{0, 1, 2, 3, 3, 1, 2}, {1, 0, 0, 2}, {2, 2}, {3, 3, 1}, {0, 0, 0}};
  using DoubleModel = Gpt<Size, EigenBackend<double>>;
  const DoubleModel model{RandomStream(1)};
  GptFitter<DoubleModel> fitter({.batch_size = 2, .shards = 2});
  GptSampler sampler(model);
  double sum = 0, tokens = 0;
  for (const double log_likelihood : log_likelihoods(sampler, sequences)) sum -= log_likelihood;
  for (const auto& sequence : sequences) tokens += static_cast<double>(sequence.size() - 1);
  EXPECT_NEAR(fitter.loss(model, sequences), sum / tokens, 1e-12);
  EXPECT_THROW(fitter.loss(model, Sequences{}), std::invalid_argument);
}

// Learns the tokens at even places only.
struct EveryOther : std::vector<std::uint8_t> {
  static bool is_target(std::size_t index) { return index % 2 == 0; }
};

TEST(GptFitter, LossIsTheMeanOverTargets) {
  const std::vector<EveryOther> sequences{{{0, 1, 2, 3, 3, 1, 2}}, {{1, 0, 0, 2}}, {{2, 2}}, {{3, 3, 1}}, {{0, 0, 0}}};
  using DoubleModel = Gpt<Size, EigenBackend<double>>;
  DoubleModel model{RandomStream(1)};
  GptFitter<DoubleModel> fitter({.batch_size = 2, .shards = 2});
  GptSampler sampler(model);
  double sum = 0, targets = 0;
  for (const EveryOther& sequence : sequences) {
    for (std::size_t i = 2; i < sequence.size(); i += 2) {  // each as the difference that it makes
      const auto end = sequence.begin() + static_cast<std::ptrdiff_t>(i);
      const Sequences longer{{sequence.begin(), end + 1}, {sequence.begin(), end}};
      const auto likelihoods = log_likelihoods(sampler, longer);
      sum -= likelihoods[0] - likelihoods[1];
      ++targets;
    }
  }
  EXPECT_NEAR(fitter.loss(model, sequences), sum / targets, 1e-12);

  RandomStream random(2);
  const std::vector<EveryOther> none{{{2, 2}}, {{1, 3}}};
  EXPECT_EQ(fitter.fit(model, none, {.steps = 1}, random)[0], 0);
  EXPECT_EQ(fitter.loss(model, none), 0);
}

TEST(GptFitter, EndsWithTheBestParametersOnValidation) {
  // What is learned contradicts the validation: its loss falls at first, as the rare tokens are unlearned, then rises.
  const Sequences sequences{{0, 1, 0, 1, 0, 1, 0, 1}}, validation{{0, 1, 1, 0, 0, 1, 1, 0}};
  Model model{RandomStream(1)};
  GptFitter<Model> fitter({.batch_size = 1});
  RandomStream random(1);
  std::vector<double> losses;
  std::size_t calls = 0;
  const auto on_step = [&](const FitProgress& progress) {
    EXPECT_EQ(progress.step, ++calls);
    EXPECT_EQ(progress.steps, 500u);
    EXPECT_EQ(progress.validation_loss.has_value(), progress.step % 5 == 0);
    if (progress.validation_loss) losses.push_back(*progress.validation_loss);
  };
  const auto done = fitter.fit(model, sequences, validation,
                               {.steps = 500, .learning_rate = {.peak = 1e-3}, .validation_interval = 5, .patience = 4},
                               random, on_step);
  EXPECT_EQ(done.size(), calls);
  EXPECT_LT(calls, 500u);
  const auto least = std::min_element(losses.begin(), losses.end());
  EXPECT_EQ(losses.end() - least, 5);  // and four that were no better
  EXPECT_LT(*least, losses.front());
  EXPECT_EQ(fitter.loss(model, validation), *least);
  EXPECT_NE(fitter.best_parameters(), nullptr);
  const FitOptions until_it_stalls{.steps = static_cast<std::size_t>(-1), .validation_interval = 1, .patience = 1};
  EXPECT_LT(fitter.fit(model, sequences, validation, until_it_stalls, random).size(), 500u);
  fitter.fit(model, sequences, {.steps = 1}, random);
  EXPECT_EQ(fitter.best_parameters(), nullptr) << "of a fit without validation there are none";
}

TEST(GptFitter, RefusesBadInput) {
  Model model{RandomStream(1)};
  GptFitter<Model> fitter;
  RandomStream random(1);
  const Sequences good{{0, 1}}, none, too_long{std::vector<std::uint8_t>(18)}, outside{{0, 4}};
  for (const Sequences& bad : {none, too_long, outside}) {
    EXPECT_THROW(fitter.fit(model, bad, {}, random), std::invalid_argument);
  }
  EXPECT_THROW(fitter.fit(model, good, {.learning_rate = {.peak = -1}}, random), std::invalid_argument);
  EXPECT_THROW(fitter.fit(model, good, {.learning_rate = {.last = 2}}, random), std::invalid_argument);
  EXPECT_THROW(fitter.fit(model, good, {.validation_interval = 0}, random), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.batch_size = 0}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.shards = 0}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.pass_rows = 15}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.dropout = 1}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.dropout = std::nan("")}), std::invalid_argument);
  TokenBatch<Size> batch(33 * 16);
  EXPECT_THROW(fitter.step(model, batch, 1e-3), std::invalid_argument);
  for (int sequence = 0; sequence < 33; ++sequence) batch.add(std::vector<std::uint8_t>(17));
  EXPECT_THROW(fitter.step(model, batch, 1e-3), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.beta1 = 1}}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.beta2 = -0.1}}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.epsilon = 0}}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.weight_decay = -1}}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.weight_decay = HUGE_VAL}}), std::invalid_argument);
  // As double they were right; a float rounds them to 1, to 0 and to infinity.
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.beta2 = 1 - 1e-9}}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.epsilon = 1e-50}}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.epsilon = 1e39}}), std::invalid_argument);
  EXPECT_THROW(GptFitter<Model>({.optimizer = {.weight_decay = 1e39}}), std::invalid_argument);
  for (const double limit : {-1.0, 1e-50, std::nan("")}) {
    EXPECT_THROW(GptFitter<Model>({.optimizer = {.gradient_limit = limit}}), std::invalid_argument);
  }
}

TEST(LearningRate, WarmsUpThenFollowsACosine) {
  const LearningRate rate{.peak = 2, .warm_up_steps = 3, .last = 0.5};
  EXPECT_DOUBLE_EQ(rate.at(0, 13), 0.5);
  EXPECT_DOUBLE_EQ(rate.at(2, 13), 1.5);
  EXPECT_DOUBLE_EQ(rate.at(3, 13), 2);
  EXPECT_DOUBLE_EQ(rate.at(8, 13), 1.5);
  EXPECT_NEAR(rate.at(13, 13), 1, 1e-15);
  EXPECT_DOUBLE_EQ(LearningRate{.peak = 2}.at(7, 10), 2);
}

}  // namespace gpt_fitter_test
