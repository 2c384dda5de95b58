// A candidate's training step, forward and backward of 32 images of 28x28, for three kinds of network.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/network/engine.hpp>
#include <gptnas/network/layers/softmax_cross_entropy.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/network/sgd.hpp>

namespace {

using namespace gptnas;

Network::NodeId convolution_norm(Network& net, Network::NodeId x, const operations::Convolution& options) {
  return net.batch_norm(net.convolution(x, options));
}

/// A stem, a pool and two stages of blocks; `block(net, x, channels, stride)` appends one.
template <class Block>
Network two_stages(Block block) {
  Network net{{1, 28, 28, 10}};
  auto x = net.relu(convolution_norm(net, net.input(), {.channels = 16}));
  x = net.max_pool(x, {.kernel = 2, .stride = 2});
  x = block(net, x, 32, 1);
  x = block(net, x, 64, 2);
  x = block(net, x, 64, 1);
  net.set_output(net.linear(net.global_average_pool(x), {.features = 10}));
  return net;
}

Network plain() {
  return two_stages([](Network& net, Network::NodeId x, std::size_t channels, std::size_t stride) {
    return net.relu(convolution_norm(net, x, {.channels = channels, .stride = stride}));
  });
}

Network separable() {
  return two_stages([](Network& net, Network::NodeId x, std::size_t channels, std::size_t stride) {
    const std::size_t from = net.node(x).shape.channels;
    x = net.relu(convolution_norm(net, x, {.channels = from, .stride = stride, .groups = from}));
    return net.relu(convolution_norm(net, x, {.channels = channels, .kernel = 1}));
  });
}

Network residual() {
  return two_stages([](Network& net, Network::NodeId x, std::size_t channels, std::size_t stride) {
    auto y = net.relu(convolution_norm(net, x, {.channels = channels, .stride = stride}));
    y = convolution_norm(net, y, {.channels = channels});
    return net.relu(net.add(y, convolution_norm(net, x, {.channels = channels, .kernel = 1, .stride = stride})));
  });
}

/// Counts images, and the products' floating-point operations: six a multiply-accumulate.
void training_step(benchmark::State& state, const Network& network) {
  constexpr std::size_t count = 32;
  RandomStream random(1);
  Weights<float> weights = initial_weights<float>(network, random);
  std::vector<float> gradients(weights.parameters.size());
  std::vector<std::uint8_t> labels(count);
  NetworkEngine<float> engine(network, count);
  Sgd<float> sgd(network, {});
  for (float& value : engine.images()) value = static_cast<float>(standard_normal(random));
  for (std::uint8_t& label : labels) label = static_cast<std::uint8_t>(random.below(10));
  for (auto _ : state) {
    engine.forward(weights, count, Phase::training);
    benchmark::DoNotOptimize(layers::softmax_cross_entropy(engine.logits().data(), labels, 10, 0.1, 1.0 / count,
                                                           engine.logit_gradients().data()));
    engine.backward(weights, count, gradients);
    sgd.step(weights.parameters, gradients, 1e-3, 0, gradients.size());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
  state.counters["flops"] = benchmark::Counter(6.0 * count * static_cast<double>(network.multiply_accumulates()),
                                               benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(training_step, plain, plain())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_step, separable, separable())->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_step, residual, residual())->Unit(benchmark::kMillisecond);

}  // namespace
