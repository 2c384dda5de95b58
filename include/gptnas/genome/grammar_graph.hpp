// The grammar of a genome type, its constraint and what is kept included, as a graph of tokens.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <gptnas/core/token_graph.hpp>
#include <gptnas/genome/constrained_grammar.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas {

namespace detail {

// Makes a graph from its ends to its start.
template <class Genome>
class GrammarGraphMaker {
 public:
  GrammarGraphMaker(const PartialGenome<Genome>* kept, std::size_t end) : kept_(kept), end_(end) {
    graph_.first_edge.push_back(0);
    rests_.resize(nodes());
    const Rest all = rest_of(root());
    graph_.start = all.number;
    graph_.longest = all.longest;
  }

  TokenGraph take() { return std::move(graph_); }

 private:
  static constexpr std::uint32_t unknown = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint64_t impossible = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint64_t bound = Automaton<Genome>::max_cost();

  // What follows a node of the grammar: its node here, the least cost, the most tokens.
  struct Rest {
    std::uint32_t number = unknown;
    std::uint64_t least = impossible;
    std::size_t longest = 0;
  };

  static const ConstrainedGrammar<Genome>& automaton() { return ConstrainedGrammar<Genome>::instance(); }

  static std::size_t nodes() {
    if constexpr (has_constrained_grammar<Genome>) {
      return automaton().size();
    } else {
      return Grammar<Genome>::states;
    }
  }

  static std::uint32_t root() {
    if constexpr (has_constrained_grammar<Genome>) {
      return automaton().root();
    } else {
      return 0;
    }
  }

  static std::size_t state_of(std::uint32_t node) {
    if constexpr (has_constrained_grammar<Genome>) {
      return automaton().node(node).state;
    } else {
      return node;
    }
  }

  // Calls visit(token, target, cost).
  template <class Visit>
  static void for_each_edge(std::uint32_t node, const Visit& visit) {
    if constexpr (has_constrained_grammar<Genome>) {
      for (const auto& edge : automaton().edges(node)) visit(edge.token, edge.target, edge.cost);
    } else {
      const auto& next = grammar<Genome>.next[node];
      for (std::size_t token = 0; token < next.size(); ++token) {
        if (next[token] != Grammar<Genome>::no_state) visit(token, std::uint32_t{next[token]}, std::uint64_t{0});
      }
    }
  }

  Rest rest_of(std::uint32_t node) {
    if (rests_[node].number != unknown) return rests_[node];
    const std::size_t state = state_of(node), begin = open_.size();
    Rest rest;
    if (state == Layout<Genome>::steps) rest.least = 0;
    for_each_edge(node, [&](std::size_t token, std::uint32_t target, std::uint64_t cost) {
      if (kept_ != nullptr && !kept_->keeps(state, token)) return;
      const Rest next = rest_of(target);
      if (next.least > bound || cost > bound - next.least) return;
      rest.least = std::min(rest.least, cost + next.least);
      if (state >= end_) return;
      rest.longest = std::max(rest.longest, 1 + next.longest);
      open_.push_back({static_cast<std::int32_t>(token), next.number, cost, bound - next.least - cost});
    });
    const auto first = open_.begin() + static_cast<std::ptrdiff_t>(begin);
    std::sort(first, open_.end(), [](const TokenEdge& a, const TokenEdge& b) { return a.token < b.token; });
    graph_.edges.insert(graph_.edges.end(), first, open_.end());
    open_.resize(begin);
    graph_.first_edge.push_back(static_cast<std::uint32_t>(graph_.edges.size()));
    rest.number = static_cast<std::uint32_t>(graph_.first_edge.size() - 2);
    return rests_[node] = rest;
  }

  const PartialGenome<Genome>* kept_;
  std::size_t end_;
  TokenGraph graph_;
  std::vector<Rest> rests_;      // by the node
  std::vector<TokenEdge> open_;  // of the nodes that are being made, each behind the one that leads to it
};

}  // namespace detail

/// The token sequences of a genome type: its edges that may be taken are what a `Prefix` finds legal.
///
/// Complexity: O(vocabulary x tokens) for a plain genome, O(states of the grammar) for one with a constraint.
template <class Genome>
TokenGraph grammar_graph() {
  return detail::GrammarGraphMaker<Genome>(nullptr, Layout<Genome>::steps).take();
}

/// Those of the genomes that keep what is kept, as far as something is open; behind it they are complete.
///
/// @param kept  valid in itself. Complexity: as above.
template <class Genome>
TokenGraph grammar_graph(const PartialGenome<Genome>& kept) {
  return detail::GrammarGraphMaker<Genome>(&kept, kept.open_end()).take();
}

}  // namespace gptnas
