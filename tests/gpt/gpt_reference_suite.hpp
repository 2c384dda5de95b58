// The whole model against PyTorch, for any backend: tests/reference/gpt.py wrote the numbers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gptnas/gpt/gpt_fitter.hpp>

#include "gpt_reference.hpp"

namespace gptnas_test {

using namespace gptnas;

/// A backend and one of the models that PyTorch has computed.
template <class Machine, class Described>
struct GptCase {
  using Backend = Machine;
  using Reference = Described;
};

template <class Backends>
struct GptCases;
template <class... Machine>
struct GptCases<testing::Types<Machine...>> {
  using Type =
      testing::Types<GptCase<Machine, SmallGpt>..., GptCase<Machine, ShallowGpt>..., GptCase<Machine, DeepGpt>...>;
};

/// What the tests have to know of a backend.
template <class Machine>
struct GptTested {
  /// Why it cannot be used here, as a sentence; empty if it can.
  static std::string problem() { return ""; }
  /// What an element may differ by, relative to the largest magnitude of its tensor.
  static constexpr double tolerance = sizeof(typename Machine::Scalar) == 4 ? 1e-5 : 1e-12;
};

template <class Which>
class GptReference : public testing::Test {
 protected:
  using Size = typename Which::Reference::Size;
  using Scalar = typename Which::Backend::Scalar;
  using Model = Gpt<Size, typename Which::Backend>;

  void SetUp() override {
    const std::string problem = GptTested<typename Which::Backend>::problem();
    if (!problem.empty()) GTEST_SKIP() << problem;
    std::vector<Scalar> parameters(Size::parameters);
    for (const NamedTensor& tensor : Model::tensors()) {
      const auto& values = tensors_.at("parameter." + tensor.name);
      for (std::size_t i = 0; i < tensor.size; ++i) parameters[tensor.offset + i] = static_cast<Scalar>(values.at(i));
    }
    model_.emplace(RandomStream(1));
    model_->set_parameters(parameters);
    for (int row = 0; row < 4; ++row) {
      const auto& sequence = tensors_.at("sequence." + std::to_string(row));
      batch_.add(std::vector<int>(sequence.begin(), sequence.end()));
    }
    batch_.ignore(Size::context + 1 + 3);  // the fourth target of the third sequence
  }

  /// Compares relative to the largest magnitude.
  void expect_close(const std::string& name, const std::vector<Scalar>& actual) const {
    const auto& expected = tensors_.at(name);
    ASSERT_EQ(expected.size(), actual.size()) << name;
    double largest = 0, worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      largest = std::max(largest, std::abs(expected[i]));
      worst = std::max(worst, std::abs(expected[i] - static_cast<double>(actual[i])));
    }
    EXPECT_LE(worst, largest * GptTested<typename Which::Backend>::tolerance) << name;
  }

  const std::map<std::string, std::vector<double>> tensors_ = gpt_reference(Which::Reference::file);
  std::optional<Model> model_;
  TokenBatch<Size> batch_{40};
};

TYPED_TEST_SUITE_P(GptReference);

TYPED_TEST_P(GptReference, LogitsLossAndEveryGradient) {
  const auto& backend = this->model_->backend();
  typename TestFixture::Model::Activations activations(40);
  this->model_->forward(this->batch_, activations);
  std::vector<typename TestFixture::Scalar> logits(this->batch_.rows() * TestFixture::Size::vocabulary), loss(1);
  backend.read(activations.at(activations.logits, this->batch_.rows()), std::span(logits));
  this->expect_close("logits", logits);

  typename TestFixture::Model::Array gradients(TestFixture::Size::parameters), loss_buffer(1);
  this->model_->loss(activations, loss_buffer);
  this->model_->backward(activations, gradients);
  backend.read(loss_buffer, std::span(loss));
  this->expect_close("loss", loss);
  for (const NamedTensor& tensor : TestFixture::Model::tensors()) {
    this->expect_close("gradient." + tensor.name, this->model_->named(gradients, tensor.name));
  }
}

TYPED_TEST_P(GptReference, TenTrainingLosses) {
  const double limit = this->tensors_.at("gradient_limit").at(0);
  GptFitter<typename TestFixture::Model> fitter(
      {.batch_size = 5, .optimizer = {.beta2 = 0.95, .weight_decay = 0.1, .gradient_limit = limit}});
  std::vector<typename TestFixture::Scalar> losses;
  for (int step = 0; step < 10; ++step) losses.push_back(fitter.step(*this->model_, this->batch_, 0.01));
  this->expect_close("losses", losses);
}

REGISTER_TYPED_TEST_SUITE_P(GptReference, LogitsLossAndEveryGradient, TenTrainingLosses);

}  // namespace gptnas_test
