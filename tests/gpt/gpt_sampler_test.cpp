#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace {

using namespace gptnas;
using Size = GptSize<9, 20, 24, 2, 3>;
using Sequence = std::vector<std::size_t>;

template <class Scalar>
class GptSamplerTest : public testing::Test {
 protected:
  using Model = Gpt<Size, EigenBackend<Scalar>>;

  GptSamplerTest() {
    RandomStream random(3);
    std::vector<Scalar> parameters(Size::parameters);
    for (Scalar& value : parameters) value = static_cast<Scalar>(0.2 * random.normal());
    model_.set_parameters(parameters);
    for (auto& token : sequence_) token = random.below(9);
  }

  std::vector<Scalar> full_logits() const {
    TokenBatch<Size> batch(20);
    batch.add(sequence_);
    typename Model::Activations activations(20);
    model_.forward(batch, activations);
    std::vector<Scalar> values(20 * 9);
    model_.backend().read(activations.logits, std::span(values));
    return values;
  }

  /// Logits after each token but the last.
  std::vector<Scalar> stepped_logits(GptSampler<Model>& sampler) const {
    std::vector<Scalar> values;
    for (std::size_t i = 0; i < 20; ++i) {
      sampler.push(sequence_[i]);
      values.insert(values.end(), sampler.logits().begin(), sampler.logits().end());
    }
    return values;
  }

  static void expect_close(const std::vector<Scalar>& expected, const std::vector<Scalar>& actual) {
    ASSERT_EQ(expected.size(), actual.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(expected[i], actual[i], sizeof(Scalar) == 4 ? 1e-5 : 1e-13) << "element " << i;
    }
  }

  Model model_{RandomStream(1)};
  Sequence sequence_ = Sequence(21);
};

using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(GptSamplerTest, Scalars);

TYPED_TEST(GptSamplerTest, AgreesWithTheFullForwardPass) {
  GptSampler sampler(this->model_);
  this->expect_close(this->full_logits(), this->stepped_logits(sampler));
}

TYPED_TEST(GptSamplerTest, SeesWhatTheModelHasLearned) {
  GptSampler sampler(this->model_);
  const auto before = this->stepped_logits(sampler);
  GptFitter<typename TestFixture::Model> fitter;
  RandomStream random(1);
  fitter.fit(this->model_, std::vector<Sequence>{this->sequence_}, {.steps = 3}, random);
  sampler.reset();
  const auto after = this->stepped_logits(sampler);
  EXPECT_NE(before, after);
  this->expect_close(this->full_logits(), after);
}

TYPED_TEST(GptSamplerTest, GivesTheSameBitsInAnyBatch) {
  GptSampler alone(this->model_), many(this->model_, 5);
  for (std::size_t i = 0; i < 20; ++i) {
    alone.push(this->sequence_[i]);
    many.push(Sequence{i % 9, this->sequence_[i], 0, this->sequence_[i], 8});
    for (const std::size_t row : {1u, 3u}) {
      EXPECT_TRUE(std::ranges::equal(alone.logits(), many.logits(row))) << "position " << i;
    }
  }
}

TYPED_TEST(GptSamplerTest, LogLikelihoodIsTheLoss) {
  TokenBatch<Size> batch(20);
  batch.add(this->sequence_);
  typename TestFixture::Model::Activations activations(20);
  typename TestFixture::Model::Array gradients(Size::parameters), loss_buffer(1);
  this->model_.forward(batch, activations);
  this->model_.loss(batch, activations, loss_buffer);
  this->model_.backward(batch, activations, gradients);
  TypeParam loss{};
  this->model_.backend().read(loss_buffer, std::span(&loss, 1));
  GptSampler sampler(this->model_);
  sampler.push(3);
  EXPECT_NEAR(log_likelihood(sampler, this->sequence_), -20 * loss, sizeof(TypeParam) == 4 ? 1e-4 : 1e-12);
  EXPECT_EQ(log_likelihood(sampler, Sequence{4}), 0);
}

TYPED_TEST(GptSamplerTest, RefusesBadInput) {
  GptSampler sampler(this->model_);
  EXPECT_THROW(sampler.push(9), std::invalid_argument);
  EXPECT_THROW(sampler.push(Sequence{1, 2}), std::invalid_argument);
  EXPECT_EQ(sampler.position(), 0u);
  for (std::size_t i = 0; i < 20; ++i) sampler.push(0);
  EXPECT_THROW(sampler.push(0), std::invalid_argument);
  EXPECT_THROW(GptSampler(this->model_, 0), std::invalid_argument);
  EXPECT_THROW(log_likelihood(sampler, Sequence{}), std::invalid_argument);
  EXPECT_THROW(log_likelihood(sampler, Sequence(22)), std::invalid_argument);
  EXPECT_THROW(log_likelihood(sampler, Sequence{0, 9}), std::invalid_argument);
}

}  // namespace
