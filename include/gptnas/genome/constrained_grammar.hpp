// The grammar of a genome type with a constraint: what may follow a prefix, so that there are no dead ends.
#pragma once

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas {

/// The product of a genome's plain grammar and its constraint, without the states from which no genome can be
/// completed.
///
/// A state is a place in the reading together with that of the constraint. States at one place behind which the same
/// may follow at the same costs share a node (Daciuk et al., "Incremental Construction of Minimal Acyclic Finite-State
/// Automata", 2000), which makes most grammars small enough for a processor's cache. Where the constraint has a cost,
/// each node knows the least that the rest costs: a token is legal if what was paid, what the token costs and this
/// least together are within the bound. The graph is acyclic; a node's number is larger than those that its edges lead
/// to.
///
/// Made once a type, at its first use. Complexity: O(states x values of a component x log nodes), at most `max_states`
/// states, those within components included.
///
/// A node is inner if it lies within a component. What is behind the component is then known by its exits alone.
template <class Genome>
class ConstrainedGrammar {
 public:
  struct Edge {
    Token token;
    std::uint32_t target;
    std::uint64_t cost;  ///< 0 but for the last token of a component

    auto operator<=>(const Edge&) const = default;
  };
  /// A node behind a component, and the least cost of the component on the way there.
  struct Exit {
    std::uint32_t target;
    std::uint64_t cost;
  };
  struct Node {
    std::uint16_t state;  ///< number of the instruction that is read next
    std::uint32_t first_edge, end_edge, first_exit, end_exit;
    std::uint64_t least;  ///< cost of the cheapest rest
    double log_rests;     ///< natural logarithm of the number of rests, whatever they cost, which no double may hold
  };
  static constexpr std::uint32_t final_node = 0;
  static constexpr std::size_t max_states = 1u << 23;

  /// @throws std::logic_error if no genome satisfies the constraint; std::length_error if it has too many states.
  static const ConstrainedGrammar& instance() {
    static const ConstrainedGrammar grammar;
    return grammar;
  }

  std::uint32_t root() const { return root_; }
  const Node& node(std::uint32_t number) const { return nodes_[number]; }
  std::span<const Edge> edges(std::uint32_t number) const {
    const Node& from = nodes_[number];
    return std::span(edges_).subspan(from.first_edge, from.end_edge - from.first_edge);
  }
  /// Of an inner node; none of another.
  std::span<const Exit> exits(std::uint32_t number) const {
    const Node& from = nodes_[number];
    return std::span(exits_).subspan(from.first_exit, from.end_exit - from.first_exit);
  }
  std::size_t size() const { return nodes_.size(); }
  std::size_t edge_count() const { return edges_.size(); }

 private:
  using Automaton = detail::Automaton<Genome>;
  using State = typename Automaton::State;
  using Bytes = GenomeBytes<Genome>;
  using Edges = std::vector<Edge>;

  static constexpr std::uint32_t no_node = std::numeric_limits<std::uint32_t>::max();

  ConstrainedGrammar() {
    nodes_.push_back({static_cast<std::uint16_t>(Layout<Genome>::steps), 0, 0, 0, 0, 0, 0});
    root_ = between(0, State{});
    known_.clear();
    nodes_by_edges_.clear();
    if (root_ == no_node) {
      throw std::logic_error("gptnas: no genome satisfies its Constraint; see docs/concepts.md#constraint");
    }
  }

  // The node of an instruction that is in no component, or the first of one.
  std::uint32_t between(std::size_t index, const State& state) {
    if (index == Layout<Genome>::steps) return Automaton::accepts(state) ? final_node : no_node;
    const auto key = std::make_pair(static_cast<std::uint16_t>(index), state);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    Edges edges;
    std::size_t next = index;
    for (bool more = true; more; ++next) {
      const Instruction& instruction = layout<Genome>.instructions[next];
      if (instruction.begins_component) {
        add_component_edges(edges, next, component_at(next), state, Bytes{});
        more = false;
      } else if (instruction.kind == Instruction::Kind::gene) {
        for (std::size_t value = 0; value < instruction.cardinality; ++value) {
          add_edge(edges, instruction.token + value, between(next + 1, state), 0);
        }
        more = false;
      } else if (instruction.kind == Instruction::Kind::end) {
        add_edge(edges, instruction.token, between(next + 1, state), 0);
        more = false;
      } else if (instruction.slot >= instruction.min) {
        add_edge(edges, instruction.token, between(instruction.after, state), 0);
      }
    }
    return known_[key] = node_of(index, std::move(edges), false);
  }

  // Adds an edge for each token that may come at an instruction of a component, of which `bytes` holds what was read.
  void add_component_edges(Edges& edges, std::size_t index, std::size_t component, const State& state, Bytes bytes) {
    const auto add = [&](std::size_t token, std::size_t next) {
      const auto [target, cost] = within(next, component, state, bytes);
      add_edge(edges, token, target, cost);
    };
    for (;; ++index) {
      const Instruction& instruction = layout<Genome>.instructions[index];
      std::uint8_t& byte = bytes[instruction.offset];
      switch (instruction.kind) {
        case Instruction::Kind::gene:
          for (std::size_t value = 0; value < instruction.cardinality; ++value) {
            byte = static_cast<std::uint8_t>(value);
            add(instruction.token + value, index + 1);
          }
          return;
        case Instruction::Kind::slot:
          if (instruction.slot >= instruction.min) add(instruction.token, instruction.after);
          ++byte;
          break;
        case Instruction::Kind::end: add(instruction.token, index + 1); return;
      }
    }
  }

  // The node of an instruction of a component, or behind it, and what the component costs if it is complete.
  std::pair<std::uint32_t, std::uint64_t> within(std::size_t index, std::size_t component, const State& state,
                                                 const Bytes& bytes) {
    if (index == layout<Genome>.components[component].end) {
      State next = state;
      std::uint64_t cost = 0;
      if (!Automaton::step(next, cost, bytes, component)) return {no_node, 0};
      return {between(index, next), cost};
    }
    State read = state;
    if (!Automaton::step_within(read, bytes, component)) return {no_node, 0};
    if constexpr (detail::HasAutomaton<Genome>) {
      return {inner_node(index, component, state, bytes), 0};
    } else {
      const auto key = std::make_pair(static_cast<std::uint16_t>(index), read);
      if (const auto found = known_.find(key); found != known_.end()) return {found->second, 0};
      return {known_[key] = inner_node(index, component, state, bytes), 0};
    }
  }

  std::uint32_t inner_node(std::size_t index, std::size_t component, const State& state, const Bytes& bytes) {
    Edges edges;
    add_component_edges(edges, index, component, state, bytes);
    return node_of(index, std::move(edges), true);
  }

  void add_edge(Edges& edges, std::size_t token, std::uint32_t target, std::uint64_t cost) {
    if (target == no_node || nodes_[target].least > Automaton::max_cost() - cost) return;
    edges.push_back({static_cast<Token>(token), target, cost});
  }

  // Where the edges of an inner node lead in the end.
  std::vector<Exit> exits_by(const Edges& edges) const {
    std::vector<Exit> found;
    const auto add = [&found](std::uint32_t target, std::uint64_t cost) {
      for (Exit& exit : found) {
        if (exit.target == target) {
          exit.cost = std::min(exit.cost, cost);
          return;
        }
      }
      found.push_back({target, cost});
    };
    for (const Edge& edge : edges) {
      if (exits(edge.target).empty()) add(edge.target, edge.cost);
      for (const Exit& exit : exits(edge.target)) add(exit.target, exit.cost);
    }
    return found;
  }

  // The node of a state at an instruction with these edges, inner or not; a new one if there is none yet.
  std::uint32_t node_of(std::size_t index, Edges edges, bool inner) {
    if (edges.empty()) return no_node;
    if (states_++ == max_states) {
      throw std::length_error(
          "gptnas: this Constraint or Cell has too many states for a table; see docs/concepts.md#constraint");
    }
    const auto [place, is_new] = nodes_by_edges_.try_emplace({static_cast<std::uint16_t>(index), std::move(edges)}, 0);
    if (is_new) place->second = add_node(index, place->first.second, inner);
    return place->second;
  }

  std::uint32_t add_node(std::size_t index, const Edges& edges, bool inner) {
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    double most = 0, rests = 0;  // the logarithm of the most rests behind an edge; all, in units of these
    for (const Edge& edge : edges) {
      least = std::min(least, edge.cost + nodes_[edge.target].least);
      most = std::max(most, nodes_[edge.target].log_rests);
    }
    for (const Edge& edge : edges) rests += std::exp(nodes_[edge.target].log_rests - most);
    const std::vector<Exit> exits = inner ? exits_by(edges) : std::vector<Exit>();
    const auto number = [](std::size_t size) { return static_cast<std::uint32_t>(size); };
    nodes_.push_back({static_cast<std::uint16_t>(index), number(edges_.size()), number(edges_.size() + edges.size()),
                      number(exits_.size()), number(exits_.size() + exits.size()), least, most + std::log(rests)});
    edges_.insert(edges_.end(), edges.begin(), edges.end());
    exits_.insert(exits_.end(), exits.begin(), exits.end());
    return number(nodes_.size() - 1);
  }

  static std::size_t component_at(std::size_t index) {
    std::size_t component = 0;
    while (layout<Genome>.components[component].begin != index) ++component;
    return component;
  }

  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<Exit> exits_;
  std::uint32_t root_ = no_node;
  // While it is made.
  std::size_t states_ = 0;
  std::map<std::pair<std::uint16_t, State>, std::uint32_t> known_;
  std::map<std::pair<std::uint16_t, Edges>, std::uint32_t> nodes_by_edges_;
};

}  // namespace gptnas
