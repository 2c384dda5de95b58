#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/network/engine.hpp>
#include <gptnas/network/layers/activation.hpp>
#include <gptnas/network/layers/batch_norm.hpp>
#include <gptnas/network/layers/pooling.hpp>
#include <gptnas/network/layers/softmax_cross_entropy.hpp>

#include "../message_of.hpp"

namespace engine_test {

using gptnas::Network;
using gptnas::NetworkEngine;
using gptnas::Phase;
using gptnas::RandomStream;
using gptnas::TensorShape;
using gptnas::Weights;
using gptnas_test::message_of;

using NodeId = Network::NodeId;

template <class Scalar>
std::vector<Scalar> normal_values(std::size_t size, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<Scalar> values(size);
  for (Scalar& value : values) value = static_cast<Scalar>(standard_normal(random));
  return values;
}

// The loss and its gradient for one batch with random images and labels, in double.
class Gradients {
 public:
  Gradients(const Network& network, std::size_t count)
      : engine_(network, count + 1), classes_(network.task().classes), labels_(count) {
    RandomStream random(7);
    weights_ = gptnas::initial_weights<double>(network, random);
    for (double& value : weights_.parameters) value += 0.2 * standard_normal(random);  // no scale at 1, no shift at 0
    for (double& value : engine_.images()) value = standard_normal(random);
    for (std::uint8_t& label : labels_)
      label = static_cast<std::uint8_t>(random.below(static_cast<std::uint32_t>(classes_)));
  }

  // The largest difference between the gradient and central differences, over every parameter.
  double largest_error() {
    std::vector<double> gradients(weights_.parameters.size(), 99.0), ignored(gradients.size());
    loss();
    engine_.backward(weights_, labels_.size(), gradients);
    double largest = 0;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const double step = 1e-6, at = weights_.parameters[i];
      weights_.parameters[i] = at + step;
      const double above = loss();
      weights_.parameters[i] = at - step;
      const double below = loss();
      weights_.parameters[i] = at;
      largest = std::max(largest, std::abs((above - below) / (2 * step) - gradients[i]));
    }
    return largest;
  }

 private:
  double loss() {
    engine_.forward(weights_, labels_.size(), Phase::training);
    return gptnas::layers::softmax_cross_entropy(engine_.logits().data(), labels_, classes_, 0.1,
                                                 1.0 / static_cast<double>(labels_.size()),
                                                 engine_.logit_gradients().data());
  }

  NetworkEngine<double> engine_;
  std::size_t classes_;
  std::vector<std::uint8_t> labels_;
  Weights<double> weights_;
};

// A network that has parameters before and behind what is tested, and uses the tested node's input twice.
Network around(const TensorShape& shape, const std::function<NodeId(Network&, NodeId)>& tested) {
  Network net{{2, shape.height, shape.width, 3}};
  const NodeId before = net.convolution(net.input(), {.channels = shape.channels, .kernel = 1, .bias = true});
  const NodeId after = tested(net, before);
  const NodeId both = net.concatenate({net.global_average_pool(before), net.global_average_pool(net.relu(before))});
  net.set_output(net.add(net.linear(after, {.features = 3}), net.linear(both, {.features = 3, .bias = false})));
  return net;
}

struct GradientCase {
  const char* name;
  TensorShape shape;
  std::function<NodeId(Network&, NodeId)> tested;
};

class EngineGradient : public testing::TestWithParam<GradientCase> {};

TEST_P(EngineGradient, AgreesWithFiniteDifferences) {
  EXPECT_LT(Gradients(around(GetParam().shape, GetParam().tested), 3).largest_error(), 1e-7);
}

INSTANTIATE_TEST_SUITE_P(
    Operations, EngineGradient,
    testing::Values(
        GradientCase{
            "convolution", {4, 5, 6}, [](Network& net, NodeId x) { return net.convolution(x, {.channels = 5}); }},
        GradientCase{"strided_convolution",
                     {3, 7, 6},
                     [](Network& net, NodeId x) {
                       return net.convolution(x, {.channels = 4, .kernel = 5, .stride = 2, .bias = true});
                     }},
        GradientCase{"grouped_convolution",
                     {6, 5, 4},
                     [](Network& net, NodeId x) {
                       return net.convolution(x, {.channels = 9, .kernel = 3, .stride = 2, .groups = 3, .bias = true});
                     }},
        GradientCase{"pointwise_convolution",
                     {6, 3, 4},
                     [](Network& net, NodeId x) { return net.convolution(x, {.channels = 4, .kernel = 1}); }},
        GradientCase{
            "projection",
            {6, 5, 4},
            [](Network& net, NodeId x) { return net.convolution(x, {.channels = 4, .kernel = 1, .stride = 2}); }},
        GradientCase{
            "even_kernel",
            {3, 5, 4},
            [](Network& net, NodeId x) { return net.convolution(x, {.channels = 4, .kernel = 2, .stride = 2}); }},
        GradientCase{"dilated_convolution",
                     {5, 7, 6},
                     [](Network& net, NodeId x) {
                       return net.convolution(x, {.channels = 4, .kernel = 3, .stride = 2, .dilation = 2});
                     }},
        GradientCase{"dilated_grouped_convolution",
                     {6, 5, 4},
                     [](Network& net, NodeId x) {
                       return net.convolution(x, {.channels = 4, .kernel = 3, .dilation = 3, .groups = 2});
                     }},
        GradientCase{"dilated_depthwise",
                     {17, 7, 6},
                     [](Network& net, NodeId x) {
                       return net.convolution(
                           x, {.channels = 17, .kernel = 5, .stride = 2, .dilation = 2, .groups = 17});
                     }},
        GradientCase{"depthwise",
                     {18, 5, 4},
                     [](Network& net, NodeId x) { return net.convolution(x, {.channels = 18, .groups = 18}); }},
        GradientCase{"strided_depthwise",
                     {17, 7, 6},
                     [](Network& net, NodeId x) {
                       return net.convolution(x, {.channels = 17, .kernel = 5, .stride = 2, .groups = 17});
                     }},
        GradientCase{"depthwise_of_an_unusual_kernel",
                     {17, 3, 3},
                     [](Network& net, NodeId x) {
                       return net.convolution(x, {.channels = 17, .kernel = 4, .stride = 1, .groups = 17});
                     }},
        GradientCase{"batch_norm", {18, 3, 4}, [](Network& net, NodeId x) { return net.batch_norm(x); }},
        GradientCase{"batch_norm_relu", {18, 3, 4}, [](Network& net, NodeId x) { return net.relu(net.batch_norm(x)); }},
        GradientCase{"batch_norm_that_two_read",
                     {3, 3, 4},
                     [](Network& net, NodeId x) {
                       const NodeId norm = net.batch_norm(x);
                       return net.add(net.relu(norm), norm);
                     }},
        GradientCase{"max_pool", {18, 7, 6}, [](Network& net, NodeId x) { return net.max_pool(x, {.stride = 2}); }},
        GradientCase{"max_pool_of_ties",
                     {18, 4, 5},
                     [](Network& net, NodeId x) { return net.max_pool(net.relu(x), {.kernel = 3}); }},
        GradientCase{
            "average_pool", {18, 7, 6}, [](Network& net, NodeId x) { return net.average_pool(x, {.stride = 2}); }},
        GradientCase{"average_pool_with_padding",
                     {3, 4, 5},
                     [](Network& net, NodeId x) { return net.average_pool(x, {.count_padding = true}); }},
        GradientCase{
            "global_average_pool", {18, 3, 4}, [](Network& net, NodeId x) { return net.global_average_pool(x); }},
        GradientCase{"relu", {3, 3, 4}, [](Network& net, NodeId x) { return net.relu(x); }},
        GradientCase{"sigmoid", {6, 3, 4}, [](Network& net, NodeId x) { return net.sigmoid(x); }},
        GradientCase{"hard_sigmoid",
                     {6, 3, 4},
                     [](Network& net, NodeId x) {
                       return net.hard_sigmoid(net.add({x, x, x}));
                     }},
        GradientCase{"swish", {6, 3, 4}, [](Network& net, NodeId x) { return net.swish(x); }},
        GradientCase{"hard_swish",
                     {6, 3, 4},
                     [](Network& net, NodeId x) {
                       return net.hard_swish(net.add({x, x, x}));
                     }},
        GradientCase{"multiply",
                     {18, 3, 4},
                     [](Network& net, NodeId x) { return net.multiply(x, net.global_average_pool(x)); }},
        GradientCase{"multiply_that_two_read",
                     {3, 3, 4},
                     [](Network& net, NodeId x) {
                       const NodeId gates = net.sigmoid(net.global_average_pool(x));
                       return net.add(net.multiply(x, gates), net.multiply(net.relu(x), gates));
                     }},
        GradientCase{"square", {18, 1, 1}, [](Network& net, NodeId x) { return net.multiply(x, x); }},
        GradientCase{"slice",
                     {9, 3, 4},
                     [](Network& net, NodeId x) { return net.slice(x, {.first = 2, .channels = 5}); }},
        GradientCase{"slice_of_a_value_that_no_other_reads",
                     {9, 3, 4},
                     [](Network& net, NodeId x) { return net.slice(net.relu(x), {.first = 2, .channels = 5}); }},
        GradientCase{
            "channel_shuffle", {6, 3, 4}, [](Network& net, NodeId x) { return net.channel_shuffle(x, {.groups = 2}); }},
        GradientCase{"channel_shuffle_of_a_value_that_no_other_reads",
                     {6, 3, 4},
                     [](Network& net, NodeId x) { return net.channel_shuffle(net.relu(x), {.groups = 3}); }},
        GradientCase{
            "shift", {3, 5, 4}, [](Network& net, NodeId x) { return net.shift(x, {.rows = 1, .columns = 2}); }},
        GradientCase{"shift_of_a_value_that_no_other_reads",
                     {3, 5, 4},
                     [](Network& net, NodeId x) { return net.shift(net.relu(x), {.rows = 2, .columns = 1}); }},
        GradientCase{"add",
                     {3, 3, 4},
                     [](Network& net, NodeId x) {
                       return net.add({x, net.relu(x), x});
                     }},
        GradientCase{"concatenate",
                     {3, 3, 4},
                     [](Network& net, NodeId x) {
                       return net.concatenate({x, net.relu(x), x});
                     }},
        GradientCase{"identity", {3, 3, 4}, [](Network& net, NodeId x) { return net.identity(net.identity(x)); }},
        GradientCase{"zero",
                     {3, 5, 4},
                     [](Network& net, NodeId x) {
                       return net.add(net.zero(x, {.stride = 2}), net.max_pool(x, {.kernel = 1, .stride = 2}));
                     }},
        GradientCase{
            "input_again", {2, 5, 4}, [](Network& net, NodeId x) { return net.add(net.relu(net.input()), x); }},
        GradientCase{"concatenate_of_what_depends_on_no_parameter",
                     {4, 5, 4},
                     [](Network& net, NodeId x) {
                       return net.add(net.concatenate({net.input(), net.max_pool(net.input(), {})}), x);
                     }}),
    [](const testing::TestParamInfo<GradientCase>& each) { return std::string(each.param.name); });

TEST(Engine, GradientOfAWholeNetworkAgreesWithFiniteDifferences) {
  Network net{{1, 9, 7, 4}};
  NodeId x = net.relu(net.batch_norm(net.convolution(net.input(), {.channels = 6, .kernel = 3, .stride = 2})));
  NodeId y = net.relu(net.batch_norm(net.convolution(x, {.channels = 6, .kernel = 3, .groups = 6})));
  y = net.batch_norm(net.convolution(y, {.channels = 6, .kernel = 1}));
  x = net.relu(net.add(x, y));
  y = net.concatenate({net.max_pool(x, {.stride = 2}), net.average_pool(x, {.stride = 2}), net.zero(x, {.stride = 2})});
  y = net.relu(net.batch_norm(net.convolution(y, {.channels = 8, .kernel = 3, .groups = 2})));
  net.set_output(net.linear(net.global_average_pool(y), {.features = 4}));
  EXPECT_LT(Gradients(net, 5).largest_error(), 1e-7);
}

TEST(Engine, GradientOfAMobileNetworkAgreesWithFiniteDifferences) {
  Network net{{2, 7, 6, 3}};
  NodeId x = net.hard_swish(net.batch_norm(net.convolution(net.input(), {.channels = 8, .kernel = 3, .stride = 2})));
  NodeId y = net.swish(net.batch_norm(net.convolution(x, {.channels = 8, .dilation = 2, .groups = 8})));
  const NodeId squeezed = net.relu(net.convolution(net.global_average_pool(y), {.channels = 2, .kernel = 1}));
  y = net.multiply(y, net.hard_sigmoid(net.convolution(squeezed, {.channels = 8, .kernel = 1, .bias = true})));
  x = net.add(x, y);
  y = net.swish(net.convolution(net.slice(x, {.first = 4, .channels = 4}), {.channels = 4, .kernel = 1}));
  x = net.channel_shuffle(net.concatenate({net.slice(x, {.first = 0, .channels = 4}), y}), {.groups = 2});
  x = net.add(net.shift(x, {.rows = 1, .columns = 1}), net.sigmoid(x));
  net.set_output(net.linear(net.global_average_pool(x), {.features = 3}));
  EXPECT_LT(Gradients(net, 5).largest_error(), 1e-7);
}

// Direct implementations, value by value, as the definitions read.

struct Plain {
  TensorShape from, to;
  std::size_t kernel, stride, dilation = 1;

  // Calls function(image row, image column) or, outside the image, nothing.
  template <class Function>
  void for_window(std::size_t y, std::size_t x, Function function) const {
    const auto padding = static_cast<std::ptrdiff_t>(dilation * (kernel - 1) / 2);
    for (std::size_t ky = 0; ky < kernel; ++ky) {
      for (std::size_t kx = 0; kx < kernel; ++kx) {
        const auto row = static_cast<std::ptrdiff_t>(y * stride + ky * dilation) - padding;
        const auto column = static_cast<std::ptrdiff_t>(x * stride + kx * dilation) - padding;
        if (row < 0 || column < 0 || row >= static_cast<std::ptrdiff_t>(from.height)) continue;
        if (column >= static_cast<std::ptrdiff_t>(from.width)) continue;
        function(ky, kx, static_cast<std::size_t>(row), static_cast<std::size_t>(column));
      }
    }
  }
};

// What the engine gives for one image, read through an identity of a linear layer.
template <class Scalar>
std::vector<Scalar> run(const TensorShape& shape, const std::function<NodeId(Network&, NodeId)>& tested,
                        const std::vector<Scalar>& image, const std::vector<Scalar>& parameters, TensorShape& to) {
  Network probe{{shape.channels, shape.height, shape.width, 1}};
  to = probe.node(tested(probe, probe.input())).shape;
  Network net{{shape.channels, shape.height, shape.width, to.size()}};
  net.set_output(net.linear(tested(net, net.input()), {.features = to.size(), .bias = false}));
  Weights<Scalar> weights;
  weights.parameters = parameters;
  for (std::size_t row = 0; row < to.size(); ++row) {
    for (std::size_t column = 0; column < to.size(); ++column) weights.parameters.push_back(row == column);
  }
  NetworkEngine<Scalar> engine(net, 1);
  std::copy(image.begin(), image.end(), engine.images().begin());
  engine.forward(weights, 1, Phase::evaluation);
  return {engine.logits().begin(), engine.logits().end()};
}

TEST(Engine, ConvolutionAgreesWithItsDefinition) {
  struct Case {
    TensorShape from;
    gptnas::operations::Convolution options;
  };
  for (const Case& each :
       {Case{{3, 5, 6}, {.channels = 4}}, Case{{4, 7, 6}, {.channels = 6, .kernel = 5, .stride = 2}},
        Case{{6, 5, 5}, {.channels = 4, .kernel = 3, .stride = 2, .groups = 2}},
        Case{{20, 6, 5}, {.channels = 20, .kernel = 3, .groups = 20}},
        Case{{20, 6, 5}, {.channels = 20, .kernel = 5, .stride = 2, .groups = 20}},
        Case{{6, 5, 4}, {.channels = 20, .kernel = 1}}, Case{{6, 5, 4}, {.channels = 6, .kernel = 2, .stride = 2}},
        Case{{3, 7, 6}, {.channels = 4, .kernel = 3, .stride = 2, .dilation = 2}},
        Case{{6, 5, 5}, {.channels = 4, .kernel = 2, .stride = 1, .dilation = 3, .groups = 2}},
        Case{{20, 6, 5}, {.channels = 20, .kernel = 5, .stride = 2, .dilation = 2, .groups = 20}}}) {
    const std::size_t group_inputs = each.from.channels / each.options.groups;
    const auto image = normal_values<float>(each.from.size(), 1);
    const auto parameters =
        normal_values<float>(each.options.kernel * each.options.kernel * group_inputs * each.options.channels, 2);
    TensorShape to;
    const auto result = run<float>(
        each.from, [&](Network& net, NodeId x) { return net.convolution(x, each.options); }, image, parameters, to);
    const Plain plain{each.from, to, each.options.kernel, each.options.stride, each.options.dilation};
    for (std::size_t i = 0; i < to.size(); ++i) {
      const std::size_t channel = i % to.channels, x = i / to.channels % to.width, y = i / to.channels / to.width;
      const std::size_t group = channel / (to.channels / each.options.groups);
      double sum = 0;
      plain.for_window(y, x, [&](std::size_t ky, std::size_t kx, std::size_t row, std::size_t column) {
        for (std::size_t c = 0; c < group_inputs; ++c) {
          const std::size_t tap = (ky * each.options.kernel + kx) * group_inputs + c;
          sum += static_cast<double>(parameters[tap * to.channels + channel]) *
                 static_cast<double>(
                     image[(row * each.from.width + column) * each.from.channels + group * group_inputs + c]);
        }
      });
      ASSERT_NEAR(result[i], sum, 1e-4) << "value " << i << " with kernel " << each.options.kernel;
    }
  }
}

TEST(Engine, PoolingAgreesWithItsDefinition) {
  const TensorShape from{18, 7, 6};
  const auto image = normal_values<double>(from.size(), 3);
  for (const std::size_t kernel : {2u, 3u, 5u}) {
    for (const std::size_t stride : {1u, 2u}) {
      TensorShape to;
      const auto largest = run<double>(
          from,
          [&](Network& net, NodeId x) {
            return net.max_pool(x, {kernel, stride});
          },
          image, {}, to);
      const auto mean = run<double>(
          from,
          [&](Network& net, NodeId x) {
            return net.average_pool(x, {kernel, stride});
          },
          image, {}, to);
      const auto padded_mean = run<double>(
          from,
          [&](Network& net, NodeId x) {
            return net.average_pool(x, {kernel, stride, true});
          },
          image, {}, to);
      const Plain plain{from, to, kernel, stride};
      for (std::size_t i = 0; i < to.size(); ++i) {
        const std::size_t channel = i % to.channels, x = i / to.channels % to.width, y = i / to.channels / to.width;
        double sum = 0, best = -std::numeric_limits<double>::infinity();
        int values = 0;
        plain.for_window(y, x, [&](std::size_t, std::size_t, std::size_t row, std::size_t column) {
          const double value = image[(row * from.width + column) * from.channels + channel];
          sum += value;
          best = std::max(best, value);
          ++values;
        });
        ASSERT_EQ(largest[i], best);
        ASSERT_NEAR(mean[i], sum / values, 1e-12);
        ASSERT_NEAR(padded_mean[i], sum / static_cast<double>(kernel * kernel), 1e-12);
      }
    }
  }
}

TEST(Engine, MaxPoolGivesTheGradientToTheFirstOfEqualValues) {
  constexpr std::size_t channels = 25;  // all widths of a block
  for (const std::size_t kernel : {1u, 2u, 3u, 5u}) {
    const TensorShape from{channels, kernel, kernel};
    gptnas::layers::MaxPool<float> pool(from, {channels, 1, 1}, {kernel, kernel}, 1);
    const std::size_t padding = (kernel - 1) / 2, extent = kernel + 2 * padding;
    std::vector<float> scratch(extent * extent * channels), image(from.size(), -2.0f), gradients(from.size());
    std::vector<float> result(channels), ones(channels, 1.0f);
    // The window covers the image's first rows and columns; in channel c two pixels of it are larger than the others.
    const std::size_t side = kernel - padding, pixels = side * side;
    const auto place = [&](std::size_t number, std::size_t c) {
      return (number / side * kernel + number % side) * channels + c;
    };
    for (std::size_t c = 0; c < channels; ++c) {
      image[place(c % pixels, c)] = image[place((c * 3 + 1) % pixels, c)] = -1;
    }
    pool.forward(image.data(), result.data(), 1, scratch.data());
    pool.backward(ones.data(), gradients.data(), gptnas::Update::assign, 1, scratch.data());
    EXPECT_EQ(result, std::vector<float>(channels, -1.0f));
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t first = std::min(c % pixels, (c * 3 + 1) % pixels);
      for (std::size_t number = 0; number < pixels; ++number) {
        EXPECT_EQ(gradients[place(number, c)], number == first ? 1.0f : 0.0f) << kernel << ' ' << c << ' ' << number;
      }
    }
  }
}

// Else a network that diverged could end with finite scores.
TEST(Engine, LetsWhatIsNotANumberPass) {
  constexpr std::size_t channels = 25;
  const std::vector<float> values(channels, std::numeric_limits<float>::quiet_NaN());
  const auto all_pass = [](const std::vector<float>& result) {
    return std::all_of(result.begin(), result.end(), [](float value) { return std::isnan(value); });
  };
  std::vector<float> result(channels);
  gptnas::layers::activate<gptnas::layers::Relu>(values.data(), result.data(), channels);
  EXPECT_TRUE(all_pass(result));
  gptnas::layers::activate<gptnas::layers::HardSwish>(values.data(), result.data(), channels);
  EXPECT_TRUE(all_pass(result));
  const std::vector<float> ones(2 * channels, 1.0f);
  gptnas::layers::BatchNorm<float> norm_relu(channels, true);
  norm_relu.forward_evaluation(values.data(), ones.data(), result.data(), ones.data(), 1);
  EXPECT_TRUE(all_pass(result));
  for (const std::size_t kernel : {2u, 3u, 4u}) {
    const std::size_t size = kernel * kernel;
    gptnas::layers::MaxPool<float> pool({channels, kernel, kernel}, {channels, 1, 1}, {kernel, kernel}, 1);
    std::vector<float> scratch(4 * size * channels), image(size * channels, 1.0f);
    std::copy(values.begin(), values.end(), image.begin());
    pool.forward(image.data(), result.data(), 1, scratch.data());
    EXPECT_TRUE(all_pass(result)) << kernel;
  }
}

TEST(Engine, ActivationsAgreeWithTheirDefinitions) {
  const std::vector<float> image{-100, -20, -3.5f, -3, -1, -0.25f, 0, 0.5f, 1, 2, 2.99f, 3, 4, 20, 100, 1e-6f, -2, 5};
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const auto hard_sigmoid = [](double x) { return std::min(std::max(x + 3, 0.0), 6.0) / 6; };
  struct Case {
    const char* name;
    NodeId (Network::*add)(NodeId);
    std::function<double(double)> definition;
  };
  for (const Case& each :
       {Case{"relu", &Network::relu, [](double x) { return std::max(x, 0.0); }},
        Case{"sigmoid", &Network::sigmoid, sigmoid}, Case{"hard sigmoid", &Network::hard_sigmoid, hard_sigmoid},
        Case{"swish", &Network::swish, [&](double x) { return x * sigmoid(x); }},
        Case{"hard swish", &Network::hard_swish, [&](double x) { return x * hard_sigmoid(x); }}}) {
    TensorShape to;
    const auto result = run<float>({image.size(), 1, 1}, std::mem_fn(each.add), image, {}, to);
    for (std::size_t i = 0; i < image.size(); ++i) {
      EXPECT_NEAR(result[i], each.definition(static_cast<double>(image[i])), 1e-6) << each.name << " of " << image[i];
    }
  }
}

TEST(Engine, MovesValuesAsDefined) {
  const std::vector<float> image{1, 2, 3, 4, 5, 6};  // six channels, or three rows of two columns
  TensorShape to;
  const auto slice = run<float>(
      {6, 1, 1}, [](Network& net, NodeId x) { return net.slice(x, {.first = 1, .channels = 3}); }, image, {}, to);
  EXPECT_EQ(slice, (std::vector<float>{2, 3, 4}));
  // As torch.nn.ChannelShuffle(2) does.
  const auto shuffled = run<float>(
      {6, 1, 1}, [](Network& net, NodeId x) { return net.channel_shuffle(x, {.groups = 2}); }, image, {}, to);
  EXPECT_EQ(shuffled, (std::vector<float>{1, 4, 2, 5, 3, 6}));
  const auto shifted = run<float>(
      {1, 3, 2}, [](Network& net, NodeId x) { return net.shift(x, {.rows = 1, .columns = 1}); }, image, {}, to);
  EXPECT_EQ(shifted, (std::vector<float>{4, 0, 6, 0, 0, 0}));
  const auto gated = run<float>(
      {2, 3, 1}, [](Network& net, NodeId x) { return net.multiply(x, net.max_pool(x, {.kernel = 5, .stride = 3})); },
      image, {}, to);
  EXPECT_EQ(gated, (std::vector<float>{5, 12, 15, 24, 25, 36}));
}

TEST(Engine, BatchNormKeepsItsDigitsFarFromZero) {
  Network net{{1, 4, 4, 1}};
  net.set_output(net.linear(net.batch_norm(net.input()), {.features = 1}));
  NetworkEngine<float> engine(net, 2);
  RandomStream random(5);
  Weights<float> weights = gptnas::initial_weights<float>(net, random);
  std::vector<double> values;
  for (float& value : engine.images()) {
    value = static_cast<float>(10000 + 0.5 * std::round(8 * standard_normal(random)));
    values.push_back(static_cast<double>(value));
  }
  double mean = 0, variance = 0;
  for (const double value : values) mean += value / 32;
  for (const double value : values) variance += (value - mean) * (value - mean) / 31;
  engine.forward(weights, 2, Phase::training);
  EXPECT_FLOAT_EQ(engine.batch_statistics()[0], static_cast<float>(mean));
  EXPECT_NEAR(engine.batch_statistics()[1], variance, 1e-5 * variance);
}

TEST(Engine, EvaluationUsesTheRunningStatistics) {
  Network net{{1, 1, 1, 1}};
  net.set_output(net.linear(net.batch_norm(net.input()), {.features = 1, .bias = false}));
  NetworkEngine<double> engine(net, 1);
  engine.images()[0] = 7;
  const Weights<double> weights{{2, 0.5, 1}, {3, 4}};  // scale, shift, weight; mean, variance
  engine.forward(weights, 1, Phase::evaluation);
  EXPECT_NEAR(engine.logits()[0], (7 - 3) / std::sqrt(4 + 1e-5) * 2 + 0.5, 1e-12);
}

TEST(Engine, GivesTheSameForAPartOfTheBatch) {
  const Network net = around({5, 5, 5}, [](Network& n, NodeId x) { return n.convolution(x, {.channels = 4}); });
  RandomStream random(1);
  const auto weights = gptnas::initial_weights<double>(net, random);
  NetworkEngine<double> small(net, 2), large(net, 9);
  const auto images = normal_values<double>(small.images().size(), 4);
  std::copy(images.begin(), images.end(), small.images().begin());
  std::copy(images.begin(), images.end(), large.images().begin());
  small.forward(weights, 2, Phase::training);
  large.forward(weights, 2, Phase::training);
  for (std::size_t i = 0; i < small.logits().size(); ++i) EXPECT_EQ(small.logits()[i], large.logits()[i]);
}

TEST(Engine, RefusesAnEmptyBatchAndANetworkWithoutOutput) {
  Network net{{1, 2, 2, 2}};
  EXPECT_THROW(NetworkEngine<float>(net, 1), std::logic_error);
  net.set_output(net.linear(net.input(), {.features = 2}));
  EXPECT_THROW(NetworkEngine<float>(net, 0), std::invalid_argument);
}

TEST(Engine, RefusesWhatDoesNotFitIt) {
  Network net{{1, 2, 2, 2}};
  net.set_output(net.linear(net.batch_norm(net.input()), {.features = 2}));
  RandomStream random(1);
  const auto weights = gptnas::initial_weights<float>(net, random);
  NetworkEngine<float> engine(net, 3);
  const auto forward = [&](const Weights<float>& each, std::size_t count) {
    return message_of([&] { engine.forward(each, count, Phase::training); });
  };
  const auto backward = [&](const Weights<float>& each, std::size_t count, std::size_t size) {
    std::vector<float> gradients(size);
    return message_of([&] { engine.backward(each, count, gradients); });
  };
  EXPECT_EQ(forward(weights, 3), "no exception");
  EXPECT_EQ(backward(weights, 3, 12), "no exception");
  EXPECT_EQ(forward(weights, 0), "NetworkEngine: number of images is 0; expected in [1, 3], the batch");
  EXPECT_EQ(forward(weights, 4), "NetworkEngine: number of images is 4; expected in [1, 3], the batch");
  EXPECT_EQ(backward(weights, 4, 12), "NetworkEngine: number of images is 4; expected in [1, 3], the batch");
  EXPECT_EQ(backward(weights, 3, 11), "NetworkEngine: number of gradients is 11; expected 12, as the network has");
  const Weights<float> few_parameters{{1, 2}, weights.statistics}, no_statistics{weights.parameters, {}};
  EXPECT_EQ(forward(few_parameters, 3), "NetworkEngine: number of parameters is 2; expected 12, as the network has");
  EXPECT_EQ(backward(few_parameters, 3, 12),
            "NetworkEngine: number of parameters is 2; expected 12, as the network has");
  EXPECT_EQ(forward(no_statistics, 3), "NetworkEngine: number of statistics is 0; expected 2, as the network has");
}

TEST(Engine, GivesTheInputOfANetworkThatIsNothingElse) {
  Network net{{3, 1, 1, 3}};
  net.set_output(net.input());
  NetworkEngine<float> engine(net, 1);
  const std::vector<float> image{1, 2, 3};
  std::copy(image.begin(), image.end(), engine.images().begin());
  engine.forward({}, 1, Phase::evaluation);
  EXPECT_EQ(std::vector<float>(engine.logits().begin(), engine.logits().end()), image);
}

TEST(SoftmaxCrossEntropy, AgreesWithPyTorch) {
  // torch.nn.functional.cross_entropy(tensor([[1., 2., 3.], [0., -1., 50.]]), tensor([0, 2]), label_smoothing=0.3)
  const std::vector<double> logits{1, 2, 3, 0, -1, 50};
  const std::vector<std::uint8_t> labels{0, 2};
  std::vector<double> gradients(6);
  EXPECT_NEAR(gptnas::layers::softmax_cross_entropy(logits.data(), labels, 3, 0.3, 0.5, gradients.data()), 6.103802982,
              1e-8);
  const std::vector<double> expected{-0.3550, 0.0724, 0.2826, -0.0500, -0.0500, 0.1000};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(gradients[i], expected[i], 5e-5);
}

}  // namespace engine_test
