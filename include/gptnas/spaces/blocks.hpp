// The building blocks of known convolutional networks.
#pragma once

#include <cstddef>
#include <stdexcept>

#include <gptnas/core/errors.hpp>
#include <gptnas/network/network.hpp>

/// Each function adds a block behind a node and gives the node where it ends. `channels` are those of the result;
/// convolutions have no bias where batch norm follows.
namespace gptnas::blocks {

enum class Activation { identity, relu, sigmoid, hard_sigmoid, swish, hard_swish };

inline Network::NodeId activation(Network& network, Network::NodeId from, Activation function) {
  switch (function) {
    case Activation::identity: return from;
    case Activation::relu: return network.relu(from);
    case Activation::sigmoid: return network.sigmoid(from);
    case Activation::hard_sigmoid: return network.hard_sigmoid(from);
    case Activation::swish: return network.swish(from);
    case Activation::hard_swish: return network.hard_swish(from);
  }
  throw invalid_value("blocks::Activation", static_cast<int>(function), "0 to 5");
}

struct ConvolutionNorm {
  std::size_t channels = 0;
  std::size_t kernel = 3, stride = 1, groups = 1;
  Activation activation = Activation::relu;
};

/// Convolution, batch norm, activation.
inline Network::NodeId convolution_norm(Network& network, Network::NodeId from, const ConvolutionNorm& options) {
  const Network::NodeId norm = network.batch_norm(network.convolution(
      from,
      {.channels = options.channels, .kernel = options.kernel, .stride = options.stride, .groups = options.groups}));
  return activation(network, norm, options.activation);
}

/// A depthwise convolution of all channels, batch norm, activation.
inline Network::NodeId depthwise_norm(Network& network, Network::NodeId from, std::size_t kernel, std::size_t stride,
                                      Activation function) {
  const std::size_t channels = network.node(from).shape.channels;
  return convolution_norm(
      network, from,
      {.channels = channels, .kernel = kernel, .stride = stride, .groups = channels, .activation = function});
}

struct SqueezeExcitation {
  std::size_t channels = 0;  ///< between the two layers
  Activation activation = Activation::relu;
  Activation gate = Activation::sigmoid;
};

/// Gates for each channel, computed from the means of all (Hu, Shen and Sun, "Squeeze-and-Excitation Networks", 2018).
inline Network::NodeId squeeze_excitation(Network& network, Network::NodeId from, const SqueezeExcitation& options) {
  const std::size_t channels = network.node(from).shape.channels;
  Network::NodeId gates = network.global_average_pool(from);
  gates = network.convolution(gates, {.channels = options.channels, .kernel = 1, .bias = true});
  gates = activation(network, gates, options.activation);
  gates = network.convolution(gates, {.channels = channels, .kernel = 1, .bias = true});
  return network.multiply(from, activation(network, gates, options.gate));
}

/// The input itself or, where its shape is not that of the result, its projection: a strided 1x1 convolution and batch
/// norm (He et al., 2016, option B).
inline Network::NodeId shortcut(Network& network, Network::NodeId from, std::size_t channels, std::size_t stride) {
  if (stride == 1 && network.node(from).shape.channels == channels) return from;
  return convolution_norm(network, from,
                          {.channels = channels, .kernel = 1, .stride = stride, .activation = Activation::identity});
}

struct BasicBlock {
  std::size_t channels = 0;
  std::size_t stride = 1;
};

/// Two 3x3 convolutions and a shortcut (He et al., "Deep Residual Learning for Image Recognition", 2016).
inline Network::NodeId basic_block(Network& network, Network::NodeId from, const BasicBlock& options) {
  Network::NodeId node = convolution_norm(network, from, {.channels = options.channels, .stride = options.stride});
  node = convolution_norm(network, node, {.channels = options.channels, .activation = Activation::identity});
  return network.relu(network.add(node, shortcut(network, from, options.channels, options.stride)));
}

struct Bottleneck {
  std::size_t channels = 0;
  std::size_t width = 0;   ///< of the 3x3 convolution
  std::size_t stride = 1;  ///< of the 3x3 convolution
  std::size_t groups = 1;  ///< of the 3x3 convolution
};

/// A 1x1, a 3x3 and a 1x1 convolution and a shortcut. By its numbers it is the block of
/// ResNet (He et al., 2016; width = channels / 4), Wide ResNet (Zagoruyko and Komodakis, 2016; channels / 2),
/// ResNeXt (Xie et al., 2017; channels / 2 in groups) or RegNetX (Radosavovic et al., 2020; all channels in groups).
inline Network::NodeId bottleneck(Network& network, Network::NodeId from, const Bottleneck& options) {
  Network::NodeId node = convolution_norm(network, from, {.channels = options.width, .kernel = 1});
  node =
      convolution_norm(network, node, {.channels = options.width, .stride = options.stride, .groups = options.groups});
  node =
      convolution_norm(network, node, {.channels = options.channels, .kernel = 1, .activation = Activation::identity});
  return network.relu(network.add(node, shortcut(network, from, options.channels, options.stride)));
}

struct Inception {
  std::size_t pointwise = 0;                           ///< channels of the first branch
  std::size_t reduction_3x3 = 0, convolution_3x3 = 0;  ///< of the second
  std::size_t reduction_5x5 = 0, convolution_5x5 = 0;  ///< of the third
  std::size_t pool_projection = 0;                     ///< of the last
};

/// Four branches, joined: 1x1; 1x1, 3x3; 1x1, 5x5; max pool, 1x1 (Szegedy et al., "Going Deeper with Convolutions",
/// 2015, figure 2b), with batch norm.
inline Network::NodeId inception(Network& network, Network::NodeId from, const Inception& options) {
  const auto pointwise = [&](Network::NodeId node, std::size_t channels) {
    return convolution_norm(network, node, {.channels = channels, .kernel = 1});
  };
  return network.concatenate(
      {pointwise(from, options.pointwise),
       convolution_norm(network, pointwise(from, options.reduction_3x3), {.channels = options.convolution_3x3}),
       convolution_norm(network, pointwise(from, options.reduction_5x5),
                        {.channels = options.convolution_5x5, .kernel = 5}),
       pointwise(network.max_pool(from, {.kernel = 3, .stride = 1}), options.pool_projection)});
}

struct InvertedResidual {
  std::size_t channels = 0;
  std::size_t expanded = 0;  ///< channels of the depthwise convolution; as many as the input's: no expansion
  std::size_t kernel = 3, stride = 1;
  Activation activation = Activation::relu;
  SqueezeExcitation squeeze = {};  ///< behind the depthwise convolution; 0 channels: none
};

/// Expansion, depthwise convolution, projection and, where the shape stays, the sum with the input (Sandler et al.,
/// "MobileNetV2", 2018). With squeeze-and-excitation it is the block of MobileNetV3 (Howard et al., 2019) and of
/// EfficientNet (Tan and Le, 2019).
inline Network::NodeId inverted_residual(Network& network, Network::NodeId from, const InvertedResidual& options) {
  const std::size_t inputs = network.node(from).shape.channels;
  Network::NodeId node = from;
  if (options.expanded != inputs) {
    node =
        convolution_norm(network, node, {.channels = options.expanded, .kernel = 1, .activation = options.activation});
  }
  node = depthwise_norm(network, node, options.kernel, options.stride, options.activation);
  if (options.squeeze.channels > 0) node = squeeze_excitation(network, node, options.squeeze);
  node =
      convolution_norm(network, node, {.channels = options.channels, .kernel = 1, .activation = Activation::identity});
  return options.stride == 1 && options.channels == inputs ? network.add(node, from) : node;
}

struct ShuffleUnit {
  std::size_t channels = 0;  ///< even
  std::size_t stride = 1;
};

/// The unit of ShuffleNetV2 (Ma et al., 2018, figure 3): where the shape stays, half of the channels pass through a
/// depthwise block and half pass by; else two branches of all channels give half of the result each. Then the halves
/// are shuffled.
inline Network::NodeId shuffle_unit(Network& network, Network::NodeId from, const ShuffleUnit& options) {
  if (options.channels % 2 != 0) throw invalid_value("ShuffleUnit::channels", options.channels, "an even number");
  const std::size_t half = options.channels / 2;
  const auto pointwise = [&](Network::NodeId node) {
    return convolution_norm(network, node, {.channels = half, .kernel = 1});
  };
  const auto depthwise = [&](Network::NodeId node) {
    return depthwise_norm(network, node, 3, options.stride, Activation::identity);
  };
  const bool keeps_shape = options.stride == 1 && network.node(from).shape.channels == options.channels;
  const Network::NodeId side =
      keeps_shape ? network.slice(from, {.first = 0, .channels = half}) : pointwise(depthwise(from));
  const Network::NodeId main = keeps_shape ? network.slice(from, {.first = half, .channels = half}) : from;
  return network.channel_shuffle(network.concatenate({side, pointwise(depthwise(pointwise(main)))}), {.groups = 2});
}

/// The mean of each channel, then one score a class: the network's output.
inline void classify(Network& network, Network::NodeId from) {
  network.set_output(network.linear(network.global_average_pool(from), {.features = network.task().classes}));
}

}  // namespace gptnas::blocks
