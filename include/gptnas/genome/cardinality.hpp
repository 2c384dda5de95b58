// How many genomes there are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include <gptnas/core/natural.hpp>
#include <gptnas/genome/constrained_grammar.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

/// A number of genomes. A byte of a genome counts for at most 8 bits.
template <class Genome>
using Cardinality = Natural<8 * sizeof(Genome) + 1>;

namespace detail {

template <class Number, class Type>
constexpr Number count_genomes() {
  if constexpr (is_choice<Type>) {
    return Type::cardinality;
  } else if constexpr (is_repeat<Type>) {
    const Number items = count_genomes<Number, ItemOf<Type>>();
    Number count = 1;
    for (std::size_t index = 0; index < Type::size(); ++index) count = count * items;
    return count;
  } else if constexpr (is_sequence<Type>) {
    const Number items = count_genomes<Number, ItemOf<Type>>();
    Number power = 1;
    Number count = Type::min_size == 0 ? 1 : 0;
    for (std::size_t size = 1; size <= Type::max_size; ++size) {
      power = power * items;
      if (size >= Type::min_size) count += power;
    }
    return count;
  } else {
    Number count = 1;
    for_each_accessor<Type>([&](std::string_view, auto accessor) {
      count = count * count_genomes<Number, MemberOf<Type, decltype(accessor)>>();
    });
    return count;
  }
}

// Paths from the root of the grammar to its end whose cost is within the bound.
template <class Genome>
Cardinality<Genome> count_within_constraint() {
  const auto& grammar = ConstrainedGrammar<Genome>::instance();
  constexpr std::uint64_t bound = Automaton<Genome>::max_cost();
  std::vector<Cardinality<Genome>> rests(grammar.size());  // from a node on, whatever they cost
  std::vector<std::uint64_t> most(grammar.size());         // cost of the dearest of them
  rests[grammar.final_node] = 1;
  for (std::uint32_t node = grammar.final_node + 1; node < grammar.size(); ++node) {
    for (const auto& edge : grammar.edges(node)) {
      rests[node] += rests[edge.target];
      most[node] = std::max(most[node], cost_sum(edge.cost, most[edge.target]));
    }
  }
  Cardinality<Genome> count = 0;
  std::vector<std::map<std::uint64_t, Cardinality<Genome>>> ways(grammar.size());  // to a node, by what was paid
  ways[grammar.root()].emplace(0, 1);
  for (std::uint32_t node = grammar.root() + 1; node-- > 0;) {
    for (const auto& [paid, number] : ways[node]) {
      if (most[node] <= bound - paid) {
        count += number * rests[node];
        continue;
      }
      for (const auto& edge : grammar.edges(node)) {
        const std::uint64_t next = cost_sum(paid, edge.cost);
        if (next <= bound && grammar.node(edge.target).least <= bound - next) ways[edge.target][next] += number;
      }
    }
    ways[node].clear();
  }
  return count;
}

}  // namespace detail

/// The exact number of genomes of a type. Only a type with `allows` cannot be counted; visit it by `for_each_genome`.
///
/// Complexity: O(parts), in a constant expression too; with a `Constraint` or a `Cell` O(states of the constrained
/// grammar), and where a bound on the cost binds, times the number of different costs.
template <class Genome>
constexpr Cardinality<Genome> cardinality() {
  static_assert(!detail::HasPredicate<Genome>,
                "gptnas::cardinality cannot count what Genome::allows; see docs/concepts.md#constraint");
  if constexpr (has_constrained_grammar<Genome>) {
    return detail::count_within_constraint<Genome>();
  } else {
    return detail::count_genomes<Cardinality<Genome>, Genome>();
  }
}

}  // namespace gptnas
