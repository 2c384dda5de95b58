#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <vector>

#include <gptnas/core/standard_normal.hpp>

#include "../message_of.hpp"

namespace gpt_sampler_test {

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
    for (Scalar& value : parameters) value = static_cast<Scalar>(0.2 * standard_normal(random));
    model_.set_parameters(parameters);
    for (auto& token : sequence_) token = random.below(9);
  }

  std::vector<Scalar> full_logits() const {
    TokenBatch<Size> batch(20);
    batch.add(sequence_);
    typename Model::Activations activations(20);
    model_.forward(batch, activations);
    std::vector<Scalar> values(20 * 9);
    model_.backend().read(activations.at(activations.logits, batch.rows()), std::span(values));
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

TYPED_TEST(GptSamplerTest, RowsGoOnByThemselves) {
  GptSampler alone(this->model_), many(this->model_, 4);
  const auto bits_of = [&](std::size_t row) {
    const auto logits = many.logits(row);
    return std::vector<TypeParam>(logits.begin(), logits.end());
  };
  const auto expected = this->stepped_logits(alone);
  const auto expect_at = [&](std::size_t row, std::size_t position) {
    EXPECT_EQ(many.position(row), position + 1);
    EXPECT_TRUE(std::ranges::equal(bits_of(row), std::span(expected).subspan(position * 9, 9)));
  };
  const auto& tokens = this->sequence_;
  for (std::size_t i = 0; i < 5; ++i) many.push(Sequence{tokens[i], 1, tokens[i]});
  expect_at(2, 4);
  many.reset(0);
  for (std::size_t i = 5; i < 8; ++i) many.push(Sequence{tokens[i - 5], 2, tokens[i]});
  expect_at(0, 2);
  expect_at(2, 7);
  many.copy(1, 2);
  many.copy(2, 2);
  many.push(Sequence{tokens[3], tokens[8]});  // row 2 rests
  expect_at(0, 3);
  expect_at(1, 8);
  EXPECT_EQ(many.position(2), 8u);
  EXPECT_EQ(many.position(3), 0u);
  many.push(Sequence{tokens[4], tokens[9], tokens[8]});
  expect_at(1, 9);
  expect_at(2, 8);
}

// They may be computed late, but are those of what the row had then.
TYPED_TEST(GptSamplerTest, LogitsStayWhileARowRestsOrIsWrittenOver) {
  GptSampler alone(this->model_), many(this->model_, 4);
  const auto& tokens = this->sequence_;
  for (std::size_t i = 0; i < 4; ++i) {
    alone.push(tokens[i]);
    many.push(Sequence{tokens[i + 1], tokens[i + 2], tokens[i]});
  }
  many.push(Sequence{tokens[5]});
  EXPECT_TRUE(std::ranges::equal(alone.logits(), many.logits(2))) << "rows that rest";
  alone.push(tokens[4]);
  many.push(Sequence{tokens[6], tokens[6], tokens[4]});
  many.copy(2, 0);
  EXPECT_TRUE(std::ranges::equal(alone.logits(), many.logits(2))) << "a row that goes on from another one";
  many.push(Sequence{tokens[0], tokens[0], tokens[0]});
  EXPECT_TRUE(std::ranges::equal(many.logits(0), many.logits(2)));
}

// Widths whose rows lie on no whole lanes, too.
template <class Sizes>
class GptSamplerOfWidth : public testing::Test {};
using Widths = testing::Types<GptSize<7, 17, 21, 1, 3>, GptSize<5, 33, 40, 1, 5>, GptSize<33, 16, 6, 2, 1>,
                              GptSize<3, 5, 500, 1, 4>>;
TYPED_TEST_SUITE(GptSamplerOfWidth, Widths);

TYPED_TEST(GptSamplerOfWidth, GivesTheSameBitsInAnyBatchAndForAnyNumberOfThreads) {
  const Gpt<TypeParam> model{RandomStream(1)};
  GptSampler alone(model), many(model, 9), shared(model, 9, 4), seldom(model, 9, 4);
  RandomStream random(2);
  for (std::size_t i = 0; i < TypeParam::context; ++i) {
    Sequence tokens(9);
    for (auto& token : tokens) token = random.below(TypeParam::vocabulary);
    tokens[5] = tokens[2];
    alone.push(tokens[2]);
    many.push(tokens);
    shared.push(tokens);
    seldom.push(tokens);  // most of its logits are never read
    for (const std::size_t row : {2u, 5u}) {
      EXPECT_TRUE(std::ranges::equal(alone.logits(), many.logits(row))) << "position " << i;
    }
    for (std::size_t row = 0; row < 9; ++row) {
      EXPECT_TRUE(std::ranges::equal(shared.logits(row), many.logits(row))) << "position " << i;
      if (i % 3 != 1) continue;
      EXPECT_TRUE(std::ranges::equal(seldom.logits(row), many.logits(row))) << "position " << i;
    }
  }
}

TYPED_TEST(GptSamplerTest, RefusesBadInput) {
  GptSampler sampler(this->model_, 2);
  const auto message = [&](const Sequence& tokens) { return gptnas_test::message_of([&] { sampler.push(tokens); }); };
  EXPECT_EQ(message({0, 9}), "GptSampler::push: token is 9; expected 0 to 8, the vocabulary");
  EXPECT_EQ(message({}), "GptSampler::push: number of tokens is 0; expected 1 to 2");
  EXPECT_EQ(message({1, 2, 3}), "GptSampler::push: number of tokens is 3; expected 1 to 2");
  EXPECT_EQ(sampler.position(), 0u);
  for (std::size_t i = 0; i < 20; ++i) sampler.push(0);
  EXPECT_EQ(message({0}), "GptSampler::push: position is 20; expected below the context");
  EXPECT_EQ(gptnas_test::message_of([&] { GptSampler(this->model_, 0); }),
            "GptSampler: rows is 0; expected at least 1");
  EXPECT_EQ(gptnas_test::message_of([&] { GptSampler(this->model_, 1, 0); }),
            "ThreadTeam: threads is 0; expected at least 1");
}

}  // namespace gpt_sampler_test
