#include <gptnas/gpt/log_likelihood.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <gptnas/core/standard_normal.hpp>

#include "../message_of.hpp"

namespace log_likelihood_test {

using namespace gptnas;
using Size = GptSize<5, 12, 24, 2, 3>;
using Sequences = std::vector<std::vector<std::uint16_t>>;

template <class Scalar>
class LogLikelihood : public testing::Test {
 protected:
  using Model = Gpt<Size, EigenBackend<Scalar>>;

  LogLikelihood() {
    RandomStream random(3);
    std::vector<Scalar> parameters(Size::parameters);
    for (Scalar& value : parameters) value = static_cast<Scalar>(0.3 * standard_normal(random));
    model_.set_parameters(parameters);
    for (std::size_t i = 0; i < 40; ++i) {
      sequences_.emplace_back(1 + random.below(13));
      for (auto& token : sequences_.back()) token = static_cast<std::uint16_t>(random.below(5));
    }
  }

  Model model_{RandomStream(1)};
  Sequences sequences_;
};

using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(LogLikelihood, Scalars);

TYPED_TEST(LogLikelihood, IsThatOfTheLogitsInTraining) {
  GptSampler sampler(this->model_, 7);
  const auto actual = log_likelihoods(sampler, this->sequences_);
  typename TestFixture::Model::Activations activations(12);
  for (std::size_t i = 0; i < this->sequences_.size(); ++i) {
    const auto& sequence = this->sequences_[i];
    double expected = 0;
    if (sequence.size() > 1) {
      TokenBatch<Size> batch(12);
      batch.add(sequence);
      this->model_.forward(batch, activations);
      std::vector<TypeParam> logits(batch.rows() * 5);
      this->model_.backend().read(activations.at(activations.logits, batch.rows()), std::span(logits));
      for (std::size_t t = 0; t + 1 < sequence.size(); ++t) {
        double total = 0;
        for (std::size_t token = 0; token < 5; ++token) total += std::exp(static_cast<double>(logits[t * 5 + token]));
        expected += static_cast<double>(logits[t * 5 + sequence[t + 1]]) - std::log(total);
      }
    }
    EXPECT_NEAR(actual[i], expected, sizeof(TypeParam) == 4 ? 1e-5 : 1e-12) << "sequence " << i;
  }
}

TYPED_TEST(LogLikelihood, HasTheSameBitsForAnyNumberOfRows) {
  GptSampler alone(this->model_);
  const auto expected = log_likelihoods(alone, this->sequences_);
  for (const std::size_t rows : {2u, 7u, 40u, 64u}) {
    GptSampler sampler(this->model_, rows);
    EXPECT_EQ(log_likelihoods(sampler, this->sequences_), expected) << rows << " rows";
  }
}

TYPED_TEST(LogLikelihood, SumsToOneOverAllSequences) {
  Sequences all;
  for (std::uint16_t number = 0; number < 625; ++number) {
    const auto digit = [&](int place) { return static_cast<std::uint16_t>(number / place % 5); };
    all.push_back({2, digit(1), digit(5), digit(25), digit(125)});
  }
  GptSampler sampler(this->model_, 32);
  double sum = 0;
  for (const double value : log_likelihoods(sampler, all)) sum += std::exp(value);
  EXPECT_NEAR(sum, 1, sizeof(TypeParam) == 4 ? 1e-5 : 1e-12);
}

TYPED_TEST(LogLikelihood, RefusesBadInput) {
  GptSampler sampler(this->model_, 2);
  const auto message = [&](const std::vector<std::uint16_t>& sequence) {
    return gptnas_test::message_of([&] { log_likelihoods(sampler, Sequences{{0, 1}, sequence}); });
  };
  EXPECT_EQ(message({}), "log_likelihoods: tokens of a sequence is 0; expected 1 to 13");
  EXPECT_EQ(message(std::vector<std::uint16_t>(14)), "log_likelihoods: tokens of a sequence is 14; expected 1 to 13");
  EXPECT_EQ(message({0, 5}), "log_likelihoods: token is 5; expected 0 to 4, the vocabulary");
  EXPECT_TRUE(log_likelihoods(sampler, Sequences{}).empty());
  EXPECT_EQ(log_likelihoods(sampler, Sequences{{4}}), std::vector<double>{0});
}

}  // namespace log_likelihood_test
