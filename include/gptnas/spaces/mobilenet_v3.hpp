// A hardware-aware space around MobileNetV3.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

#include <gptnas/core/task_shape.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/spaces/blocks.hpp>

namespace gptnas {

/// A space like that of once-for-all (Cai et al., "Once-for-All: Train One Network and Specialize it for Efficient
/// Deployment", 2020) around MobileNetV3-Large (Howard et al., "Searching for MobileNetV3", 2019): five stages of two
/// to four inverted residuals, each with a kernel and an expansion of its own; where once-for-all widens the whole
/// network, here each stage has a width. (3 * (9^2 + 9^3 + 9^4))^5 = 5,287,353,284,695,114,061,793 genomes.
///
/// Squeeze-and-excitation and hard swish stand where MobileNetV3-Large has them, and its stem, its first layer and its
/// last ones are kept. For images of 32x32 the stem and the first stage do not halve, so that the last stage sees 4x4
/// pixels and not 1x1.
struct MobileNetV3 {
  enum class Width : std::uint8_t { narrow, normal, wide };

  struct Layer {
    using Kernel = Choice<3u, 5u, 7u>;
    using Expansion = Choice<3u, 4u, 6u>;
    BOOST_HANA_DEFINE_STRUCT(Layer, (Kernel, kernel), (Expansion, expansion));
  };

  struct Stage {
    using WidthGene = Choice<Width::narrow, Width::normal, Width::wide>;
    using Layers = Sequence<Layer, 2, 4>;
    BOOST_HANA_DEFINE_STRUCT(Stage, (WidthGene, width), (Layers, layers));
  };

  struct Genome {
    using Stages = Repeat<Stage, 5>;
    BOOST_HANA_DEFINE_STRUCT(Genome, (Stages, stages));
  };

  static Network build(const Genome& genome, const TaskShape& task) {
    using blocks::Activation;
    Network network(task);
    Network::NodeId node = blocks::convolution_norm(network, network.input(),
                                                    {.channels = stem_channels, .activation = Activation::hard_swish});
    node = blocks::inverted_residual(network, node, {.channels = stem_channels, .expanded = stem_channels});
    for (std::size_t stage = 0; stage < plans.size(); ++stage) {
      node = add_stage(network, node, plans[stage], genome.stages[stage]);
    }
    const std::size_t channels = network.node(node).shape.channels;
    node = blocks::convolution_norm(
        network, node, {.channels = head_factor * channels, .kernel = 1, .activation = Activation::hard_swish});
    node = network.hard_swish(network.linear(network.global_average_pool(node), {.features = head_features}));
    network.set_output(network.linear(node, {.features = task.classes}));
    return network;
  }

 protected:
  static constexpr std::size_t stem_channels = 16, head_factor = 6, head_features = 1280;

  /// What is not searched of a stage.
  struct Plan {
    std::array<std::size_t, 3> channels;  ///< narrow, normal, wide; normal as in MobileNetV3-Large
    std::size_t stride;                   ///< of its first layer
    bool squeezes;
    blocks::Activation activation;
  };

  static constexpr std::array<Plan, 5> plans{{{{16, 24, 32}, 1, false, blocks::Activation::relu},
                                              {{32, 40, 48}, 2, true, blocks::Activation::relu},
                                              {{64, 80, 96}, 2, false, blocks::Activation::hard_swish},
                                              {{96, 112, 128}, 1, true, blocks::Activation::hard_swish},
                                              {{128, 160, 192}, 2, true, blocks::Activation::hard_swish}}};

  /// A number of channels as a multiple of 8 and at least 90 % of it, as in the code of the MobileNets.
  static constexpr std::size_t rounded(std::size_t channels) {
    const std::size_t nearest = std::max<std::size_t>(8, (channels + 4) / 8 * 8);
    return 10 * nearest < 9 * channels ? nearest + 8 : nearest;
  }

 private:
  static Network::NodeId add_stage(Network& network, Network::NodeId node, const Plan& plan, const Stage& stage) {
    for (std::size_t i = 0; i < stage.layers.size(); ++i) {
      const std::size_t expanded = stage.layers[i].expansion * network.node(node).shape.channels;
      node = blocks::inverted_residual(network, node,
                                       {.channels = plan.channels[stage.width.index()],
                                        .expanded = expanded,
                                        .kernel = stage.layers[i].kernel,
                                        .stride = i == 0 ? plan.stride : 1,
                                        .activation = plan.activation,
                                        .squeeze = {.channels = plan.squeezes ? rounded(expanded / 4) : 0,
                                                    .gate = blocks::Activation::hard_sigmoid}});
    }
    return node;
  }
};

/// The networks of `MobileNetV3` that cost at most so many multiply-accumulates for an image: a bound that whatever
/// proposes or recombines keeps. What a stage costs depends on the channels and the resolution that it gets.
///
/// @tparam MaxMultiplyAccumulates  at least 23,445,504 for the default task, the smallest network's.
/// @tparam Channels, Side, Classes  of the task: images of Channels x Side x Side.
template <std::uint64_t MaxMultiplyAccumulates, std::size_t Channels = 3, std::size_t Side = 32,
          std::size_t Classes = 10>
struct MobileNetV3Within : MobileNetV3 {
  struct Genome : MobileNetV3::Genome {
    struct Constraint {
      struct State {
        std::size_t stage = 0, channels = stem_channels, side = Side;
        friend constexpr auto operator<=>(const State&, const State&) = default;
      };

      static constexpr std::uint64_t max_cost = MaxMultiplyAccumulates;

      static constexpr State start() { return {}; }
      static constexpr bool accepts(const State&) { return true; }
      static constexpr State step(const State& state, const Stage& stage) {
        const Plan& plan = plans[state.stage];
        return {state.stage + 1, plan.channels[stage.width.index()], (state.side - 1) / plan.stride + 1};
      }

      /// Of a stage, the first one with what comes before it, the last one with what comes behind it.
      static constexpr std::uint64_t cost(const State& state, const Stage& stage) {
        const Plan& plan = plans[state.stage];
        std::uint64_t sum = state.stage == 0 ? Side * Side * stem_channels * (9 * Channels + 9 + stem_channels) : 0;
        std::size_t channels = state.channels, side = state.side;
        for (std::size_t i = 0; i < stage.layers.size(); ++i) {
          const std::size_t kernel = stage.layers[i].kernel, expanded = stage.layers[i].expansion * channels;
          sum += side * side * channels * expanded;
          if (i == 0) side = (side - 1) / plan.stride + 1;
          if (plan.squeezes) sum += 2 * expanded * rounded(expanded / 4);
          channels = plan.channels[stage.width.index()];
          sum += side * side * expanded * (kernel * kernel + channels);
        }
        if (state.stage + 1 < plans.size()) return sum;
        const std::size_t wide = head_factor * channels;
        return sum + side * side * channels * wide + wide * head_features + head_features * Classes;
      }
    };
  };
};

}  // namespace gptnas
