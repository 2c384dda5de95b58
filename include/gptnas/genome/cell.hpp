// A cell: a directed acyclic graph whose vertices are labelled with operations.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/genome/choice.hpp>

namespace gptnas {

namespace detail {

// The places of an operation and of an edge among the bytes of a cell: vertex by vertex, the operation, which the
// output lacks, then the edges into it.
constexpr std::size_t cell_operation_byte(std::size_t vertex) { return vertex - 1 + vertex * (vertex - 1) / 2; }
constexpr std::size_t cell_edge_byte(std::size_t vertices, std::size_t from, std::size_t to) {
  return cell_operation_byte(to) + (to + 1 < vertices) + from;
}

}  // namespace detail

/// An edge of a `Cell`, from a lower to a higher vertex.
struct CellEdge {
  std::size_t from = 0, to = 0;
};

/// A directed acyclic graph with an operation on each inner vertex (Ying et al., "NAS-Bench-101: Towards Reproducible
/// Neural Architecture Search", 2019). Vertex 0 is the input, the last one the output; edges go from lower to higher
/// numbers. A fresh cell has the edge from input to output alone.
///
/// Valid are the cells with at most `MaxEdges` edges and a path from the input to the output. Vertices that lie on no
/// such path are dead: they mean nothing, and `pruned` takes them away. A cell is a genome, or a member of one, but no
/// item of a `Repeat` or `Sequence`. One byte an edge that may be and an operation.
///
/// What proposes cells builds a table of their prefixes once. It grows with vertices and `MaxEdges`: 2 ms for
/// NAS-Bench-101, 0.5 s for 12 vertices and 16 edges, 4 s and 0.8 GB for 14 and 20, and for 16 and 20, after 17 s and 2
/// GB, too many states (`std::length_error`); with a `Constraint` many more. Where one of some thousand random cells is
/// valid, `sample` needs none.
///
/// @tparam Vertices    2 to 16, input and output included.
/// @tparam MaxEdges    at least 1; dead ones count.
/// @tparam Operations  what an inner vertex may hold, see `Choice`.
template <std::size_t Vertices, std::size_t MaxEdges, auto... Operations>
class Cell {
  static_assert(Vertices >= 2 && Vertices <= 16, "gptnas::Cell has 2 to 16 vertices; see docs/concepts.md#genome");
  static_assert(MaxEdges >= 1 && MaxEdges <= 255,
                "gptnas::Cell needs room for 1 to 255 edges; see docs/concepts.md#genome");

 public:
  using Operation = Choice<Operations...>;
  static constexpr std::size_t vertices = Vertices;
  static constexpr std::size_t inner_vertices = Vertices - 2;
  static constexpr std::size_t max_edges = MaxEdges;

  constexpr Cell() { bytes_[edge_byte(0, Vertices - 1)] = 1; }

  /// @param operations  one an inner vertex.
  /// @throws std::invalid_argument if there is another number of operations, if an edge is twice there or does not go
  ///   from a lower to a higher vertex (a cycle), if there are too many edges, or if no path leads from the input to
  ///   the output.
  constexpr Cell(std::span<const Operation> operations, std::span<const CellEdge> edges) {
    if (operations.size() != inner_vertices) {
      throw invalid_value("Cell: number of operations", operations.size(), std::to_string(inner_vertices));
    }
    for (std::size_t vertex = 1; vertex <= inner_vertices; ++vertex) set_operation(vertex, operations[vertex - 1]);
    for (const CellEdge& edge : edges) {
      if (edge.from >= edge.to || edge.to >= Vertices) {
        throw std::invalid_argument(joined({"Cell: an edge from ", edge.from, " to ", edge.to,
                                            "; expected one from a lower to a higher vertex, both below ", Vertices}));
      }
      std::uint8_t& byte = bytes_[edge_byte(edge.from, edge.to)];
      if (byte != 0) {
        throw std::invalid_argument(
            joined({"Cell: a second edge from ", edge.from, " to ", edge.to, "; expected at most one"}));
      }
      byte = 1;
    }
    if (edges.size() > MaxEdges) {
      throw invalid_value("Cell: number of edges", edges.size(), joined({"at most ", MaxEdges}));
    }
    if (!connected()) throw std::invalid_argument("Cell: no path leads from the input to the output; expected one");
  }
  constexpr Cell(std::initializer_list<Operation> operations, std::initializer_list<CellEdge> edges)
      : Cell(std::span<const Operation>(operations.begin(), operations.size()),
             std::span<const CellEdge>(edges.begin(), edges.size())) {}

  /// @param vertex  an inner one: 1 to Vertices - 2.
  constexpr Operation operation(std::size_t vertex) const { return Operation::at(bytes_[operation_byte(vertex)]); }
  constexpr void set_operation(std::size_t vertex, Operation operation) {
    bytes_[operation_byte(vertex)] = static_cast<std::uint8_t>(operation.index());
  }

  /// Whether there is an edge; `from` is below `to`.
  constexpr bool edge(std::size_t from, std::size_t to) const { return bytes_[edge_byte(from, to)] != 0; }

  /// The vertices that edges into `to` come from, as bits.
  constexpr std::uint32_t sources(std::size_t to) const {
    std::uint32_t bits = 0;
    for (std::size_t from = 0; from < to; ++from) bits |= static_cast<std::uint32_t>(edge(from, to)) << from;
    return bits;
  }

  constexpr std::size_t edge_count() const {
    std::size_t count = 0;
    for (std::size_t to = 1; to < Vertices; ++to) count += static_cast<std::size_t>(std::popcount(sources(to)));
    return count;
  }

  /// Whether a path leads from the input to the output.
  constexpr bool connected() const {
    std::uint32_t reached = 1;
    for (std::size_t to = 1; to < Vertices; ++to) {
      if (sources(to) & reached) reached |= 1u << to;
    }
    return reached >> (Vertices - 1);
  }

  /// The place of an operation and of an edge among the bytes.
  static constexpr std::size_t operation_byte(std::size_t vertex) { return detail::cell_operation_byte(vertex); }
  static constexpr std::size_t edge_byte(std::size_t from, std::size_t to) {
    return detail::cell_edge_byte(Vertices, from, to);
  }

 private:
  std::array<std::uint8_t, inner_vertices + Vertices*(Vertices - 1) / 2> bytes_{};
};

}  // namespace gptnas
