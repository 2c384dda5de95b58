// The whole model on the GPU against PyTorch and against the processor.
#include <gptnas/cuda/cublas_backend.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gptnas/gpt/generate.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/log_likelihood.hpp>

#include "../gpt/gpt_reference_suite.hpp"
#include "cublas_backends.hpp"

namespace gptnas_test {

template <CublasPrecision Precision>
struct GptTested<CublasBackend<Precision>> {
  static std::string problem() { return find_cuda_device().problem; }
  static constexpr double tolerance = model_tolerance<CublasBackend<Precision>>;
  static constexpr const char* precision = Precision == CublasPrecision::fp32   ? "fp32"
                                           : Precision == CublasPrecision::tf32 ? "tf32"
                                                                                : "bf16";
};

INSTANTIATE_TYPED_TEST_SUITE_P(Cublas, GptReference, GptCases<CublasBackends>::Type);

namespace {

using Size = GptSize<23, 12, 24, 2, 3>;
using Machine = CublasBackend<>;
using Model = Gpt<Size, Machine>;

class CublasGpt : public CudaTest {
 protected:
  static TokenBatch<Size> batch() {
    TokenBatch<Size> batch(100);
    RandomStream random(3);
    for (std::size_t length = 2; length <= Size::context + 1; ++length) {
      std::vector<int> sequence(length);
      for (int& token : sequence) token = static_cast<int>(random.below(Size::vocabulary));
      batch.add(sequence);
    }
    return batch;
  }
};

template <class Model>
std::vector<float> gradients_of(const Model& model, const TokenBatch<Size>& batch, const GptDropout& dropout) {
  typename Model::Activations activations(batch.rows());
  typename Model::Array gradients(Size::parameters), loss(1);
  model.forward(batch, activations, dropout);
  model.loss(activations, loss);
  model.backward(activations, gradients);
  std::vector<typename Model::Scalar> values(Size::parameters);
  model.backend().read(gradients.slice(0, Size::parameters), std::span(values));
  return std::vector<float>(values.begin(), values.end());
}

TEST_F(CublasGpt, LearnsAsTheProcessorUnderDropout) {
  const GptDropout dropout{.rate = 0.3, .seed = 5, .step = 7};
  const auto expected = gradients_of(Gpt<Size, EigenBackend<double>>{RandomStream(1)}, batch(), dropout);
  const auto actual = gradients_of(Model{RandomStream(1)}, batch(), dropout);
  float largest = 0;
  for (const float value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(expected[i], actual[i], 1e-5f * largest) << i;
}

TEST_F(CublasGpt, TheSameArgumentsGiveTheSameBits) {
  const GptDropout dropout{.rate = 0.3, .seed = 5, .step = 7};
  const Model model{RandomStream(1)};
  const auto first = gradients_of(model, batch(), dropout);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(first, gradients_of(model, batch(), dropout));
}

TEST_F(CublasGpt, IsAValue) {
  const Model model{RandomStream(1)};
  Model copy = model;
  copy.set_parameters(std::vector<float>(Size::parameters, 1));
  EXPECT_EQ(model.parameter("ln_f.bias"), std::vector<float>(Size::width, 0));
  EXPECT_EQ(copy.parameter("ln_f.bias"), std::vector<float>(Size::width, 1));
}

TEST_F(CublasGpt, WeighsSequencesAsTheProcessor) {
  std::vector<std::vector<int>> sequences;
  RandomStream random(2);
  for (std::size_t length = 1; length <= Size::context + 1; ++length) {
    sequences.emplace_back(length);
    for (int& token : sequences.back()) token = static_cast<int>(random.below(Size::vocabulary));
  }
  const Gpt<Size> oracle{RandomStream(1)};
  const Model model{RandomStream(1)};
  GptSampler oracle_sampler(oracle);
  GptSampler one(model), three(model, 3);
  const auto expected = log_likelihoods(oracle_sampler, sequences), alone = log_likelihoods(one, sequences);
  EXPECT_EQ(alone, log_likelihoods(three, sequences));  // rows share no sum
  for (std::size_t i = 0; i < sequences.size(); ++i) EXPECT_NEAR(expected[i], alone[i], 1e-4) << i;
}

TEST_F(CublasGpt, GeneratesTheSameSequencesForAnyNumberOfRows) {
  const Model model{RandomStream(1)};
  const auto generated = [&](std::size_t rows) {
    std::vector<std::vector<int>> sequences(6, {0});
    GptSampler sampler(model, rows);
    generate(sampler, sequences, {.seed = 4});
    return sequences;
  };
  const auto alone = generated(1);
  EXPECT_EQ(alone, generated(4));
  EXPECT_EQ(alone, generated(8));
  EXPECT_NE(alone[0], alone[1]);
}

}  // namespace

}  // namespace gptnas_test
