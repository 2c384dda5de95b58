#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/network/sgd.hpp>

namespace sgd_test {

gptnas::Network network() {
  gptnas::Network net{{1, 1, 2, 1}};
  net.set_output(net.linear(net.batch_norm(net.input()), {.features = 1}));
  return net;  // scale, shift, two weights, bias
}

TEST(Sgd, TakesTheStepsOfPyTorch) {
  // torch.optim.SGD([weights with weight_decay 0.1, others with 0], lr=0.5, momentum=0.9, nesterov=True), three steps
  std::vector<double> parameters{1, 2, 3, 4, 5};
  gptnas::Sgd<double> sgd(network(), {.momentum = 0.9, .weight_decay = 0.1});
  for (const double scale : {1.0, -2.0, 0.5}) {
    const std::vector<double> gradients{0.1 * scale, 0.2 * scale, 0.3 * scale, 0.4 * scale, 0.5 * scale};
    sgd.step(parameters, gradients, 0.5, 0, 3);  // in two parts
    sgd.step(parameters, gradients, 0.5, 3, 2);
  }
  const std::vector<double> expected{1.05155, 2.1031, 2.06955075, 2.759401, 5.25775};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(parameters[i], expected[i], 1e-9);
}

TEST(Sgd, RefusesWhatIsOutsideItsDomain) {
  EXPECT_THROW(gptnas::Sgd<float>(network(), {.momentum = 1}), std::invalid_argument);
  EXPECT_THROW(gptnas::Sgd<float>(network(), {.momentum = 1 - 1e-9}), std::invalid_argument);  // 1 as a float
  EXPECT_THROW(gptnas::Sgd<float>(network(), {.weight_decay = -1}), std::invalid_argument);
  EXPECT_THROW(gptnas::Sgd<float>(network(), {.weight_decay = std::numeric_limits<double>::infinity()}),
               std::invalid_argument);
}

TEST(InitialWeights, HaveTheVarianceOfHe) {
  gptnas::Network net{{8, 4, 4, 2}};
  const auto x = net.batch_norm(net.convolution(net.input(), {.channels = 64, .kernel = 5, .bias = true}));
  net.set_output(net.linear(net.global_average_pool(x), {.features = 2}));
  gptnas::RandomStream random(1);
  const auto weights = gptnas::initial_weights<double>(net, random);
  const std::size_t filters = 5 * 5 * 8 * 64;
  double mean = 0, variance = 0;
  for (std::size_t i = 0; i < filters; ++i) mean += weights.parameters[i] / static_cast<double>(filters);
  for (std::size_t i = 0; i < filters; ++i) {
    variance += (weights.parameters[i] - mean) * (weights.parameters[i] - mean) / static_cast<double>(filters);
  }
  EXPECT_NEAR(mean, 0, 0.005);
  EXPECT_NEAR(variance, 2.0 / 200, 0.0005);
  EXPECT_EQ(weights.parameters[filters], 0);           // bias
  EXPECT_EQ(weights.parameters[filters + 64], 1);      // scale
  EXPECT_EQ(weights.parameters[filters + 2 * 64], 0);  // shift
  ASSERT_EQ(weights.statistics.size(), 128u);
  EXPECT_EQ(weights.statistics[0], 0);
  EXPECT_EQ(weights.statistics[64], 1);
}

}  // namespace sgd_test
