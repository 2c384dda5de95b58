// The space of NAS-Bench-Macro.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/spaces/blocks.hpp>

namespace gptnas {

/// NAS-Bench-Macro (Su et al., "Prioritized Architecture Sampling with Monto-Carlo Tree Search", 2021): eight layers,
/// each a choice of three, 3^8 = 6,561 in all.
///
/// The network: a 3x3 convolution of 32 channels; stages of two, three and three layers, the first of which halves the
/// resolution and doubles the channels; a 1x1 convolution of 1,280 channels; the classifier. An identity that halves is
/// a strided 1x1 convolution and batch norm.
struct NasBenchMacro {
  /// Identity; inverted residual with expansion 3 and kernel 3; with expansion 6 and kernel 5.
  enum class Operation : std::uint8_t { identity, mb3_k3, mb6_k5 };

  using Layer = Choice<Operation::identity, Operation::mb3_k3, Operation::mb6_k5>;

  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Repeat<Layer, 8>, layers));
  };

  static constexpr std::size_t size = 6561;

  /// The number of a genome: its layers as digits of base 3, the first one the most significant.
  static constexpr std::size_t index(const Genome& genome) {
    std::size_t index = 0;
    for (const Layer& layer : genome.layers) index = index * 3 + layer.index();
    return index;
  }

  /// The number of the genome with this arch string. @throws std::invalid_argument if it is none.
  static std::size_t index_of(std::string_view digits) { return index(from_arch_string(digits)); }

  /// The genome of a number. @throws std::invalid_argument if index >= size.
  static Genome genome(std::size_t index) {
    if (index >= size) throw invalid_value("NasBenchMacro: number", index, "below 6561");
    Genome genome;
    for (std::size_t layer = 8; layer-- > 0; index /= 3) genome.layers[layer] = Layer::at(index % 3);
    return genome;
  }

  /// The benchmark's name of a genome: "01201201", a digit a layer.
  static std::string arch_string(const Genome& genome) {
    std::string digits;
    for (const Layer& layer : genome.layers) digits += static_cast<char>('0' + layer.index());
    return digits;
  }

  /// The genome of such a name, the inverse of `arch_string`.
  ///
  /// @throws std::invalid_argument if the text is anything else.
  static Genome from_arch_string(std::string_view digits) {
    if (digits.size() != 8 || digits.find_first_not_of("012") != digits.npos) {
      throw invalid_value("NasBenchMacro: arch string", digits, "eight digits from 0 to 2");
    }
    Genome genome;
    for (std::size_t layer = 0; layer < 8; ++layer) {
      genome.layers[layer] = Layer::at(static_cast<std::size_t>(digits[layer] - '0'));
    }
    return genome;
  }

  /// The benchmark's key: within a stage, an identity behind the first layer does nothing, thus such ones go to the
  /// end. There are 9 * 21 * 21 = 3,969 such genomes.
  static constexpr Genome canonical(const Genome& genome) {
    Genome result;  // identities all
    std::size_t first = 0;
    for (const std::size_t depth : depths) {
      std::size_t next = first;
      for (std::size_t layer = first; layer < first + depth; ++layer) {
        if (layer == first || genome.layers[layer] != Operation::identity) result.layers[next++] = genome.layers[layer];
      }
      first += depth;
    }
    return result;
  }

  static Network build(const Genome& genome, const TaskShape& task) {
    Network network(task);
    std::size_t channels = 32, layer = 0;
    Network::NodeId node = blocks::convolution_norm(network, network.input(), {.channels = channels});
    for (const std::size_t depth : depths) {
      channels *= 2;
      for (std::size_t i = 0; i < depth; ++i) {
        node = add_layer(network, node, genome.layers[layer++], channels, i == 0 ? 2 : 1);
      }
    }
    blocks::classify(network, blocks::convolution_norm(network, node, {.channels = 1280, .kernel = 1}));
    return network;
  }

 private:
  static constexpr std::array<std::size_t, 3> depths{2, 3, 3};  // layers a stage

  static Network::NodeId add_layer(Network& network, Network::NodeId from, Operation operation, std::size_t channels,
                                   std::size_t stride) {
    const std::size_t inputs = network.node(from).shape.channels;
    switch (operation) {
      case Operation::identity: return blocks::shortcut(network, from, channels, stride);
      case Operation::mb3_k3:
        return blocks::inverted_residual(network, from,
                                         {.channels = channels, .expanded = 3 * inputs, .kernel = 3, .stride = stride});
      case Operation::mb6_k5:
        return blocks::inverted_residual(network, from,
                                         {.channels = channels, .expanded = 6 * inputs, .kernel = 5, .stride = stride});
    }
    throw invalid_value("NasBenchMacro: operation", static_cast<int>(operation), "0 to 2");
  }
};

}  // namespace gptnas
