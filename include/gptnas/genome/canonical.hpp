// One genome for all that mean the same.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <gptnas/genome/cell.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

namespace detail {

// The vertices of a cell that lie on a path from the input to the output, as bits; input and output always do.
template <class CellType>
constexpr std::uint32_t live_vertices(const CellType& cell) {
  constexpr std::size_t output = CellType::vertices - 1;
  std::uint32_t reached = 1, live = 1u << output;
  for (std::size_t to = 1; to <= output; ++to) {
    if (cell.sources(to) & reached) reached |= 1u << to;
  }
  for (std::size_t to = output; to > 0; --to) {
    if (live >> to & 1u) live |= cell.sources(to) & reached;
  }
  return live | 1u;
}

// Builds a cell vertex by vertex in a new order, of all orders along the edges the one whose codes are the least.
template <std::size_t Vertices, std::size_t MaxEdges, auto... Operations>
class CellOrder {
 public:
  using CellType = Cell<Vertices, MaxEdges, Operations...>;

  constexpr explicit CellOrder(const CellType& cell) {
    const std::uint32_t live = live_vertices(cell);
    std::array<std::uint32_t, Vertices> number{};  // of a vertex among the live ones
    for (std::size_t vertex = 0; vertex < Vertices; ++vertex) {
      if (!(live >> vertex & 1u)) {
        const bool fresh = cell.sources(vertex) == 0 && cell.operation(vertex).index() == 0;
        leftover_is_fresh_ = leftover_is_fresh_ && fresh && (live >> vertex) == 1u << (Vertices - 1 - vertex);
        continue;
      }
      number[vertex] = static_cast<std::uint32_t>(size_);
      leftover_is_fresh_ = leftover_is_fresh_ && (cell.sources(vertex) & ~live) == 0;
      for (std::size_t from = 0; from < vertex; ++from) {
        if (!(live >> from & 1u) || !cell.edge(from, vertex)) continue;
        sources_[size_] |= 1u << number[from];
        targets_[number[from]] |= 1u << size_;
      }
      if (vertex > 0 && vertex + 1 < Vertices) {
        operations_[size_] = static_cast<std::uint32_t>(cell.operation(vertex).index());
      }
      ++size_;
    }
  }

  // The live vertices in their present order.
  constexpr CellType pruned() const { return cell(present_codes()); }

  constexpr CellType canonical() {
    place(1, 1u);
    return cell(best_);
  }

  // Whether the vertices are in the canonical order already, behind them no dead one but fresh ones.
  constexpr bool is_canonical() {
    if (!leftover_is_fresh_) return false;
    best_ = present_codes();
    best_is_known_ = true;
    place(1, 1u);
    return best_ == present_codes();
  }

 private:
  constexpr std::array<std::uint32_t, Vertices> present_codes() const {
    std::array<std::uint32_t, Vertices> codes{};
    for (std::size_t vertex = 1; vertex < size_; ++vertex) codes[vertex] = code(vertex, sources_[vertex]);
    return codes;
  }

  constexpr std::uint32_t code(std::size_t vertex, std::uint32_t sources) const {
    return operations_[vertex] << 16 | sources;
  }

  // Tries, for the next place, the vertices of the least code whose sources are placed; `placed` holds them as bits.
  constexpr void place(std::size_t next, std::uint32_t placed) {
    if (next + 1 == size_) {
      compare(next, code(next, places_of(sources_[next])));
      best_is_known_ = true;
      return;
    }
    std::uint32_t least = ~0u;
    std::array<std::uint32_t, Vertices> codes{};
    for (std::size_t vertex = 1; vertex + 1 < size_; ++vertex) {
      codes[vertex] = ~0u;
      if (placed >> vertex & 1u || (sources_[vertex] & ~placed) != 0) continue;
      codes[vertex] = code(vertex, places_of(sources_[vertex]));
      if (codes[vertex] < least) least = codes[vertex];
    }
    if (!compare(next, least)) return;
    for (std::size_t vertex = 1; vertex + 1 < size_; ++vertex) {
      if (codes[vertex] != least || has_earlier_twin(vertex, codes)) continue;
      place_[vertex] = next;
      place(next + 1, placed | 1u << vertex);
    }
  }

  // Keeps a code that is the least so far; false if it is greater.
  constexpr bool compare(std::size_t place, std::uint32_t found) {
    if (best_is_known_ && found > best_[place]) return false;
    if (found != best_[place]) best_is_known_ = false;
    best_[place] = found;
    return true;
  }

  // Of vertices that may be exchanged for each other, it is enough to try one.
  constexpr bool has_earlier_twin(std::size_t vertex, const std::array<std::uint32_t, Vertices>& codes) const {
    for (std::size_t other = 1; other < vertex; ++other) {
      if (codes[other] == codes[vertex] && targets_[other] == targets_[vertex]) return true;
    }
    return false;
  }

  constexpr std::uint32_t places_of(std::uint32_t vertices) const {
    std::uint32_t places = 0;
    for (std::size_t vertex = 0; vertex < size_; ++vertex) {
      if (vertices >> vertex & 1u) places |= 1u << place_[vertex];
    }
    return places;
  }

  // The output is the last vertex, whatever was pruned before it; dead vertices hold the first operation.
  constexpr CellType cell(const std::array<std::uint32_t, Vertices>& codes) const {
    std::array<typename CellType::Operation, CellType::inner_vertices> operations{};
    std::array<CellEdge, Vertices*(Vertices - 1) / 2> edges{};
    std::size_t edge_count = 0;
    for (std::size_t vertex = 1; vertex < size_; ++vertex) {
      const bool output = vertex + 1 == size_;
      if (!output) operations[vertex - 1] = CellType::Operation::at(codes[vertex] >> 16);
      for (std::size_t from = 0; from < vertex; ++from) {
        if (codes[vertex] >> from & 1u) edges[edge_count++] = {from, output ? Vertices - 1 : vertex};
      }
    }
    return CellType(std::span<const typename CellType::Operation>(operations),
                    std::span<const CellEdge>(edges.data(), edge_count));
  }

  std::size_t size_ = 0;  // live vertices
  std::array<std::uint32_t, Vertices> sources_{}, targets_{}, operations_{};
  std::array<std::size_t, Vertices> place_{};
  std::array<std::uint32_t, Vertices> best_{};
  bool best_is_known_ = false;
  bool leftover_is_fresh_ = true;
};

}  // namespace detail

/// The cell without its dead vertices, which lie on no path from the input to the output: the others move down, in
/// their order. What is left over holds the first operation and no edge. Complexity: O(vertices^2).
template <std::size_t Vertices, std::size_t MaxEdges, auto... Operations>
constexpr Cell<Vertices, MaxEdges, Operations...> pruned(const Cell<Vertices, MaxEdges, Operations...>& cell) {
  return detail::CellOrder<Vertices, MaxEdges, Operations...>(cell).pruned();
}

/// The canonical form of a cell: two cells have the same one if and only if, without dead vertices, they are isomorphic
/// as graphs with labelled vertices. Exact: of all orders of the live vertices along the edges, the one whose codes
/// (operation, sources) are the least, place by place.
///
/// Complexity: O(vertices^2) for most cells; as many times more as there are orders that begin alike. Symmetric large
/// cells are slow: a `Cell` of 16 vertices and some 30 edges, all of one operation, may take seconds.
template <std::size_t Vertices, std::size_t MaxEdges, auto... Operations>
constexpr Cell<Vertices, MaxEdges, Operations...> canonical(const Cell<Vertices, MaxEdges, Operations...>& cell) {
  return detail::CellOrder<Vertices, MaxEdges, Operations...>(cell).canonical();
}

/// Whether a cell is its own canonical form. Complexity: as `canonical`, without making a cell.
template <std::size_t Vertices, std::size_t MaxEdges, auto... Operations>
constexpr bool is_canonical(const Cell<Vertices, MaxEdges, Operations...>& cell) {
  return detail::CellOrder<Vertices, MaxEdges, Operations...>(cell).is_canonical();
}

namespace detail {

template <class Type>
constexpr void make_canonical(Type& part) {
  if constexpr (is_cell<Type>) {
    part = gptnas::canonical(part);
  } else if constexpr (is_struct<Type> && has_cell<Type>()) {
    for_each_accessor<Type>([&](std::string_view, auto accessor) { make_canonical(accessor(part)); });
  }
}

}  // namespace detail

/// The canonical form of a genome: its cells are in canonical form, the rest is as it was. A space may have a
/// `canonical` of its own.
template <class Genome>
constexpr Genome canonical(const Genome& genome) {
  Genome form = genome;
  detail::make_canonical(form);
  return form;
}

namespace detail {

template <class Space>
concept HasCanonical = requires(const typename Space::Genome& genome) {
  { Space::canonical(genome) } -> std::same_as<typename Space::Genome>;
};

template <class Space>
consteval bool has_canonical() {
  static_assert(HasCanonical<Space> || !requires { &Space::canonical; },
                "gptnas: a space's canonical must be static Genome canonical(const Genome&); see "
                "docs/concepts.md#space");
  return HasCanonical<Space>;
}

}  // namespace detail

/// What a space calls canonical: its own `canonical`, or else that of the genome.
template <class Space>
constexpr typename Space::Genome canonical_of(const typename Space::Genome& genome) {
  if constexpr (detail::has_canonical<Space>()) {
    return Space::canonical(genome);
  } else {
    return canonical(genome);
  }
}

}  // namespace gptnas
