// Changes of a cell: its edges and its operations.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/one_of.hpp>
#include <gptnas/evolution/validity.hpp>
#include <gptnas/genome/layout.hpp>

namespace gptnas {

namespace detail {

// The edges of a cell that are there, or that are not: where their bytes lie.
struct CellEdges {
  std::array<std::uint16_t, 120> offsets;  // of 16 vertices
  std::size_t size = 0;

  std::uint16_t draw(RandomStream& random) const { return offsets[random.below(static_cast<std::uint32_t>(size))]; }
};

template <class Genome>
const CellSite& draw_cell(RandomStream& random) {
  static_assert(!layout<Genome>.cells.empty(),
                "gptnas: a cell mutation needs a genome with a Cell; see docs/concepts.md#mutation");
  return layout<Genome>.cells[random.below(static_cast<std::uint32_t>(layout<Genome>.cells.size()))];
}

template <class Genome>
CellEdges edges_of(const CellSite& cell, const GenomeBytes<Genome>& bytes, bool present) {
  CellEdges edges;
  for (std::size_t to = 1; to < cell.vertices; ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      const std::size_t byte = cell.offset + cell_edge_byte(cell.vertices, from, to);
      if ((bytes[byte] != 0) == present) edges.offsets[edges.size++] = static_cast<std::uint16_t>(byte);
    }
  }
  return edges;
}

// Adds or removes a random edge of a random cell.
template <class Genome>
void flip_edge(Genome& genome, bool present, RandomStream& random) {
  const auto before = to_bytes(genome);
  const CellEdges edges = edges_of<Genome>(draw_cell<Genome>(random), before, present);
  if (edges.size == 0) return;
  genome = first_valid(genome, [&] {
    auto bytes = before;
    bytes[edges.draw(random)] ^= 1;
    return from_bytes<Genome>(bytes);
  });
}

}  // namespace detail

/// A random edge that is not there is added to a random cell of the genome; a full cell stays.
struct AddEdgeMutation {
  /// Complexity: O(vertices^2), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    detail::flip_edge(genome, false, random);
  }
};

/// A random edge is removed from a random cell of the genome, but never one that the output needs.
struct RemoveEdgeMutation {
  /// Complexity: O(vertices^2), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    detail::flip_edge(genome, true, random);
  }
};

/// A random edge of a random cell of the genome goes elsewhere.
struct MoveEdgeMutation {
  /// Complexity: O(vertices^2), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    const auto before = to_bytes(genome);
    const CellSite& cell = detail::draw_cell<Genome>(random);
    const auto present = detail::edges_of<Genome>(cell, before, true);
    const auto missing = detail::edges_of<Genome>(cell, before, false);
    if (missing.size == 0) return;
    genome = first_valid(genome, [&] {
      auto bytes = before;
      bytes[present.draw(random)] = 0;
      bytes[missing.draw(random)] = 1;
      return from_bytes<Genome>(bytes);
    });
  }
};

/// A random inner vertex of a random cell of the genome gets another operation.
struct OperationMutation {
  /// Complexity: O(1), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    const CellSite& cell = detail::draw_cell<Genome>(random);
    if (cell.vertices == 2) return;
    const auto before = to_bytes(genome);
    genome = first_valid(genome, [&] {
      auto bytes = before;
      const std::size_t vertex = 1 + random.below(cell.vertices - 2u);
      const std::size_t byte = cell.offset + detail::cell_operation_byte(vertex);
      detail::change_gene(bytes[byte], cell.operations, random);
      return from_bytes<Genome>(bytes);
    });
  }
};

/// One change of a cell: an edge added, removed or moved, or an operation.
using CellMutation = OneOf<AddEdgeMutation, RemoveEdgeMutation, MoveEdgeMutation, OperationMutation>;

}  // namespace gptnas
