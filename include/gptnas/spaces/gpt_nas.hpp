// The space of GPT-NAS.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/spaces/blocks.hpp>

namespace gptnas {

/// The space of GPT-NAS (Yu et al., "GPT-NAS: Evolutionary Neural Architecture Search with the Generative Pre-Trained
/// Model", arXiv 2305.05351): sequences of 10 to 20 blocks of 15 kinds, those of seven known networks and plain layers;
/// 15^10 + ... + 15^20 = 356,277,506,794,207,119,140,625 in all.
///
/// The paper leaves widths and strides open. Here they follow from the order of the blocks, so that every sequence is a
/// network and a genome has no gene without effect:
/// - The stem and the two pools halve the resolution, as they do in their networks, while height and width are at least
///   8; on smaller images their stride is 1, so that no sequence ends with single pixels long before its last block.
/// - A block that has a width of its own gives 32 channels, twice as many after each halving: so all blocks cost about
///   the same time (He et al., 2016, section 3.3). The others keep the channels that they get.
/// - Within a block, the numbers of its network hold as ratios: of a bottleneck's channels, its 3x3 convolution has a
///   quarter in ResNet, half in Wide ResNet, half in groups of 4 in ResNeXt-50 32x4d, all in groups of 16 in
///   RegNetX-400MF; an inception has the branches of GoogLeNet's (3a), 1/4, 3/8 to 1/2, 1/16 to 1/8 and 1/8, of the
///   channels; squeeze-and-excitation squeezes to a quarter, as EfficientNet's.
///
/// A global average pool and a linear layer follow the last block.
struct GptNas {
  enum class Kind : std::uint8_t {
    conv_norm_activation,  ///< EfficientNet: 3x3 convolution, batch norm, swish
    squeeze_excitation,    ///< EfficientNet
    inception,             ///< GoogLeNet
    average_pool,          ///< GoogLeNet: 3x3, halves
    res_bottleneck_block,  ///< RegNet
    stem,                  ///< RegNet: 3x3 convolution, batch norm, ReLU; halves
    resnet_bottleneck,     ///< ResNet
    basic_block,           ///< ResNet
    resnext_bottleneck,    ///< ResNeXt
    inverted_residual,     ///< ShuffleNetV2
    wide_bottleneck,       ///< Wide ResNet
    max_pool,              ///< 3x3, halves
    batch_norm,
    relu,
    conv,  ///< 3x3, with bias
  };

  using KindGene = Choice<Kind::conv_norm_activation, Kind::squeeze_excitation, Kind::inception, Kind::average_pool,
                          Kind::res_bottleneck_block, Kind::stem, Kind::resnet_bottleneck, Kind::basic_block,
                          Kind::resnext_bottleneck, Kind::inverted_residual, Kind::wide_bottleneck, Kind::max_pool,
                          Kind::batch_norm, Kind::relu, Kind::conv>;

  struct Block {
    BOOST_HANA_DEFINE_STRUCT(Block, (KindGene, kind));
  };

  struct Genome {
    using Blocks = Sequence<Block, 10, 20>;
    BOOST_HANA_DEFINE_STRUCT(Genome, (Blocks, blocks));
  };

  static Network build(const Genome& genome, const TaskShape& task) {
    Network network(task);
    Network::NodeId node = network.input();
    std::size_t channels = 32;  // of the blocks that have a width of their own
    for (const Block& block : genome.blocks) {
      const TensorShape& shape = network.node(node).shape;
      const std::size_t stride = halves(block.kind) && std::min(shape.height, shape.width) >= 8 ? 2 : 1;
      channels *= stride;
      node = add_block(network, node, block.kind, channels, stride);
    }
    blocks::classify(network, node);
    return network;
  }

 private:
  static bool halves(Kind kind) { return kind == Kind::stem || kind == Kind::average_pool || kind == Kind::max_pool; }

  static Network::NodeId add_block(Network& network, Network::NodeId from, Kind kind, std::size_t channels,
                                   std::size_t stride) {
    using blocks::Activation;
    switch (kind) {
      case Kind::conv_norm_activation:
        return blocks::convolution_norm(network, from, {.channels = channels, .activation = Activation::swish});
      case Kind::squeeze_excitation: {
        const std::size_t squeezed = std::max<std::size_t>(1, network.node(from).shape.channels / 4);
        return blocks::squeeze_excitation(network, from, {.channels = squeezed, .activation = Activation::swish});
      }
      case Kind::inception:
        return blocks::inception(network, from,
                                 {.pointwise = channels / 4,
                                  .reduction_3x3 = channels / 8 * 3,
                                  .convolution_3x3 = channels / 2,
                                  .reduction_5x5 = channels / 16,
                                  .convolution_5x5 = channels / 8,
                                  .pool_projection = channels / 8});
      case Kind::average_pool: return network.average_pool(from, {.kernel = 3, .stride = stride});
      case Kind::res_bottleneck_block:
        return blocks::bottleneck(network, from, {.channels = channels, .width = channels, .groups = channels / 16});
      case Kind::stem: return blocks::convolution_norm(network, from, {.channels = channels, .stride = stride});
      case Kind::resnet_bottleneck:
        return blocks::bottleneck(network, from, {.channels = channels, .width = channels / 4});
      case Kind::basic_block: return blocks::basic_block(network, from, {.channels = channels});
      case Kind::resnext_bottleneck:
        return blocks::bottleneck(network, from, {.channels = channels, .width = channels / 2, .groups = channels / 8});
      case Kind::inverted_residual: return blocks::shuffle_unit(network, from, {.channels = channels});
      case Kind::wide_bottleneck:
        return blocks::bottleneck(network, from, {.channels = channels, .width = channels / 2});
      case Kind::max_pool: return network.max_pool(from, {.kernel = 3, .stride = stride});
      case Kind::batch_norm: return network.batch_norm(from);
      case Kind::relu: return network.relu(from);
      case Kind::conv: return network.convolution(from, {.channels = channels, .kernel = 3, .bias = true});
    }
    throw invalid_value("GptNas: kind", static_cast<int>(kind), "0 to 14");
  }
};

}  // namespace gptnas
