// What a genome type allows beyond its shape.
//
// A genome struct may have a member type `Constraint`, an automaton that reads the components one after the other, and
// a static member function `allows`. A `Cell` brings an automaton of its own.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

#include <gptnas/core/inline_vector.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

/// A vertex of a `Cell`, as a constraint reads it.
template <class CellType>
struct CellVertex {
  std::size_t number;                      ///< 1 to vertices - 1, the output
  typename CellType::Operation operation;  ///< the first one for the output
  std::uint32_t sources;                   ///< the vertices that edges into it come from, as bits
};

namespace detail {

template <class Genome>
concept HasAutomaton = requires {
  typename Genome::Constraint;
};

template <class Genome>
concept HasPredicate = requires(const Genome& genome) {
  { Genome::allows(genome) } -> std::same_as<bool>;
};

template <class Genome>
concept HasAllowsFunction =
    requires { &Genome::allows; } && !std::is_member_object_pointer_v<decltype(&Genome::allows)>;

template <class Genome>
consteval bool has_predicate() {
  static_assert(HasPredicate<Genome> || !HasAllowsFunction<Genome>,
                "gptnas: allows must be static bool allows(const Genome&); see docs/concepts.md#constraint");
  return HasPredicate<Genome>;
}

// The automaton that accepts everything.
struct AcceptAll {
  struct State {
    friend constexpr auto operator<=>(const State&, const State&) = default;
  };
  static State start() { return {}; }
  static bool accepts(State) { return true; }
};

template <class Genome>
struct ConstraintOf {
  using type = AcceptAll;
};
template <HasAutomaton Genome>
struct ConstraintOf<Genome> {
  using type = typename Genome::Constraint;
};

// A sum of costs that ends at the largest number, which is above every bound.
constexpr std::uint64_t cost_sum(std::uint64_t cost, std::uint64_t more) {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  return more < largest - cost ? cost + more : largest;
}

// The automaton of a genome type: its own, and that of its cells, which are read one after the other.
template <class Genome>
class Automaton {
  using Constraint = typename ConstraintOf<Genome>::type;
  static_assert(requires { typename Constraint::State; },
                "gptnas: a Constraint needs a type State; see docs/concepts.md#constraint");
  using Given = typename Constraint::State;
  static_assert(std::three_way_comparable<Given>,
                "gptnas: a Constraint::State needs operator<=>; see docs/concepts.md#constraint");
  static_assert(
      requires {
        { Constraint::start() } -> std::same_as<Given>;
      },
      "gptnas: a Constraint needs static State start(); see docs/concepts.md#constraint");
  static_assert(
      requires(const Given& state) {
        { Constraint::accepts(state) } -> std::same_as<bool>;
      },
      "gptnas: a Constraint needs static bool accepts(State); see docs/concepts.md#constraint");

 public:
  struct State {
    Given given = Constraint::start();
    std::uint32_t reached = 1;  // the vertices of the present cell that a path from its input reaches, as bits
    std::uint32_t edges = 0;    // of the present cell
    friend constexpr auto operator<=>(const State&, const State&) = default;
  };

  static constexpr std::uint64_t max_cost() {
    if constexpr (requires { Constraint::max_cost; }) {
      static_assert(Constraint::max_cost < std::numeric_limits<std::uint64_t>::max(),
                    "gptnas: a Constraint's max_cost must be below 2^64 - 1, the cost of what is never allowed; see "
                    "docs/concepts.md#constraint");
      return Constraint::max_cost;
    } else {
      return 0;
    }
  }

  // Reads a component, numbered as in the layout. False if no genome goes on like this.
  static bool step(State& state, std::uint64_t& cost, const GenomeBytes<Genome>& bytes, std::size_t component) {
    const Reader& reader = readers[component];
    return reader.read(state, cost, bytes.data() + reader.offset, reader.vertex);
  }

  // Reads what is there of a component, the rest of its bytes 0. False if no genome goes on like this. What may follow
  // depends on the state alone, but for a constraint of the genome's own, which reads whole components.
  static bool step_within(State& state, const GenomeBytes<Genome>& bytes, std::size_t component) {
    const Reader& reader = readers[component];
    return reader.read_part == nullptr || reader.read_part(state, bytes.data() + reader.offset, reader.vertex);
  }

  static bool accepts(const State& state) { return Constraint::accepts(state.given); }

 private:
  struct Reader {
    bool (*read)(State&, std::uint64_t&, const std::uint8_t*, std::size_t);
    bool (*read_part)(State&, const std::uint8_t*, std::size_t);  // of a vertex, else null
    std::uint16_t offset;
    std::uint8_t vertex;
  };
  using Readers = InlineVector<Reader, Layout<Genome>::steps>;

  // False if the cost passes its bound.
  template <class Component>
  static bool read_given(State& state, std::uint64_t& cost, const Component& component) {
    if constexpr (HasAutomaton<Genome>) {
      static_assert(
          requires {
            { Constraint::step(state.given, component) } -> std::same_as<Given>;
          },
          "gptnas: a Constraint needs static State step(State, Component) for each component type of the genome; see "
          "docs/concepts.md#constraint");
      if constexpr (requires { Constraint::max_cost; }) {
        static_assert(
            requires {
              { Constraint::cost(state.given, component) } -> std::unsigned_integral;
            },
            "gptnas: a Constraint with max_cost needs static std::uint64_t cost(State, Component) for each component "
            "type of the genome; see docs/concepts.md#constraint");
        cost = cost_sum(cost, Constraint::cost(state.given, component));
        if (cost > max_cost()) return false;
      } else {
        static_assert(!requires { Constraint::cost(state.given, component); },
                      "gptnas: a Constraint with a cost needs static constexpr std::uint64_t max_cost; see "
                      "docs/concepts.md#constraint");
      }
      state.given = Constraint::step(state.given, component);
    }
    return true;
  }

  template <class Component>
  static bool read_component(State& state, std::uint64_t& cost, const std::uint8_t* bytes, std::size_t) {
    std::array<std::uint8_t, sizeof(Component)> copy;
    for (std::size_t index = 0; index < copy.size(); ++index) copy[index] = bytes[index];
    return read_given(state, cost, std::bit_cast<Component>(copy));
  }

  template <class CellType>
  static bool read_vertex(State& state, std::uint64_t& cost, const std::uint8_t* bytes, std::size_t vertex) {
    const std::uint32_t sources = sources_of<CellType>(bytes, vertex);
    if (!add_sources<CellType>(state, sources, vertex)) return false;
    if (vertex + 1 == CellType::vertices) {
      if (!(state.reached >> vertex & 1u)) return false;
      state.reached = 1;
      state.edges = 0;
    }
    CellVertex<CellType> read{vertex, {}, sources};
    if (vertex <= CellType::inner_vertices) {
      read.operation = CellType::Operation::at(bytes[CellType::operation_byte(vertex)]);
    }
    return read_given(state, cost, read);
  }

  template <class CellType>
  static bool read_part_of_vertex(State& state, const std::uint8_t* bytes, std::size_t vertex) {
    return add_sources<CellType>(state, sources_of<CellType>(bytes, vertex), vertex);
  }

  // False if there are too many edges.
  template <class CellType>
  static bool add_sources(State& state, std::uint32_t sources, std::size_t vertex) {
    state.edges += static_cast<std::uint32_t>(std::popcount(sources));
    if (sources & state.reached) state.reached |= 1u << vertex;
    return state.edges <= CellType::max_edges;
  }

  template <class CellType>
  static std::uint32_t sources_of(const std::uint8_t* bytes, std::size_t vertex) {
    std::uint32_t sources = 0;
    for (std::size_t from = 0; from < vertex; ++from) {
      sources |= static_cast<std::uint32_t>(bytes[CellType::edge_byte(from, vertex)]) << from;
    }
    return sources;
  }

  // In the order of the layout's components.
  template <class Type>
  static constexpr void add_readers(Readers& all, std::size_t offset) {
    if constexpr (is_cell<Type>) {
      for (std::size_t vertex = 1; vertex < Type::vertices; ++vertex) {
        all.push_back({&read_vertex<Type>, &read_part_of_vertex<Type>, static_cast<std::uint16_t>(offset),
                       static_cast<std::uint8_t>(vertex)});
      }
    } else if constexpr (is_container<Type>) {
      constexpr std::size_t length = is_sequence<Type> ? 1 : 0;
      constexpr std::size_t items = (sizeof(Type) - length) / sizeof(ItemOf<Type>);
      offset += length;
      for (std::size_t item = 0; item < items; ++item) {
        all.push_back({&read_component<ItemOf<Type>>, nullptr,
                       static_cast<std::uint16_t>(offset + item * sizeof(ItemOf<Type>)), 0});
      }
    } else if constexpr (!std::is_same_v<Type, Genome> && !has_container<Type>()) {
      all.push_back({&read_component<Type>, nullptr, static_cast<std::uint16_t>(offset), 0});
    } else if constexpr (is_struct<Type>) {
      for_each_accessor<Type>([&](std::string_view, auto accessor) {
        using Member = MemberOf<Type, decltype(accessor)>;
        add_readers<Member>(all, offset);
        offset += sizeof(Member);
      });
    }
  }

  static constexpr Readers readers = [] {
    Readers all;
    add_readers<Genome>(all, 0);
    return all;
  }();
};

}  // namespace detail

/// Whether not all token sequences of the plain grammar are genomes: the type has a `Constraint` or a `Cell`.
template <class Genome>
inline constexpr bool has_constrained_grammar = detail::HasAutomaton<Genome> || detail::has_cell<Genome>();

/// Whether some values of the type are no valid genomes.
template <class Genome>
inline constexpr bool is_constrained = has_constrained_grammar<Genome> || detail::has_predicate<Genome>();

/// Whether a genome keeps what its type demands. Complexity: O(genes).
template <class Genome>
bool is_valid(const Genome& genome) {
  if constexpr (has_constrained_grammar<Genome>) {
    using Automaton = detail::Automaton<Genome>;
    typename Automaton::State state;
    std::uint64_t cost = 0;
    bool goes_on = true;
    std::size_t component = 0;
    const auto bytes = to_bytes(genome);
    for_each_step<Genome>(bytes, [&](std::size_t index, const Instruction& instruction) {
      if (!instruction.begins_component || !goes_on) return;
      while (layout<Genome>.components[component].begin != index) ++component;
      goes_on = Automaton::step(state, cost, bytes, component);
    });
    if (!goes_on || !Automaton::accepts(state)) return false;
  }
  if constexpr (detail::HasPredicate<Genome>) return Genome::allows(genome);
  return true;
}

/// How often an operator draws a genome anew because it is not valid.
inline constexpr std::size_t validity_attempts = 100;

/// The first valid one of up to so many genomes that `draw()` gives; nothing if none is.
template <class Genome, class Draw>
std::optional<Genome> draw_valid(Draw draw, std::size_t attempts = validity_attempts) {
  for (std::size_t attempt = 0; attempt < attempts; ++attempt) {
    const Genome genome = draw();
    if (is_valid(genome)) return genome;
  }
  return std::nullopt;
}

}  // namespace gptnas
