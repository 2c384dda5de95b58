// The space of NAS-Bench-101.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
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
#include <gptnas/core/md5.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/data/nas_bench_101_operations.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/network/network.hpp>

namespace gptnas {

/// NAS-Bench-101 (Ying et al., "NAS-Bench-101: Towards Reproducible Neural Architecture Search", 2019): cells of up to
/// seven vertices and nine edges with one of three operations on each inner vertex, 423,624 different ones.
///
/// The network is a convolution to 128 channels and three stacks of three cells; before the second and the third a pool
/// halves the image and the channels double. Edges from the input are projections, 1x1 convolutions; edges into the
/// output are concatenated. The channels of a vertex follow from the graph, so that parameters may depend by a few on
/// the order of the vertices.
struct NasBench101 {
  enum class Operation : std::uint8_t { conv3x3_bn_relu, conv1x1_bn_relu, maxpool3x3 };

  using CellType = Cell<7, 9, Operation::conv3x3_bn_relu, Operation::conv1x1_bn_relu, Operation::maxpool3x3>;

  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (CellType, cell));
  };

  /// Number of cells that are not isomorphic, which is that of the keys.
  static constexpr std::size_t size = 423'624;

  /// The operation that the benchmark calls by this name. @throws std::invalid_argument if there is none.
  static CellType::Operation operation(std::string_view name) {
    const auto& names = nas_bench_101_operations;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      throw invalid_value("NasBench101: operation", name, "conv3x3-bn-relu, conv1x1-bn-relu or maxpool3x3");
    }
    return CellType::Operation::at(static_cast<std::size_t>(found - names.begin()));
  }

  /// The cell of a module as the benchmark gives it: vertices that lie on no path from the input to the output do not
  /// count.
  ///
  /// @param adjacency   (N,N) 0 or 1, row by row: an edge from the row's to the column's vertex; N from 2 to 7.
  /// @param operations  of the N - 2 inner vertices.
  /// @throws std::invalid_argument if the sizes do not fit, if an entry is not 0 or 1, or on or below the diagonal (a
  ///   cycle), if nothing leads from the input to the output, or if more than nine edges do.
  static Genome genome(std::span<const std::uint8_t> adjacency, std::span<const CellType::Operation> operations) {
    const std::size_t vertices = operations.size() + 2;
    if (vertices > CellType::vertices) {
      throw invalid_value("NasBench101: vertices", vertices, joined({"2 to ", CellType::vertices}));
    }
    if (adjacency.size() != vertices * vertices) {
      throw invalid_value("NasBench101: entries of the adjacency", adjacency.size(),
                          std::to_string(vertices * vertices));
    }
    std::vector<CellEdge> edges;
    for (std::size_t from = 0; from < vertices; ++from) {
      for (std::size_t to = 0; to < vertices; ++to) {
        const std::uint8_t entry = adjacency[from * vertices + to];
        if (entry > 1 || (entry == 1 && from >= to)) {
          throw invalid_value(joined({"NasBench101: adjacency from ", from, " to ", to}), entry,
                              from < to ? "0 or 1" : "0, as edges go to higher vertices");
        }
        if (entry == 1) edges.push_back({from, to + 1 == vertices ? CellType::vertices - 1 : to});
      }
    }
    // As many edges as there can be, until the dead ones are gone.
    using Wide = Cell<7, 21, Operation::conv3x3_bn_relu, Operation::conv1x1_bn_relu, Operation::maxpool3x3>;
    std::array<CellType::Operation, CellType::inner_vertices> all{};
    std::copy(operations.begin(), operations.end(), all.begin());
    const Wide live = pruned(Wide(std::span<const CellType::Operation>(all), edges));
    edges.clear();
    for (std::size_t to = 1; to < CellType::vertices; ++to) {
      for (std::size_t from = 0; from < to; ++from) {
        if (live.edge(from, to)) edges.push_back({from, to});
      }
      if (to <= CellType::inner_vertices) all[to - 1] = live.operation(to);
    }
    return {CellType(std::span<const CellType::Operation>(all), edges)};
  }

  /// A number of its own for each canonical cell, below 2^31, the same for cells that are isomorphic: the key of
  /// tables.
  static constexpr std::uint64_t key(const Genome& genome) { return canonical_key({canonical(genome.cell)}); }

  /// The key of a cell that is in canonical form; of one that is not, a number that is no cell's key: all edges and
  /// operations, as they are.
  static constexpr std::uint64_t canonical_key(const Genome& genome) {
    std::uint64_t key = 0;
    for (std::size_t vertex = 1; vertex < CellType::vertices; ++vertex) {
      key = key << vertex | genome.cell.sources(vertex);
      if (vertex <= CellType::inner_vertices) key = key << 2 | genome.cell.operation(vertex).index();
    }
    return key;
  }

  /// The benchmark's name of a cell: 32 hexadecimal digits, the same for isomorphic cells (Ying, "Enumerating Unique
  /// Computational Graphs via an Iterative Graph Invariant", 2019). Complexity: V (V + 1) digests of MD5.
  static std::string module_hash(const Genome& genome) {
    const Graph graph(genome.cell);
    std::array<std::array<char, 32>, CellType::vertices> hashes, next;
    std::string text;
    text.reserve(256);
    for (std::size_t vertex = 0; vertex < graph.size; ++vertex) {
      const int label = vertex == 0 ? -1 : vertex + 1 == graph.size ? -2 : static_cast<int>(graph.operations[vertex]);
      text.clear();
      text += '(';
      text.append(std::to_string(graph.degree(graph.targets[vertex]))).append(", ");
      text.append(std::to_string(graph.degree(graph.sources[vertex]))).append(", ");
      text.append(std::to_string(label)).append(")");
      hashes[vertex] = md5_digits(text);
    }
    const auto append_sorted = [&](std::uint32_t vertices) {
      std::array<std::string_view, CellType::vertices> some;
      std::size_t count = 0;
      for (std::size_t vertex = 0; vertex < graph.size; ++vertex) {
        if (vertices >> vertex & 1u) some[count++] = {hashes[vertex].data(), 32};
      }
      sort_few(some, count);
      for (std::size_t i = 0; i < count; ++i) text += some[i];
    };
    for (std::size_t round = 0; round < graph.size; ++round) {
      for (std::size_t vertex = 0; vertex < graph.size; ++vertex) {
        text.clear();
        append_sorted(graph.sources[vertex]);
        text += '|';
        append_sorted(graph.targets[vertex]);
        text += '|';
        text.append(hashes[vertex].data(), 32);
        next[vertex] = md5_digits(text);
      }
      hashes = next;
    }
    sort_few(hashes, graph.size);
    text.clear();
    text += '[';
    for (std::size_t vertex = 0; vertex < graph.size; ++vertex) {
      if (vertex > 0) text += ", ";
      ((text += '\'').append(hashes[vertex].data(), 32)) += '\'';
    }
    return md5(text += ']');
  }

  /// Calls `visit(cell)` for one cell of each isomorphism class with so many live vertices, in canonical form: 1, 6,
  /// 84, 2,441, 62,010, 359,082 cells for 2 to 7 vertices. Complexity: O(labelled cells), 1,293,208 in all.
  ///
  /// @throws std::invalid_argument if `vertices` is not 2 to 7.
  template <class Visit>
  static void for_each_cell(std::size_t vertices, Visit visit) {
    if (vertices < 2 || vertices > CellType::vertices) throw invalid_value("NasBench101: vertices", vertices, "2 to 7");
    for (std::uint32_t bits = 0; bits < 1u << vertices * (vertices - 1) / 2; ++bits) {
      if (std::popcount(bits) > static_cast<int>(CellType::max_edges)) continue;
      std::uint32_t with_sources = 1, with_targets = 1u << (vertices - 1);
      std::vector<CellEdge> edges;
      for (std::size_t to = 1, at = 0; to < vertices; at += to++) {
        for (std::size_t from = 0; from < to; ++from) {
          if (!(bits >> (at + from) & 1u)) continue;
          with_sources |= 1u << to;
          with_targets |= 1u << from;
          edges.push_back({from, to + 1 == vertices ? CellType::vertices - 1 : to});
        }
      }
      if ((with_sources & with_targets) + 1 != 1u << vertices) continue;  // a vertex is dead
      std::array<CellType::Operation, CellType::inner_vertices> operations{};
      CellType cell(std::span<const CellType::Operation>(operations), edges);
      for_each_labelling(cell, vertices - 2, [&] {
        if (is_canonical(cell)) visit(cell);
      });
    }
  }

  /// The paths of a cell from input to output, each the digits, 1 to 3, of its operations; ascending, without repetition.
  /// Isomorphic cells have the same. Complexity: O(paths log paths).
  static std::vector<std::uint64_t> paths(const Genome& genome) {
    const Graph graph(genome.cell);
    std::array<std::vector<std::uint64_t>, CellType::vertices> into;  // from the input to each vertex
    into[0].push_back(0);
    for (std::size_t vertex = 1; vertex < graph.size; ++vertex) {
      const bool output = vertex + 1 == graph.size;
      for (std::size_t from = 0; from < vertex; ++from) {
        if (!graph.has_edge(from, vertex)) continue;
        for (const std::uint64_t path : into[from]) {
          into[vertex].push_back(output ? path : path << 2 | (graph.operations[vertex] + 1));
        }
      }
      std::sort(into[vertex].begin(), into[vertex].end());
      into[vertex].erase(std::unique(into[vertex].begin(), into[vertex].end()), into[vertex].end());
    }
    return into[graph.size - 1];
  }

  /// Parameters of the network of a cell on images of three channels, without building it. Complexity: O(vertices^2).
  static std::uint64_t parameters(const Genome& genome, std::size_t classes = 10) {
    const auto unit = [](std::uint64_t from, std::uint64_t to, std::uint64_t window) {
      return window * from * to + 2 * to;
    };
    const Graph graph(genome.cell);
    std::uint64_t sum = unit(3, 128, 9) + (512 + 1) * classes;
    for (std::size_t stack = 0, input = 128; stack < 3; ++stack) {
      const std::size_t of_output = std::size_t{128} << stack;
      const auto channels = graph.channels(of_output);
      for (int cell = 0; cell < 3; ++cell, input = of_output) {
        for (std::size_t vertex = 1; vertex < graph.size; ++vertex) {
          if (graph.has_edge(0, vertex)) sum += unit(input, channels[vertex], 1);
          if (vertex + 1 == graph.size) continue;
          const auto operation = static_cast<Operation>(graph.operations[vertex]);
          if (operation == Operation::conv3x3_bn_relu) sum += unit(channels[vertex], channels[vertex], 9);
          if (operation == Operation::conv1x1_bn_relu) sum += unit(channels[vertex], channels[vertex], 1);
        }
      }
    }
    return sum;
  }

  static Network build(const Genome& genome, const TaskShape& task) {
    const Graph graph(genome.cell);
    Network network(task);
    std::size_t channels = 128;
    Network::NodeId node = unit(network, network.input(), channels, 3);
    for (std::size_t stack = 0; stack < 3; ++stack) {
      if (stack > 0) {
        node = network.max_pool(node, {.kernel = 2, .stride = 2});
        channels *= 2;
      }
      for (std::size_t cell = 0; cell < 3; ++cell) node = add_cell(network, node, graph, channels);
    }
    network.set_output(network.linear(network.global_average_pool(node), {.features = task.classes}));
    return network;
  }

 private:
  // The live part of a cell.
  struct Graph {
    explicit Graph(const CellType& whole) {
      const std::uint32_t live = detail::live_vertices(detail::all_sources(whole));
      const CellType cell = pruned(whole);
      size = static_cast<std::size_t>(std::popcount(live));
      for (std::size_t vertex = 1; vertex < size; ++vertex) {
        const bool output = vertex + 1 == size;
        sources[vertex] = cell.sources(output ? CellType::vertices - 1 : vertex);
        if (!output) operations[vertex] = cell.operation(vertex).index();
        for (std::size_t from = 0; from < vertex; ++from) {
          if (sources[vertex] >> from & 1u) targets[from] |= 1u << vertex;
        }
      }
    }

    static std::size_t degree(std::uint32_t vertices) { return static_cast<std::size_t>(std::popcount(vertices)); }
    bool has_edge(std::size_t from, std::size_t to) const { return sources[to] >> from & 1u; }

    // The channels of each vertex: those before the output share its channels, the others have as many as the widest
    // inner vertex that they lead to.
    std::array<std::size_t, CellType::vertices> channels(std::size_t of_output) const {
      std::array<std::size_t, CellType::vertices> result{};
      const std::size_t output = size - 1, parts = degree(sources[output] & ~1u);
      result[output] = of_output;
      if (parts == 0) return result;
      std::size_t rest = of_output % parts;
      for (std::size_t vertex = 1; vertex < output; ++vertex) {
        if (!has_edge(vertex, output)) continue;
        result[vertex] = of_output / parts + (rest > 0);
        rest -= rest > 0;
      }
      for (std::size_t vertex = output; vertex-- > 1;) {
        if (has_edge(vertex, output)) continue;
        for (std::size_t to = vertex + 1; to < output; ++to) {
          if (has_edge(vertex, to)) result[vertex] = std::max(result[vertex], result[to]);
        }
      }
      return result;
    }

    std::size_t size;
    std::array<std::uint32_t, CellType::vertices> sources{}, targets{};
    std::array<std::size_t, CellType::vertices> operations{};
  };

  // Short ranges, in place.
  template <class Items>
  static void sort_few(Items& items, std::size_t count) {
    for (std::size_t i = 1; i < count; ++i) {
      for (std::size_t j = i; j > 0 && items[j] < items[j - 1]; --j) std::swap(items[j], items[j - 1]);
    }
  }

  // Gives the first inner vertices of a cell all combinations of operations.
  template <class Visit>
  static void for_each_labelling(CellType& cell, std::size_t vertices, const Visit& visit) {
    if (vertices == 0) return visit();
    for (std::size_t operation = 0; operation < CellType::Operation::cardinality; ++operation) {
      cell.set_operation(vertices, CellType::Operation::at(operation));
      for_each_labelling(cell, vertices - 1, visit);
    }
  }

  static Network::NodeId unit(Network& network, Network::NodeId from, std::size_t channels, std::size_t kernel) {
    return network.relu(network.batch_norm(network.convolution(from, {.channels = channels, .kernel = kernel})));
  }

  static Network::NodeId sum(Network& network, const std::vector<Network::NodeId>& nodes) {
    return nodes.size() == 1 ? nodes[0] : network.add(nodes);
  }

  static Network::NodeId add_cell(Network& network, Network::NodeId input, const Graph& graph, std::size_t of_output) {
    const auto channels = graph.channels(of_output);
    const std::size_t output = graph.size - 1;
    std::vector<Network::NodeId> nodes{input}, parts;
    for (std::size_t vertex = 1; vertex < output; ++vertex) {
      std::vector<Network::NodeId> inputs;
      for (std::size_t from = 1; from < vertex; ++from) {
        if (!graph.has_edge(from, vertex)) continue;
        const bool fits = channels[from] == channels[vertex];
        inputs.push_back(fits ? nodes[from] : network.slice(nodes[from], {.first = 0, .channels = channels[vertex]}));
      }
      if (graph.has_edge(0, vertex)) inputs.push_back(unit(network, input, channels[vertex], 1));
      const Network::NodeId total = sum(network, inputs);
      switch (static_cast<Operation>(graph.operations[vertex])) {
        case Operation::conv3x3_bn_relu: nodes.push_back(unit(network, total, channels[vertex], 3)); break;
        case Operation::conv1x1_bn_relu: nodes.push_back(unit(network, total, channels[vertex], 1)); break;
        case Operation::maxpool3x3: nodes.push_back(network.max_pool(total, {.kernel = 3, .stride = 1})); break;
      }
      if (graph.has_edge(vertex, output)) parts.push_back(nodes.back());
    }
    std::vector<Network::NodeId> results;
    if (!parts.empty()) results.push_back(parts.size() == 1 ? parts[0] : network.concatenate(parts));
    if (graph.has_edge(0, output)) results.push_back(unit(network, input, of_output, 1));
    return sum(network, results);
  }
};

}  // namespace gptnas
