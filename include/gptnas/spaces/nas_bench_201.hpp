// The space of NAS-Bench-201.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

class Network;

/// NAS-Bench-201 (Dong and Yang, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search",
/// 2020): cells of four nodes with an operation on each of the six edges, 5^6 = 15,625 in all.
///
/// The network stacks three stages of five cells, of 16, 32 and 64 channels, with a residual block of stride 2 between.
struct NasBench201 {
  enum class Operation : std::uint8_t { none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3 };

  using Edge = Choice<Operation::none, Operation::skip_connect, Operation::nor_conv_1x1, Operation::nor_conv_3x3,
                      Operation::avg_pool_3x3>;

  struct Genome {
    // In the order of the arch string |a~0|+|b~0|c~1|+|d~0|e~1|f~2|: for each target node, its sources.
    BOOST_HANA_DEFINE_STRUCT(Genome, (Repeat<Edge, 6>, edges));
  };

  static constexpr std::size_t size = 15625;

  /// The number of a cell: its edges as digits of base 5, the first one the most significant.
  static constexpr std::size_t index(const Genome& genome) {
    std::size_t index = 0;
    for (const Edge& edge : genome.edges) index = index * 5 + edge.index();
    return index;
  }

  /// The number of the cell with these six digits, 0 to 4, one an edge.
  ///
  /// @throws std::invalid_argument if the text is anything else.
  static std::size_t index_of(std::string_view digits) {
    std::size_t index = 0;
    bool right = digits.size() == 6;
    for (const char digit : digits) {
      right = right && digit >= '0' && digit <= '4';
      index = index * 5 + static_cast<std::size_t>(digit - '0');
    }
    if (!right) throw invalid_value("NasBench201: cell", digits, "six digits from 0 to 4");
    return index;
  }

  /// The cell of a number. @throws std::invalid_argument if index >= size.
  static Genome genome(std::size_t index) {
    if (index >= size) throw invalid_value("NasBench201: cell number", index, "below 15625");
    Genome genome;
    for (std::size_t edge = 6; edge-- > 0; index /= 5) genome.edges[edge] = Edge::at(index % 5);
    return genome;
  }

  /// The benchmark's arch string: |nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|none~2|.
  static std::string arch_string(const Genome& genome) {
    std::string text;
    std::size_t edge = 0;
    for (std::size_t target = 1; target < 4; ++target) {
      if (target > 1) text += '+';
      for (std::size_t source = 0; source < target; ++source) {
        text += joined({"|", genome.edges[edge++].name(), "~", source});
      }
      text += '|';
    }
    return text;
  }

  /// The cell of an arch string, the inverse of `arch_string`.
  ///
  /// @throws std::invalid_argument if the text is anything else, with the position and what was expected there.
  static Genome from_arch_string(std::string_view text) {
    Genome genome;
    std::size_t position = 0;
    const auto refuse = [&](const std::string& expected) {
      throw std::invalid_argument(
          joined({"NasBench201: arch string \"", text, "\": at position ", position, ": expected ", expected}));
    };
    const auto take = [&](const std::string& part) {
      if (text.substr(position, part.size()) != part) refuse(joined({"\"", part, "\""}));
      position += part.size();
    };
    std::size_t edge = 0;
    for (std::size_t target = 1; target < 4; ++target) {
      if (target > 1) take("+");
      for (std::size_t source = 0; source < target; ++source) {
        take("|");
        const std::string_view name = text.substr(position, text.find('~', position) - position);
        std::size_t value = 0;
        while (value < Edge::cardinality && Edge::at(value).name() != name) ++value;
        if (value == Edge::cardinality) refuse(joined({"one of ", Edge::domain()}));
        genome.edges[edge++] = Edge::at(value);
        position += name.size();
        take(joined({"~", source}));
      }
      take("|");
    }
    if (position != text.size()) refuse("the end");
    return genome;
  }

  /// The benchmark's own name of a class of cells that compute the same but for relabelling: 12,751 of them, or 6,466
  /// if `zeroes` are known to be absorbing and neutral. For every node the sorted terms "(source)@operation", in which
  /// a skip connection is its source.
  static std::string unique_string(const Genome& genome, bool zeroes = true) {
    std::array<std::string, 4> nodes{"0", "", "", ""};
    std::size_t edge = 0;
    for (std::size_t target = 1; target < 4; ++target) {
      std::vector<std::string> terms;
      for (std::size_t source = 0; source < target; ++source) {
        const Edge operation = genome.edges[edge++];
        std::string term = nodes[source];
        if (zeroes && (operation == Operation::none || nodes[source] == "#")) {
          term = "#";
        } else if (operation != Operation::skip_connect) {
          term = joined({"(", nodes[source], ")@", operation.name()});
        }
        terms.insert(std::lower_bound(terms.begin(), terms.end(), term), term);
      }
      for (const std::string& term : terms) nodes[target].append(nodes[target].empty() ? "" : "+").append(term);
    }
    return nodes[3];
  }

  /// The canonical form of a cell: its dead edges are `none`, and of the two orders of the inner nodes it has the one
  /// with the smaller index. Dead is an edge on no path from the input to the output without a `none`; the nodes can
  /// change places where no edge lies between them.
  static constexpr Genome canonical_form(const Genome& genome) {
    enum : std::size_t { a_b, a_c, b_c, a_d, b_d, c_d };  // the edges from input a to b, from a to c, ...
    const auto is_there = [&](std::size_t edge) { return genome.edges[edge] != Operation::none; };
    std::array<bool, 6> live{};
    const auto mark_path = [&](std::initializer_list<std::size_t> path) {
      for (const std::size_t edge : path) {
        if (!is_there(edge)) return;
      }
      for (const std::size_t edge : path) live[edge] = true;
    };
    mark_path({a_d});
    mark_path({a_b, b_d});
    mark_path({a_c, c_d});
    mark_path({a_b, b_c, c_d});
    Genome form = genome;
    for (std::size_t edge = 0; edge < 6; ++edge) {
      if (!live[edge]) form.edges[edge] = Operation::none;
    }
    if (form.edges[b_c] != Operation::none) return form;
    Genome other = form;
    std::swap(other.edges[a_b], other.edges[a_c]);
    std::swap(other.edges[b_d], other.edges[c_d]);
    return index(other) < index(form) ? other : form;
  }

  /// The paths of a cell from input to output, each the digits of its operations but skip connections; ascending,
  /// without repetition. A path with a `none` is none.
  static std::vector<std::uint64_t> paths(const Genome& genome) {
    std::vector<std::uint64_t> paths;
    const auto add = [&](std::initializer_list<std::size_t> edges) {
      std::uint64_t path = 0;
      for (const std::size_t edge : edges) {
        if (genome.edges[edge] == Operation::none) return;
        if (genome.edges[edge] != Operation::skip_connect) path = path * 5 + genome.edges[edge].index();
      }
      const auto place = std::lower_bound(paths.begin(), paths.end(), path);
      if (place == paths.end() || *place != path) paths.insert(place, path);
    };
    add({3});
    add({0, 4});
    add({1, 5});
    add({0, 2, 5});
    return paths;
  }

  /// Multiply-accumulates of a cell, in each of the stages alike, on images of 32 x 32 pixels.
  static constexpr std::uint64_t cell_multiply_accumulates(const Genome& genome) {
    std::uint64_t windows = 0;
    for (const Edge& edge : genome.edges) {
      windows += edge == Operation::nor_conv_1x1 ? 1 : edge == Operation::nor_conv_3x3 ? 9 : 0;
    }
    return windows * (16 * 32) * (16 * 32);
  }

  /// The network of a cell. Who builds includes gptnas/network/network.hpp: a search over the table does without it.
  template <class Graph = Network>
  static Graph build(const Genome& genome, const TaskShape& task) {
    Graph network(task);
    typename Graph::NodeId node =
        network.batch_norm(network.convolution(network.input(), {.channels = 16, .kernel = 3}));
    for (const std::size_t channels : {16u, 32u, 64u}) {
      if (channels > 16) node = add_reduction(network, node, channels);
      for (int repetition = 0; repetition < 5; ++repetition) node = add_cell(network, node, genome, channels);
    }
    node = network.global_average_pool(network.relu(network.batch_norm(node)));
    network.set_output(network.linear(node, {.features = task.classes}));
    return network;
  }

 private:
  template <class Graph, class NodeId>
  static NodeId add_convolution(Graph& network, NodeId from, std::size_t channels, std::size_t kernel,
                                std::size_t stride) {
    return network.batch_norm(
        network.convolution(network.relu(from), {.channels = channels, .kernel = kernel, .stride = stride}));
  }

  template <class Graph, class NodeId>
  static NodeId add_operation(Graph& network, NodeId from, Operation operation, std::size_t channels) {
    switch (operation) {
      case Operation::none: return network.zero(from);
      case Operation::skip_connect: return network.identity(from);
      case Operation::nor_conv_1x1: return add_convolution(network, from, channels, 1, 1);
      case Operation::nor_conv_3x3: return add_convolution(network, from, channels, 3, 1);
      case Operation::avg_pool_3x3: return network.average_pool(from, {.kernel = 3, .stride = 1});
    }
    throw invalid_value("NasBench201: operation", static_cast<int>(operation), "0 to 4");
  }

  template <class Graph, class NodeId>
  static NodeId add_cell(Graph& network, NodeId from, const Genome& genome, std::size_t channels) {
    std::vector<NodeId> nodes{from};
    std::size_t edge = 0;
    for (std::size_t target = 1; target < 4; ++target) {
      std::vector<NodeId> sum;
      for (std::size_t source = 0; source < target; ++source) {
        sum.push_back(add_operation(network, nodes[source], genome.edges[edge++], channels));
      }
      nodes.push_back(sum.size() == 1 ? sum[0] : network.add(sum));
    }
    return nodes.back();
  }

  template <class Graph, class NodeId>
  static NodeId add_reduction(Graph& network, NodeId from, std::size_t channels) {
    const auto main = add_convolution(network, add_convolution(network, from, channels, 3, 2), channels, 3, 1);
    const auto shortcut = network.convolution(network.average_pool(from, {.kernel = 2, .stride = 2}),
                                              {.channels = channels, .kernel = 1});
    return network.add(main, shortcut);
  }
};

/// NAS-Bench-201 where cells of one canonical form are the same to a search, though they have different rows in the
/// table.
struct NasBench201UpToIsomorphism : NasBench201 {
  static constexpr Genome canonical(const Genome& genome) { return canonical_form(genome); }
};

}  // namespace gptnas
