#include <gptnas/gpt/gpt.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gptnas/core/standard_normal.hpp>

#include "../message_of.hpp"

namespace gpt_test {

using namespace gptnas;
using gptnas_test::message_of;
using Size = GptSize<7, 6, 8, 2, 2>;
using Model = Gpt<Size, EigenBackend<double>>;
using Sequence = std::vector<int>;

TokenBatch<Size> batch_of(const std::vector<Sequence>& sequences) {
  TokenBatch<Size> batch(16);
  for (const Sequence& sequence : sequences) batch.add(sequence);
  return batch;
}

std::vector<double> logits(const Model& model, const TokenBatch<Size>& batch) {
  Model::Activations activations(batch.rows());
  model.forward(batch, activations);
  std::vector<double> values(batch.rows() * 7);
  model.backend().read(activations.at(activations.logits, batch.rows()), std::span(values));
  return values;
}

std::vector<double> all_parameters(const Model& model) {
  std::vector<double> values(Size::parameters);
  model.backend().read(model.parameters(), std::span(values));
  return values;
}

double loss(const Model& model, const TokenBatch<Size>& batch, Model::Array& gradients,
            const GptDropout& dropout = {}) {
  Model::Activations activations(batch.rows());
  Model::Array loss(1);
  model.forward(batch, activations, dropout);
  model.loss(activations, loss);
  model.backward(activations, gradients);
  double value = 0;
  model.backend().read(loss, std::span(&value, 1));
  return value;
}

void expect_gradients(const GptDropout& dropout) {
  Model model{RandomStream(1)};
  std::vector<double> parameters = all_parameters(model);
  RandomStream random(2);
  for (double& value : parameters)
    value += 0.3 * standard_normal(random);  // far from where everything is nearly linear
  model.set_parameters(parameters);
  const auto batch = batch_of({{0, 1, 2, 3, 4, 5, 6}, {6, 0, 6}});
  Model::Array gradients(Size::parameters), ignored(Size::parameters);
  loss(model, batch, gradients, dropout);
  for (const NamedTensor& tensor : Model::tensors()) {
    const std::vector<double> gradient = model.named(gradients, tensor.name);
    for (std::size_t i = 0; i < tensor.size; ++i) {
      constexpr double step = 1e-5;
      double& parameter = parameters[tensor.offset + i];
      const double value = parameter;
      parameter = value + step;
      model.set_parameters(parameters);
      const double above = loss(model, batch, ignored, dropout);
      parameter = value - step;
      model.set_parameters(parameters);
      const double below = loss(model, batch, ignored, dropout);
      parameter = value;
      ASSERT_NEAR(gradient[i], (above - below) / (2 * step), 1e-8) << tensor.name << " element " << i;
    }
  }
}

TEST(Gpt, EveryGradientAgreesWithFiniteDifferences) { expect_gradients({}); }

TEST(Gpt, EveryGradientAgreesWithFiniteDifferencesUnderDropout) {
  expect_gradients({.rate = 0.3, .seed = 5, .step = 7});
}

TEST(Gpt, DropoutDependsOnSeedAndStep) {
  const Model model{RandomStream(1)};
  const auto batch = batch_of({{0, 1, 2, 3, 4, 5, 6}, {6, 0, 6}});
  Model::Array ignored(Size::parameters);
  const auto loss_of = [&](const GptDropout& dropout) { return loss(model, batch, ignored, dropout); };
  EXPECT_EQ(loss_of({.rate = 0.3, .seed = 5, .step = 7}), loss_of({.rate = 0.3, .seed = 5, .step = 7}));
  const double other_seed = loss_of({.rate = 0.3, .seed = 5 + (std::uint64_t{1} << 32), .step = 7});
  EXPECT_NE(loss_of({.rate = 0.3, .seed = 5, .step = 7}), other_seed);
  EXPECT_NE(loss_of({.rate = 0.3, .seed = 5, .step = 7}), loss_of({.rate = 0.3, .seed = 5, .step = 8}));
  EXPECT_EQ(loss_of({.rate = 0, .seed = 5, .step = 7}), loss_of({}));
  EXPECT_EQ(message_of([&] { loss_of({.rate = 1}); }), "GptDropout::rate is 1; expected in [0, 1)");
}

TEST(Gpt, LaterTokensDoNotChangeEarlierLogits) {
  const Model model{RandomStream(1)};
  const auto before = logits(model, batch_of({{1, 2, 3, 4, 5, 6}})),
             after = logits(model, batch_of({{1, 2, 3, 0, 5, 6}}));
  for (std::size_t i = 0; i < 3 * 7; ++i) EXPECT_EQ(before[i], after[i]);
  for (std::size_t row = 3; row < 5; ++row) EXPECT_NE(before[row * 7], after[row * 7]);
}

TEST(Gpt, SequencesInABatchDoNotSeeEachOther) {
  const Model model{RandomStream(1)};
  const auto together = logits(model, batch_of({{1, 2, 3}, {4, 5, 6, 0}}));
  const auto alone = logits(model, batch_of({{4, 5, 6, 0}}));
  for (std::size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(together[2 * 7 + i], alone[i], 1e-14);
}

TEST(Gpt, ParametersHaveTheNamesShapesAndNumbersOfGpt2) {
  std::set<std::string> names;
  std::size_t next = 0;
  for (const NamedTensor& tensor : Model::tensors()) {
    EXPECT_TRUE(names.insert(tensor.name).second);
    EXPECT_EQ(tensor.offset, next);
    EXPECT_EQ(tensor.shape.size() == 2, tensor.offset < Size::matrix_parameters) << tensor.name;
    next += tensor.size;
    if (tensor.name == "h.1.attn.c_attn.weight") {
      EXPECT_EQ(tensor.shape, (std::vector<std::size_t>{8, 24}));
    } else if (tensor.name == "h.0.mlp.c_fc.bias") {
      EXPECT_EQ(tensor.shape, (std::vector<std::size_t>{32}));
    }
  }
  EXPECT_EQ(next, Size::parameters);
  EXPECT_EQ(names.size(), 4u + 12 * 2);
  EXPECT_EQ((GptSize<50257, 1024, 768, 12, 12>::parameters), 124439808u);  // GPT-2 small, as published
}

TEST(Gpt, StartsAsGpt2) {
  const Gpt<GptSize<64, 64, 64, 2, 4>> model{RandomStream(1)};
  const auto deviation = [&](const char* name) {
    double squares = 0;
    const auto values = model.parameter(name);
    for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
    return std::sqrt(squares / static_cast<double>(values.size()));
  };
  EXPECT_NEAR(deviation("wte.weight"), 0.02, 0.001);
  EXPECT_NEAR(deviation("h.1.attn.c_attn.weight"), 0.02, 0.001);
  EXPECT_NEAR(deviation("h.0.attn.c_proj.weight"), 0.01, 0.0005);
  EXPECT_NEAR(deviation("h.1.mlp.c_proj.weight"), 0.01, 0.0005);
  EXPECT_EQ(model.parameter("h.0.ln_1.weight"), std::vector<float>(64, 1));
  EXPECT_EQ(model.parameter("h.0.attn.c_attn.bias"), std::vector<float>(3 * 64, 0));
}

TEST(Gpt, IsAValue) {
  const Model model{RandomStream(1)}, same{RandomStream(1)}, other{RandomStream(2)};
  EXPECT_EQ(all_parameters(model), all_parameters(same));
  EXPECT_NE(all_parameters(model), all_parameters(other));
  Model copy = model;
  copy.set_parameters(all_parameters(other));
  EXPECT_EQ(all_parameters(model), all_parameters(same));
  EXPECT_EQ(all_parameters(copy), all_parameters(other));
}

TEST(Gpt, RefusesBadInput) {
  Model model{RandomStream(1)};
  Model::Activations activations(2);
  TokenBatch<Size> batch(8);
  EXPECT_EQ(message_of([&] {
              batch.add(Sequence{1, 7});
            }),
            "TokenBatch::add: token is 7; expected 0 to 6, the vocabulary");
  EXPECT_EQ(message_of([&] {
              batch.add(Sequence{-1, 2});
            }),
            "TokenBatch::add: token is -1; expected 0 to 6, the vocabulary");
  EXPECT_EQ(message_of([&] { batch.add(Sequence{1}); }),
            "TokenBatch::add: tokens of the sequence is 1; expected 2 to 7");
  EXPECT_EQ(message_of([&] { batch.add(Sequence(8)); }),
            "TokenBatch::add: tokens of the sequence is 8; expected 2 to 7");
  EXPECT_EQ(batch.rows(), 0u);
  EXPECT_EQ(message_of([&] { model.forward(batch, activations); }),
            "Gpt::forward: rows of the batch is 0; expected 1 to 2");
  batch.add(Sequence{1, 2, 3, 4});
  EXPECT_EQ(message_of([&] { model.forward(batch, activations); }),
            "Gpt::forward: rows of the batch is 3; expected 1 to 2");
  EXPECT_THROW(model.parameter("h.2.ln_1.weight"), std::invalid_argument);
  EXPECT_THROW(model.set_parameters(std::vector<double>(3)), std::invalid_argument);
}

}  // namespace gpt_test
