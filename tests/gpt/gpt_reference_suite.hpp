// The whole model against PyTorch, for any backend: tests/reference/gpt.py wrote the numbers.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
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
  /// By what name the files have PyTorch's errors in the same precision; double is what they are relative to.
  static constexpr const char* precision = sizeof(typename Machine::Scalar) == 4 ? "fp32" : nullptr;
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

  /// Compares the error of some values together, in the Euclidean norm, with PyTorch's in the same precision.
  void expect_precise(const std::string& what, const std::vector<double>& expected,
                      const std::vector<Scalar>& actual) const {
    constexpr const char* precision = GptTested<typename Which::Backend>::precision;
    if (precision == nullptr) return;
    ASSERT_EQ(expected.size(), actual.size()) << what;
    double squares = 0, squared_errors = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      squares += expected[i] * expected[i];
      squared_errors += std::pow(expected[i] - static_cast<double>(actual[i]), 2);
    }
    const double peer = tensors_.at("error." + std::string(precision) + "." + what).at(0);
    // A loss whose last bit alone is wrong is as good as a right one.
    EXPECT_LE(std::sqrt(squared_errors / squares), std::max<double>(2 * peer, std::numeric_limits<Scalar>::epsilon()))
        << what;
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
  this->expect_precise("logits", this->tensors_.at("logits"), logits);

  typename TestFixture::Model::Array gradients(TestFixture::Size::parameters), loss_buffer(1);
  this->model_->loss(activations, loss_buffer);
  this->model_->backward(activations, gradients);
  backend.read(loss_buffer, std::span(loss));
  this->expect_close("loss", loss);
  std::vector<double> expected;
  std::vector<typename TestFixture::Scalar> actual;
  for (const NamedTensor& tensor : TestFixture::Model::tensors()) {
    const std::string name = "gradient." + tensor.name;
    const auto gradient = this->model_->named(gradients, tensor.name);
    this->expect_close(name, gradient);
    actual.insert(actual.end(), gradient.begin(), gradient.end());
    const auto& reference = this->tensors_.at(name);
    expected.insert(expected.end(), reference.begin(), reference.end());
  }
  this->expect_precise("gradients", expected, actual);
}

TYPED_TEST_P(GptReference, TenTrainingLosses) {
  const double limit = this->tensors_.at("gradient_limit").at(0);
  GptFitter<typename TestFixture::Model> fitter(
      {.batch_size = 5, .optimizer = {.beta2 = 0.95, .weight_decay = 0.1, .gradient_limit = limit}});
  std::vector<typename TestFixture::Scalar> losses;
  for (int step = 0; step < 10; ++step) losses.push_back(fitter.step(*this->model_, this->batch_, 0.01));
  this->expect_close("losses", losses);
  this->expect_precise("losses", this->tensors_.at("losses"), losses);
}

REGISTER_TYPED_TEST_SUITE_P(GptReference, LogitsLossAndEveryGradient, TenTrainingLosses);

}  // namespace gptnas_test
