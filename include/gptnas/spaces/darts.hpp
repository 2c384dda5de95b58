// The space of DARTS.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/spaces/blocks.hpp>

namespace gptnas {

/// The candidate operations of DARTS.
enum class DartsOperation : std::uint8_t {
  max_pool_3x3,
  avg_pool_3x3,
  skip_connect,
  sep_conv_3x3,
  sep_conv_5x5,
  dil_conv_3x3,
  dil_conv_5x5,
  none
};

/// Pairs of cells of DARTS (Liu, Simonyan and Yang, "DARTS: Differentiable Architecture Search", 2019): a normal and a
/// reduction cell, each with four nodes that sum two operations on two different predecessors.
///
/// Node i of 2 to 5 has i predecessors: the outputs of the two cells before, 0 and 1, and the nodes before. A gene
/// names the two, one of i (i - 1) / 2 pairs; for node 2 there is only one. With n operations there are
/// n^8 * 1 * 3 * 6 * 10 cells, and the square of that genomes. See `DartsCells` and `DartsCellsWithNone`.
///
/// @tparam Further  operations beside the seven that DARTS derives.
template <DartsOperation... Further>
struct BasicDartsCells {
  using Operation = DartsOperation;

  /// Two predecessors, those of the smaller nodes first.
  enum class Sources : std::uint8_t { on_0_1, on_0_2, on_1_2, on_0_3, on_1_3, on_2_3, on_0_4, on_1_4, on_2_4, on_3_4 };

  using OperationGene =
      Choice<Operation::max_pool_3x3, Operation::avg_pool_3x3, Operation::skip_connect, Operation::sep_conv_3x3,
             Operation::sep_conv_5x5, Operation::dil_conv_3x3, Operation::dil_conv_5x5, Further...>;
  using SourcesOf3 = Choice<Sources::on_0_1, Sources::on_0_2, Sources::on_1_2>;
  using SourcesOf4 =
      Choice<Sources::on_0_1, Sources::on_0_2, Sources::on_1_2, Sources::on_0_3, Sources::on_1_3, Sources::on_2_3>;
  using SourcesOf5 = Choice<Sources::on_0_1, Sources::on_0_2, Sources::on_1_2, Sources::on_0_3, Sources::on_1_3,
                            Sources::on_2_3, Sources::on_0_4, Sources::on_1_4, Sources::on_2_4, Sources::on_3_4>;

  // The first operation is on the first of the sources, which is the smaller one.
  struct Node2 {
    BOOST_HANA_DEFINE_STRUCT(Node2, (OperationGene, first), (OperationGene, second));
  };
  struct Node3 {
    BOOST_HANA_DEFINE_STRUCT(Node3, (SourcesOf3, sources), (OperationGene, first), (OperationGene, second));
  };
  struct Node4 {
    BOOST_HANA_DEFINE_STRUCT(Node4, (SourcesOf4, sources), (OperationGene, first), (OperationGene, second));
  };
  struct Node5 {
    BOOST_HANA_DEFINE_STRUCT(Node5, (SourcesOf5, sources), (OperationGene, first), (OperationGene, second));
  };

  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Node2, normal_2), (Node3, normal_3), (Node4, normal_4), (Node5, normal_5),
                             (Node2, reduce_2), (Node3, reduce_3), (Node4, reduce_4), (Node5, reduce_5));
  };

  /// The genome as DARTS prints it:
  /// Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=range(2, 6), reduce=[...], reduce_concat=range(2, 6)).
  /// Of a node's two operations, that on the smaller predecessor comes first.
  static std::string genotype(const Genome& genome) {
    std::string text("Genotype(normal=");
    text.append(text_of(normal_cell(genome))).append(", normal_concat=range(2, 6), reduce=");
    return text.append(text_of(reduction_cell(genome))).append(", reduce_concat=range(2, 6))");
  }

  /// The genome of such a text. White space between its parts is free; the operations of a node come in any order;
  /// [2, 3, 4, 5] is as good as range(2, 6).
  ///
  /// @throws std::invalid_argument if the text is anything else, with the position, what stands there and what was
  ///         expected.
  static Genome from_genotype(std::string_view genotype) {
    Reader reader{genotype};
    for (const char* part : {"Genotype", "(", "normal", "="}) reader.take(part);
    const Cell normal = read_cell(reader);
    for (const char* part : {",", "normal_concat", "="}) reader.take(part);
    read_concat(reader);
    for (const char* part : {",", "reduce", "="}) reader.take(part);
    const Cell reduction = read_cell(reader);
    for (const char* part : {",", "reduce_concat", "="}) reader.take(part);
    read_concat(reader);
    reader.take(")");
    reader.take_end();
    return {node_of<Node2>(normal[0]),    node_of<Node3>(normal[1]),    node_of<Node4>(normal[2]),
            node_of<Node5>(normal[3]),    node_of<Node2>(reduction[0]), node_of<Node3>(reduction[1]),
            node_of<Node4>(reduction[2]), node_of<Node5>(reduction[3])};
  }

 protected:
  struct Edge {
    Operation operation;
    std::size_t source;
  };
  using Node = std::array<Edge, 2>;  ///< the smaller source first
  using Cell = std::array<Node, 4>;

  static Cell normal_cell(const Genome& genome) {
    return {edges(genome.normal_2), edges(genome.normal_3), edges(genome.normal_4), edges(genome.normal_5)};
  }
  static Cell reduction_cell(const Genome& genome) {
    return {edges(genome.reduce_2), edges(genome.reduce_3), edges(genome.reduce_4), edges(genome.reduce_5)};
  }

 private:
  /// Reads a text part by part, skipping the white space before each.
  struct Reader {
    std::string_view text;
    std::size_t position = 0;

    void skip_space() {
      const std::size_t next = text.find_first_not_of(" \t\r\n", position);
      position = next == text.npos ? text.size() : next;
    }
    bool next_is(std::string_view part) {
      skip_space();
      return text.substr(position, part.size()) == part;
    }
    void take(std::string_view part) {
      if (!next_is(part)) refuse(joined({"\"", part, "\""}));
      position += part.size();
    }
    void take_end() {
      skip_space();
      if (position != text.size()) refuse("the end");
    }
    [[noreturn]] void refuse(const std::string& expected) const {
      constexpr std::size_t shown = 20;
      const std::string_view rest = text.substr(position);
      std::string message = "Darts: genotype: at position ";
      message.append(std::to_string(position)).append(": ");
      if (rest.empty()) {
        message += "the end";
      } else {
        message.append("\"").append(rest.substr(0, shown)).append(rest.size() > shown ? "...\"" : "\"");
      }
      throw std::invalid_argument(message.append("; expected ").append(expected));
    }
  };

  // -- Nodes as edges: the pairs of sources in the order of `Sources`: for each second one, the first ones below it --

  static std::size_t pair_index(std::size_t first, std::size_t second) { return second * (second - 1) / 2 + first; }

  template <class AnyNode>
  static Node edges(const AnyNode& node) {
    std::size_t index = 0;
    if constexpr (requires { node.sources; }) index = node.sources.index();
    std::size_t second = 1;
    while (pair_index(0, second + 1) <= index) ++second;
    return {Edge{node.first, index - pair_index(0, second)}, Edge{node.second, second}};
  }

  template <class AnyNode>
  static AnyNode node_of(const Node& edges) {
    AnyNode node;
    if constexpr (requires { node.sources; }) {
      node.sources = decltype(node.sources)::at(pair_index(edges[0].source, edges[1].source));
    }
    node.first = edges[0].operation;
    node.second = edges[1].operation;
    return node;
  }

  // -- Text --

  static std::string text_of(const Cell& cell) {
    std::string text;
    for (const Node& node : cell) {
      for (const Edge& edge : node) {
        text += text.empty() ? "[('" : ", ('";
        text.append(OperationGene(edge.operation).name()).append("', ").append(std::to_string(edge.source)) += ')';
      }
    }
    return text += ']';
  }

  static Operation read_operation(Reader& reader) {
    reader.take("'");
    const std::string_view rest = reader.text.substr(reader.position);
    const std::string_view name = rest.substr(0, rest.find('\''));
    for (const Operation operation : OperationGene::values) {
      if (OperationGene(operation).name() != name) continue;
      reader.position += name.size();
      reader.take("'");
      return operation;
    }
    reader.refuse(joined({"one of ", OperationGene::domain()}));
  }

  /// A node below `count`, of one digit.
  static std::size_t read_source(Reader& reader, std::size_t count, std::size_t other) {
    reader.skip_space();
    const char digit = reader.position < reader.text.size() ? reader.text[reader.position] : '\0';
    const auto source = static_cast<std::size_t>(digit - '0');
    if (digit < '0' || source >= count || source == other) {
      std::string expected = joined({"a node from 0 to ", count - 1});
      if (other < count) expected.append(" but ").append(std::to_string(other));
      reader.refuse(expected);
    }
    ++reader.position;
    return source;
  }

  static Cell read_cell(Reader& reader) {
    Cell cell{};
    reader.take("[");
    for (std::size_t i = 0; i < cell.size(); ++i) {
      const std::size_t sources = 2 + i;
      std::size_t other = sources;  // no node
      for (Edge& edge : cell[i]) {
        if (i > 0 || other < sources) reader.take(",");
        reader.take("(");
        edge.operation = read_operation(reader);
        reader.take(",");
        other = edge.source = read_source(reader, sources, other);
        reader.take(")");
      }
      if (cell[i][0].source > cell[i][1].source) std::swap(cell[i][0], cell[i][1]);
    }
    reader.take("]");
    return cell;
  }

  static void read_concat(Reader& reader) {
    if (reader.next_is("[")) {
      for (const char* part : {"[", "2", ",", "3", ",", "4", ",", "5", "]"}) reader.take(part);
    } else if (reader.next_is("range")) {
      for (const char* part : {"range", "(", "2", ",", "6", ")"}) reader.take(part);
    } else {
      reader.refuse("range(2, 6) or [2, 3, 4, 5]");
    }
  }
};

/// What DARTS derives: 1,037,664,180^2 = 1,076,746,950,455,072,400 genomes of seven operations, the paper's 10^18. The
/// eighth, `none`, is a means of the paper's search and in no genotype that it gives.
using DartsCells = BasicDartsCells<>;

/// All eight operations: 3,019,898,880^2 = 9,119,789,245,425,254,400 genomes. `none` adds nothing to its node.
using DartsCellsWithNone = BasicDartsCells<DartsOperation::none>;

/// The space of DARTS with its network for small images: a 3x3 convolution of 3 * Channels channels, then the cells;
/// those at one and at two thirds are reduction cells, halve the resolution and double the channels.
///
/// As in the authors' evaluation, batch norms learn scale and shift, pools have none, and each cell brings its two
/// inputs to its channels and resolution. There is no auxiliary head and no dropping of paths. Rows and columns that a
/// factorized reduction would read behind the end of an odd image are zeros.
///
/// @tparam Cells      at least 1.
/// @tparam Channels   of an operation in the first cells; even.
/// @tparam Genotypes  `DartsCells` or `DartsCellsWithNone`.
template <std::size_t Cells = 20, std::size_t Channels = 36, class Genotypes = DartsCells>
struct Darts : Genotypes {
  static_assert(Cells >= 1, "gptnas::Darts needs at least one cell; see docs/concepts.md#space");
  static_assert(Channels >= 2 && Channels % 2 == 0,
                "gptnas::Darts needs an even number of channels; see docs/concepts.md#space");

  using typename Genotypes::Genome;

  static Network build(const Genome& genome, const TaskShape& task) {
    const Cell normal = Genotypes::normal_cell(genome), reduction = Genotypes::reduction_cell(genome);
    Network network(task);
    std::size_t channels = Channels;
    Network::NodeId last = network.batch_norm(network.convolution(network.input(), {.channels = 3 * channels}));
    Network::NodeId before_last = last;
    for (std::size_t i = 0; i < Cells; ++i) {
      const bool reduces = i == Cells / 3 || i == 2 * Cells / 3;
      if (reduces) channels *= 2;
      const Network::NodeId next =
          add_cell(network, reduces ? reduction : normal, before_last, last, channels, reduces);
      before_last = last;
      last = next;
    }
    blocks::classify(network, last);
    return network;
  }

 private:
  using typename Genotypes::Cell;
  using typename Genotypes::Node;

  static Network::NodeId add_cell(Network& network, const Cell& cell, Network::NodeId before_last, Network::NodeId last,
                                  std::size_t channels, bool reduces) {
    const auto height = [&](Network::NodeId node) { return network.node(node).shape.height; };
    const auto width = [&](Network::NodeId node) { return network.node(node).shape.width; };
    const bool was_reduced = height(before_last) != height(last) || width(before_last) != width(last);
    std::vector<Network::NodeId> nodes{was_reduced ? add_factorized_reduction(network, before_last, channels)
                                                   : add_projection(network, before_last, channels),
                                       add_projection(network, last, channels)};
    for (const Node& node : cell) {
      std::array<Network::NodeId, 2> terms{};
      for (std::size_t i = 0; i < 2; ++i) {
        const std::size_t source = node[i].source;
        terms[i] = add_operation(network, nodes[source], node[i].operation, channels, reduces && source < 2 ? 2 : 1);
      }
      nodes.push_back(network.add(terms[0], terms[1]));
    }
    return network.concatenate(std::span(nodes).subspan(2));
  }

  static Network::NodeId add_projection(Network& network, Network::NodeId from, std::size_t channels) {
    return network.batch_norm(network.convolution(network.relu(from), {.channels = channels, .kernel = 1}));
  }

  /// Half resolution by two 1x1 convolutions, one of which sees the pixels that the other leaves out.
  static Network::NodeId add_factorized_reduction(Network& network, Network::NodeId from, std::size_t channels) {
    const Network::NodeId node = network.relu(from);
    const operations::Convolution half{.channels = channels / 2, .kernel = 1, .stride = 2};
    return network.batch_norm(network.concatenate(
        {network.convolution(node, half), network.convolution(network.shift(node, {.rows = 1, .columns = 1}), half)}));
  }

  static Network::NodeId add_separable(Network& network, Network::NodeId from, std::size_t kernel, std::size_t stride,
                                       std::size_t dilation) {
    const std::size_t channels = network.node(from).shape.channels;
    Network::NodeId node = network.convolution(
        network.relu(from),
        {.channels = channels, .kernel = kernel, .stride = stride, .dilation = dilation, .groups = channels});
    return network.batch_norm(network.convolution(node, {.channels = channels, .kernel = 1}));
  }

  static Network::NodeId add_operation(Network& network, Network::NodeId from, DartsOperation operation,
                                       std::size_t channels, std::size_t stride) {
    const auto separable = [&](std::size_t kernel) {
      return add_separable(network, add_separable(network, from, kernel, stride, 1), kernel, 1, 1);
    };
    switch (operation) {
      case DartsOperation::max_pool_3x3: return network.max_pool(from, {.kernel = 3, .stride = stride});
      case DartsOperation::avg_pool_3x3: return network.average_pool(from, {.kernel = 3, .stride = stride});
      case DartsOperation::skip_connect:
        return stride == 1 ? network.identity(from) : add_factorized_reduction(network, from, channels);
      case DartsOperation::sep_conv_3x3: return separable(3);
      case DartsOperation::sep_conv_5x5: return separable(5);
      case DartsOperation::dil_conv_3x3: return add_separable(network, from, 3, stride, 2);
      case DartsOperation::dil_conv_5x5: return add_separable(network, from, 5, stride, 2);
      case DartsOperation::none: return network.zero(from, {.stride = stride});
    }
    throw invalid_value("Darts: operation", static_cast<int>(operation), "0 to 7");
  }
};

}  // namespace gptnas
