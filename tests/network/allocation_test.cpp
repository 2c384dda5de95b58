// No training step allocates.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/network/engine.hpp>
#include <gptnas/network/layers/softmax_cross_entropy.hpp>
#include <gptnas/network/sgd.hpp>

#include "../allocations.hpp"

#if defined(GPTNAS_COUNTS_ALLOCATIONS)

namespace allocation_test {

using namespace gptnas;
using gptnas_test::allocations;

TEST(Allocation, NoneInATrainingStep) {
  Network net{{1, 12, 12, 10}};
  auto x = net.relu(net.batch_norm(net.convolution(net.input(), {.channels = 16})));
  x = net.relu(net.batch_norm(net.convolution(x, {.channels = 16, .kernel = 3, .groups = 16})));
  x = net.add(net.max_pool(x, {.stride = 2}), net.convolution(x, {.channels = 16, .kernel = 1, .stride = 2}));
  x = net.concatenate({net.average_pool(x, {}), net.relu(x)});
  x = net.channel_shuffle(net.swish(net.convolution(x, {.channels = 32, .dilation = 2})), {.groups = 2});
  x = net.multiply(x, net.sigmoid(net.global_average_pool(x)));
  x = net.shift(net.slice(x, {.first = 3, .channels = 20}), {.rows = 1, .columns = 1});
  net.set_output(net.linear(net.global_average_pool(x), {.features = 10}));
  RandomStream random(1);
  Weights<float> weights = initial_weights<float>(net, random);
  std::vector<float> gradients(weights.parameters.size());
  const std::vector<std::uint8_t> labels(8);
  NetworkEngine<float> engine(net, labels.size());
  Sgd<float> sgd(net, {});
  const std::size_t before = allocations;
  EXPECT_GT(before, 0u);
  for (int step = 0; step < 2; ++step) {
    engine.forward(weights, labels.size(), Phase::training);
    layers::softmax_cross_entropy(engine.logits().data(), labels, 10, 0.1, 0.125, engine.logit_gradients().data());
    engine.backward(weights, labels.size(), gradients);
    sgd.step(weights.parameters, gradients, 0.1, 0, gradients.size());
  }
  EXPECT_EQ(allocations, before);
}

}  // namespace allocation_test

#endif
