// The learned numbers of a network, as values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <variant>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/network/network.hpp>

namespace gptnas {

/// A run of learned numbers that belong together.
struct ParameterBlock {
  enum class Kind { weight, bias, norm_scale, norm_shift };

  Kind kind;
  std::size_t offset, size;  ///< in `Weights::parameters`
  std::size_t fan_in;        ///< values that one result is computed from; 1 for all but `weight`
};

/// The blocks of a network's parameters in their order: by node; in a node weights, then biases, or scales, then
/// shifts.
inline std::vector<ParameterBlock> parameter_blocks(const Network& network) {
  using Kind = ParameterBlock::Kind;
  std::vector<ParameterBlock> blocks;
  std::size_t offset = 0;
  const auto append = [&](Kind kind, std::size_t size, std::size_t fan_in) {
    blocks.push_back({kind, offset, size, fan_in});
    offset += size;
  };
  for (const Network::Node& node : network.nodes()) {
    const std::size_t channels = node.shape.channels;
    if (const auto* convolution = std::get_if<operations::Convolution>(&node.operation)) {
      const std::size_t biases = convolution->bias ? channels : 0;
      append(Kind::weight, node.parameters - biases, (node.parameters - biases) / channels);
      if (biases > 0) append(Kind::bias, biases, 1);
    } else if (const auto* linear = std::get_if<operations::Linear>(&node.operation)) {
      const std::size_t biases = linear->bias ? channels : 0;
      append(Kind::weight, node.parameters - biases, (node.parameters - biases) / channels);
      if (biases > 0) append(Kind::bias, biases, 1);
    } else if (std::holds_alternative<operations::BatchNorm>(node.operation)) {
      append(Kind::norm_scale, channels, 1);
      append(Kind::norm_shift, channels, 1);
    }
  }
  return blocks;
}

/// What a network has learned.
template <class Scalar>
struct Weights {
  std::vector<Scalar> parameters;  ///< see `parameter_blocks`
  std::vector<Scalar> statistics;  ///< running statistics: for each batch norm (C) means, then (C) variances
};

/// A network and its weights.
struct TrainedNetwork {
  Network network;
  Weights<float> weights;
};

/// Weights to start from: normal with variance 2 / fan-in (He et al., 2015); biases and shifts 0, scales 1, running
/// means 0 and variances 1.
template <class Scalar>
Weights<Scalar> initial_weights(const Network& network, RandomStream& random) {
  Weights<Scalar> weights;
  weights.parameters.resize(network.parameters());
  for (const ParameterBlock& each : parameter_blocks(network)) {
    Scalar* first = weights.parameters.data() + each.offset;
    if (each.kind == ParameterBlock::Kind::norm_scale) std::fill_n(first, each.size, Scalar{1});
    if (each.kind == ParameterBlock::Kind::weight) {
      const double deviation = std::sqrt(2.0 / static_cast<double>(each.fan_in));
      for (std::size_t i = 0; i < each.size; ++i) first[i] = static_cast<Scalar>(deviation * standard_normal(random));
    }
  }
  for (const Network::Node& node : network.nodes()) {
    if (!std::holds_alternative<operations::BatchNorm>(node.operation)) continue;
    weights.statistics.insert(weights.statistics.end(), node.shape.channels, Scalar{0});
    weights.statistics.insert(weights.statistics.end(), node.shape.channels, Scalar{1});
  }
  return weights;
}

}  // namespace gptnas
