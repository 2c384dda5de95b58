// One genome for all that mean the same.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <gptnas/genome/cell.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

namespace detail {

// The vertices that edges into each vertex of a cell come from, as bits.
template <class CellType>
constexpr std::array<std::uint32_t, CellType::vertices> all_sources(const CellType& cell) {
  std::array<std::uint32_t, CellType::vertices> sources{};
  for (std::size_t to = 1; to < CellType::vertices; ++to) sources[to] = cell.sources(to);
  return sources;
}

// The vertices of a cell that lie on a path from the input to the output, as bits; input and output always do.
template <std::size_t Vertices>
constexpr std::uint32_t live_vertices(const std::array<std::uint32_t, Vertices>& sources) {
  std::uint32_t reached = 1, live = 1u << (Vertices - 1);
  for (std::size_t to = 1; to < Vertices; ++to) {
    reached |= static_cast<std::uint32_t>((sources[to] & reached) != 0) << to;
  }
  for (std::size_t to = Vertices - 1; to > 0; --to) live |= (live >> to & 1u) * (sources[to] & reached);
  return live | 1u;
}

// Orders the live vertices of a cell: of all orders along the edges, the one whose codes are the least. Its loops have
// next to no branches, as no processor could foresee which edges there are.
template <std::size_t Vertices, std::size_t MaxEdges, auto... Operations>
class CellOrder {
 public:
  using CellType = Cell<Vertices, MaxEdges, Operations...>;

  constexpr explicit CellOrder(const CellType& cell) : sources_(all_sources(cell)) {
    for (std::size_t vertex = 1; vertex <= CellType::inner_vertices; ++vertex) {
      operations_[vertex] = static_cast<std::uint32_t>(cell.operation(vertex).index());
    }
    const std::uint32_t live = live_vertices(sources_), all = (1u << (Vertices - 1) << 1) - 1;
    leftover_is_fresh_ = is_fresh(all & ~live);
    for (std::uint32_t dead = all & ~live; dead != 0;) {
      const auto last = static_cast<std::size_t>(std::bit_width(dead) - 1);
      remove(last);
      dead ^= 1u << last;
    }
  }

  // The live vertices in their present order.
  constexpr CellType pruned() const { return cell(present_codes()); }

  constexpr CellType canonical() {
    find_least();
    return cell(least_);
  }

  // Whether the vertices are in the canonical order already, behind them no dead one but fresh ones.
  constexpr bool is_canonical() {
    if (!leftover_is_fresh_) return false;
    find_least();
    return least_ == present_codes();
  }

 private:
  using Words = std::array<std::uint32_t, Vertices>;  // one a vertex

  // Whether the dead vertices are the last inner ones, without edges, and hold the first operation.
  constexpr bool is_fresh(std::uint32_t dead) const {
    std::uint32_t used = dead & ~(dead << 1) & ~(1u << (Vertices - 1 - static_cast<std::size_t>(std::popcount(dead))));
    for (std::size_t vertex = 1; vertex < Vertices; ++vertex) {
      used |= (sources_[vertex] & dead) | (dead >> vertex & 1u) * (sources_[vertex] | operations_[vertex]);
    }
    return used == 0;
  }

  // What is left behind the last vertex repeats the output's sources, so that loops over all vertices do no harm.
  constexpr void remove(std::size_t dead) {
    const std::uint32_t below = (1u << dead) - 1;
    for (std::size_t vertex = dead; vertex + 1 < size_; ++vertex) {
      sources_[vertex] = sources_[vertex + 1];
      operations_[vertex] = operations_[vertex + 1];
    }
    --size_;
    for (std::uint32_t& sources : sources_) sources = (sources & below) | (sources >> 1 & ~below);
  }

  constexpr Words present_codes() const {
    Words codes{};
    for (std::size_t vertex = 1; vertex < size_; ++vertex) codes[vertex] = code(vertex, sources_[vertex]);
    return codes;
  }

  constexpr std::uint32_t code(std::size_t vertex, std::uint32_t sources) const {
    return operations_[vertex] << 16 | sources;
  }

  constexpr void find_least() {
    least_ = present_codes();
    Words places;
    for (std::size_t vertex = 0; vertex < Vertices; ++vertex) places[vertex] = sources_[vertex] & 1u;
    place(1, 1u, places);
  }

  // Fills the places from `next` on, each with a vertex of the least code of those whose sources are placed; `placed`
  // holds these as bits, `places` the places of the sources that each vertex has among them.
  constexpr void place(std::size_t next, std::uint32_t placed, Words places) {
    for (; next + 1 < size_; ++next) {
      Words codes{};
      std::uint32_t least = ~0u;
      for (std::size_t vertex = 1; vertex + 1 < size_; ++vertex) {
        const bool waits = ((sources_[vertex] & ~placed) | (placed >> vertex & 1u)) != 0;
        codes[vertex] = code(vertex, places[vertex]) | (0u - static_cast<std::uint32_t>(waits));
        least = std::min(least, codes[vertex]);
      }
      if (!keep(next, least)) return;
      std::uint32_t equal = 0;
      for (std::size_t vertex = 1; vertex + 1 < size_; ++vertex) {
        equal |= static_cast<std::uint32_t>(codes[vertex] == least) << vertex;
      }
      const auto first = static_cast<std::size_t>(std::countr_zero(equal));
      for (std::uint32_t rest = equal & (equal - 1); rest != 0; rest &= rest - 1) {
        const auto vertex = static_cast<std::size_t>(std::countr_zero(rest));
        if (!has_earlier_twin(vertex, equal)) place(next + 1, placed | 1u << vertex, with(places, vertex, next));
      }
      places = with(places, first, next);
      placed |= 1u << first;
    }
    keep(next, code(next, places[next]));
    is_whole_ = true;
  }

  // The places once another vertex has one.
  constexpr Words with(Words places, std::size_t vertex, std::size_t place) const {
    for (std::size_t to = 1; to < Vertices; ++to) places[to] |= (sources_[to] >> vertex & 1u) << place;
    return places;
  }

  // Keeps a code that is the least so far; false if it is greater.
  constexpr bool keep(std::size_t place, std::uint32_t found) {
    if (is_whole_ && found > least_[place]) return false;
    if (found != least_[place]) is_whole_ = false;
    least_[place] = found;
    return true;
  }

  // Of vertices that may be exchanged for each other, it is enough to try one.
  constexpr bool has_earlier_twin(std::size_t vertex, std::uint32_t equal) const {
    for (std::uint32_t rest = equal & ((1u << vertex) - 1); rest != 0; rest &= rest - 1) {
      const auto other = static_cast<std::size_t>(std::countr_zero(rest));
      std::uint32_t different = 0;  // targets
      for (const std::uint32_t sources : sources_) different |= (sources >> vertex ^ sources >> other) & 1u;
      if (different == 0) return true;
    }
    return false;
  }

  // The output is the last vertex, whatever was pruned before it; dead vertices hold the first operation.
  constexpr CellType cell(Words codes) const {
    std::swap(codes[size_ - 1], codes[Vertices - 1]);
    std::array<std::uint8_t, sizeof(CellType)> bytes{};
    for (std::size_t to = 1; to < Vertices; ++to) {
      if (to <= CellType::inner_vertices) {
        bytes[CellType::operation_byte(to)] = static_cast<std::uint8_t>(codes[to] >> 16);
      }
      for (std::size_t from = 0; from < to; ++from) bytes[CellType::edge_byte(from, to)] = codes[to] >> from & 1u;
    }
    return std::bit_cast<CellType>(bytes);
  }

  std::size_t size_ = Vertices;  // live vertices
  Words sources_, operations_{};
  bool leftover_is_fresh_ = true;
  Words least_{};         // codes
  bool is_whole_ = true;  // whether `least_` is of one order, and no start of one alone
};

}  // namespace detail

/// The cell without its dead vertices, which lie on no path from the input to the output: the others move down, in
/// their order. What is left over holds the first operation and no edge. Of a cell without a path, which is not valid,
/// nothing is left. Complexity: O(vertices^2).
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
