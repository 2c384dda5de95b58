// Networks made of the blocks, against the numbers that torchvision publishes with its models: parameters, and
// multiply-accumulates in thousand millions, to three digits behind the point.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gptnas/network/network.hpp>
#include <gptnas/spaces/blocks.hpp>

#include "../message_of.hpp"

namespace blocks_test {

using gptnas::Network;
using gptnas::blocks::Activation;
using NodeId = Network::NodeId;

namespace blocks = gptnas::blocks;

constexpr gptnas::TaskShape imagenet{3, 224, 224, 1000};

void expect_numbers(const Network& network, std::size_t parameters, double giga_macs) {
  EXPECT_EQ(network.parameters(), parameters);
  EXPECT_NEAR(static_cast<double>(network.multiply_accumulates()) / 1e9, giga_macs, 0.00051);
}

// The stem of ResNet, then four stages of blocks.
template <class AddBlock>
Network residual_network(std::array<std::size_t, 4> depths, std::size_t expansion, AddBlock add_block) {
  Network network(imagenet);
  NodeId node = blocks::convolution_norm(network, network.input(), {.channels = 64, .kernel = 7, .stride = 2});
  node = network.max_pool(node, {.kernel = 3, .stride = 2});
  std::size_t channels = 64;
  for (const std::size_t depth : depths) {
    for (std::size_t block = 0; block < depth; ++block) {
      const std::size_t stride = block == 0 && channels > 64 ? 2 : 1;
      node = add_block(network, node, channels * expansion, stride);
    }
    channels *= 2;
  }
  blocks::classify(network, node);
  return network;
}

TEST(Blocks, BasicBlocksMakeResNet18) {
  const auto network =
      residual_network({2, 2, 2, 2}, 1, [](Network& net, NodeId from, std::size_t channels, std::size_t stride) {
        return blocks::basic_block(net, from, {.channels = channels, .stride = stride});
      });
  expect_numbers(network, 11689512, 1.814);
}

TEST(Blocks, BottlenecksMakeResNet50) {
  const auto network =
      residual_network({3, 4, 6, 3}, 4, [](Network& net, NodeId from, std::size_t channels, std::size_t stride) {
        return blocks::bottleneck(net, from, {.channels = channels, .width = channels / 4, .stride = stride});
      });
  expect_numbers(network, 25557032, 4.089);
}

TEST(Blocks, BottlenecksMakeResNeXt50) {
  const auto network =
      residual_network({3, 4, 6, 3}, 4, [](Network& net, NodeId from, std::size_t channels, std::size_t stride) {
        return blocks::bottleneck(net, from,
                                  {.channels = channels, .width = channels / 2, .stride = stride, .groups = 32});
      });
  expect_numbers(network, 25028904, 4.230);
}

TEST(Blocks, BottlenecksMakeWideResNet50) {
  const auto network =
      residual_network({3, 4, 6, 3}, 4, [](Network& net, NodeId from, std::size_t channels, std::size_t stride) {
        return blocks::bottleneck(net, from, {.channels = channels, .width = channels / 2, .stride = stride});
      });
  expect_numbers(network, 68883240, 11.398);
}

TEST(Blocks, BottlenecksMakeRegNetX400) {
  Network network(imagenet);
  NodeId node = blocks::convolution_norm(network, network.input(), {.channels = 32, .stride = 2});
  struct Stage {
    std::size_t depth, width;
  };
  for (const Stage& stage : {Stage{1, 32}, Stage{2, 64}, Stage{7, 160}, Stage{12, 400}}) {
    for (std::size_t block = 0; block < stage.depth; ++block) {
      node = blocks::bottleneck(
          network, node,
          {.channels = stage.width, .width = stage.width, .stride = block == 0 ? 2u : 1u, .groups = stage.width / 16});
    }
  }
  blocks::classify(network, node);
  expect_numbers(network, 5495976, 0.414);
}

TEST(Blocks, ShuffleUnitsMakeShuffleNetV2) {
  Network network(imagenet);
  NodeId node = blocks::convolution_norm(network, network.input(), {.channels = 24, .stride = 2});
  node = network.max_pool(node, {.kernel = 3, .stride = 2});
  struct Stage {
    std::size_t depth, width;
  };
  for (const Stage& stage : {Stage{4, 116}, Stage{8, 232}, Stage{4, 464}}) {
    for (std::size_t block = 0; block < stage.depth; ++block) {
      node = blocks::shuffle_unit(network, node, {.channels = stage.width, .stride = block == 0 ? 2u : 1u});
    }
  }
  blocks::classify(network, blocks::convolution_norm(network, node, {.channels = 1024, .kernel = 1}));
  expect_numbers(network, 2278604, 0.145);
}

struct MobileStage {
  std::size_t depth, channels, stride, expansion, kernel;
};

TEST(Blocks, InvertedResidualsMakeMobileNetV2) {
  Network network(imagenet);
  NodeId node = blocks::convolution_norm(network, network.input(), {.channels = 32, .stride = 2});
  std::size_t inputs = 32;
  for (const MobileStage& stage :
       {MobileStage{1, 16, 1, 1, 3}, MobileStage{2, 24, 2, 6, 3}, MobileStage{3, 32, 2, 6, 3},
        MobileStage{4, 64, 2, 6, 3}, MobileStage{3, 96, 1, 6, 3}, MobileStage{3, 160, 2, 6, 3},
        MobileStage{1, 320, 1, 6, 3}}) {
    for (std::size_t block = 0; block < stage.depth; ++block) {
      node = blocks::inverted_residual(network, node,
                                       {.channels = stage.channels,
                                        .expanded = inputs * stage.expansion,
                                        .kernel = stage.kernel,
                                        .stride = block == 0 ? stage.stride : 1});
      inputs = stage.channels;
    }
  }
  blocks::classify(network, blocks::convolution_norm(network, node, {.channels = 1280, .kernel = 1}));
  expect_numbers(network, 3504872, 0.301);
}

TEST(Blocks, InvertedResidualsMakeEfficientNetB0) {
  Network network(imagenet);
  NodeId node = blocks::convolution_norm(network, network.input(),
                                         {.channels = 32, .stride = 2, .activation = Activation::swish});
  std::size_t inputs = 32;
  for (const MobileStage& stage :
       {MobileStage{1, 16, 1, 1, 3}, MobileStage{2, 24, 2, 6, 3}, MobileStage{2, 40, 2, 6, 5},
        MobileStage{3, 80, 2, 6, 3}, MobileStage{3, 112, 1, 6, 5}, MobileStage{4, 192, 2, 6, 5},
        MobileStage{1, 320, 1, 6, 3}}) {
    for (std::size_t block = 0; block < stage.depth; ++block) {
      node = blocks::inverted_residual(network, node,
                                       {.channels = stage.channels,
                                        .expanded = inputs * stage.expansion,
                                        .kernel = stage.kernel,
                                        .stride = block == 0 ? stage.stride : 1,
                                        .activation = Activation::swish,
                                        .squeeze = {.channels = inputs / 4, .activation = Activation::swish}});
      inputs = stage.channels;
    }
  }
  node = blocks::convolution_norm(network, node, {.channels = 1280, .kernel = 1, .activation = Activation::swish});
  blocks::classify(network, node);
  expect_numbers(network, 5288548, 0.386);
}

TEST(Blocks, InvertedResidualsMakeMobileNetV3Large) {
  Network network(imagenet);
  NodeId node = blocks::convolution_norm(network, network.input(),
                                         {.channels = 16, .stride = 2, .activation = Activation::hard_swish});
  struct Layer {
    std::size_t kernel, expanded, channels, squeeze;
    bool hard_swish;
    std::size_t stride;
  };
  // Table 1 of the paper; squeezed to a quarter, rounded to a multiple of 8.
  for (const Layer& layer :
       {Layer{3, 16, 16, 0, false, 1}, Layer{3, 64, 24, 0, false, 2}, Layer{3, 72, 24, 0, false, 1},
        Layer{5, 72, 40, 24, false, 2}, Layer{5, 120, 40, 32, false, 1}, Layer{5, 120, 40, 32, false, 1},
        Layer{3, 240, 80, 0, true, 2}, Layer{3, 200, 80, 0, true, 1}, Layer{3, 184, 80, 0, true, 1},
        Layer{3, 184, 80, 0, true, 1}, Layer{3, 480, 112, 120, true, 1}, Layer{3, 672, 112, 168, true, 1},
        Layer{5, 672, 160, 168, true, 2}, Layer{5, 960, 160, 240, true, 1}, Layer{5, 960, 160, 240, true, 1}}) {
    node = blocks::inverted_residual(network, node,
                                     {.channels = layer.channels,
                                      .expanded = layer.expanded,
                                      .kernel = layer.kernel,
                                      .stride = layer.stride,
                                      .activation = layer.hard_swish ? Activation::hard_swish : Activation::relu,
                                      .squeeze = {.channels = layer.squeeze, .gate = Activation::hard_sigmoid}});
  }
  node = blocks::convolution_norm(network, node, {.channels = 960, .kernel = 1, .activation = Activation::hard_swish});
  node = network.hard_swish(network.linear(network.global_average_pool(node), {.features = 1280}));
  network.set_output(network.linear(node, {.features = 1000}));
  expect_numbers(network, 5483032, 0.217);
}

// torchvision builds the third branch with windows of 3x3, where the paper has 5x5: 16 weights more for each of its
// pairs of channels.
TEST(Blocks, InceptionsMakeGoogLeNet) {
  Network network(imagenet);
  NodeId node = blocks::convolution_norm(network, network.input(), {.channels = 64, .kernel = 7, .stride = 2});
  node = network.max_pool(node, {.kernel = 3, .stride = 2});
  node = blocks::convolution_norm(network, node, {.channels = 64, .kernel = 1});
  node = network.max_pool(blocks::convolution_norm(network, node, {.channels = 192}), {.kernel = 3, .stride = 2});
  std::size_t pairs = 0;
  const auto add_blocks = [&](const std::vector<blocks::Inception>& all) {
    for (const blocks::Inception& options : all) {
      node = blocks::inception(network, node, options);
      pairs += options.reduction_5x5 * options.convolution_5x5;
    }
  };
  add_blocks({{64, 96, 128, 16, 32, 32}, {128, 128, 192, 32, 96, 64}});
  node = network.max_pool(node, {.kernel = 3, .stride = 2});
  add_blocks({{192, 96, 208, 16, 48, 64},
              {160, 112, 224, 24, 64, 64},
              {128, 128, 256, 24, 64, 64},
              {112, 144, 288, 32, 64, 64},
              {256, 160, 320, 32, 128, 128}});
  node = network.max_pool(node, {.kernel = 3, .stride = 2});
  add_blocks({{256, 160, 320, 32, 128, 128}, {384, 192, 384, 48, 128, 128}});
  EXPECT_EQ(network.node(node).shape, (gptnas::TensorShape{1024, 7, 7}));
  blocks::classify(network, node);
  EXPECT_EQ(network.parameters(), 6624904 + 16 * pairs);
}

TEST(Blocks, RefuseWhatDoesNotFit) {
  Network network({3, 8, 8, 10});
  EXPECT_EQ(gptnas_test::message_of([&] { blocks::shuffle_unit(network, network.input(), {.channels = 5}); }),
            "ShuffleUnit::channels is 5; expected an even number");
}

}  // namespace blocks_test
