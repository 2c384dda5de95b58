// The beginning of a genome's token sequence, and what may follow it.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/genome/constrained_grammar.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas {

namespace detail {

// A number for each of some nodes: open addressing, as a prefix fills and leaves one for every proposal.
class NodeCosts {
 public:
  const std::uint64_t* find(std::uint32_t node) const {
    if (slots_.empty()) return nullptr;
    const auto& slot = slots_[place_of(node)];
    return slot.first == node ? &slot.second : nullptr;
  }

  /// @param node  one that is not there.
  void add(std::uint32_t node, std::uint64_t cost) {
    if (2 * size_ >= slots_.size()) grow();
    slots_[place_of(node)] = {node, cost};
    ++size_;
  }

 private:
  static constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();  // no node has this number

  // Where the node is, or could be.
  std::size_t place_of(std::uint32_t node) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = node * std::size_t{0x9E3779B1} >> 7 & mask;
    while (slots_[place].first != node && slots_[place].first != nothing) place = (place + 1) & mask;
    return place;
  }

  void grow() {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> old(slots_.empty() ? 128 : 2 * slots_.size(), {nothing, 0});
    old.swap(slots_);
    for (const auto& slot : old) {
      if (slot.first != nothing) slots_[place_of(slot.first)] = slot;
    }
  }

  std::vector<std::pair<std::uint32_t, std::uint64_t>> slots_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace detail

/// Which of the token ids are legal. (V)
template <class Genome>
using TokenMask = std::array<bool, vocabulary_size<Genome>>;

/// The instruction that reads a token which the plain grammar allows in a state.
template <class Genome>
constexpr std::size_t instruction_of(std::size_t state, std::size_t token) {
  for (std::size_t index = state;; ++index) {
    const Instruction& instruction = layout<Genome>.instructions[index];
    if (instruction.kind != Instruction::Kind::slot || token == instruction.token) return index;
  }
}

/// A genome of which some components are open, to be filled again; the rest is kept.
template <class Genome>
class PartialGenome {
 public:
  /// Nothing is open.
  explicit PartialGenome(const Genome& genome) : bytes_(to_bytes(genome)) {}

  void open(const ComponentSite& component) {
    for (std::size_t index = component.begin; index < component.end; ++index) open_.set(index);
    if (end_ < component.end) end_ = component.end;
  }

  bool is_open(std::size_t instruction) const { return open_.test(instruction); }

  /// The instruction behind the last open one; 0 if nothing is open.
  std::size_t open_end() const { return end_; }

  /// Whether a token that the plain grammar allows in this state leaves what is kept.
  bool keeps(std::size_t state, std::size_t token) const {
    for (std::size_t index = state;; ++index) {
      const Instruction& instruction = layout<Genome>.instructions[index];
      const std::uint8_t byte = bytes_[instruction.offset];
      switch (instruction.kind) {
        case Instruction::Kind::gene: return open_.test(index) || token == std::size_t{instruction.token} + byte;
        case Instruction::Kind::end: return true;
        case Instruction::Kind::slot:
          if (token == instruction.token) return open_.test(index) || byte == instruction.slot;
          if (!open_.test(index) && byte == instruction.slot) return false;
      }
    }
  }

 private:
  GenomeBytes<Genome> bytes_;
  std::bitset<Layout<Genome>::steps> open_;
  std::size_t end_ = 0;
};

/// Reads or writes a genome token by token; knows which tokens are legal, the genome's constraint included: from every
/// prefix a genome can be completed. (Of `Genome::allows` it knows nothing.)
template <class Genome>
class Prefix {
 public:
  /// The empty prefix of any genome.
  Prefix() { find_legal(); }
  /// The empty prefix of a genome that keeps what is kept. @param kept  valid in itself; must outlive the prefix.
  explicit Prefix(const PartialGenome<Genome>& kept) : kept_(&kept) { find_legal(); }
  explicit Prefix(PartialGenome<Genome>&&) = delete;

  /// What is kept; none if everything is open.
  const PartialGenome<Genome>* kept() const { return kept_; }

  /// The plain grammar's state: number of the instruction that is read next.
  std::size_t state() const { return state_; }
  bool complete() const { return state_ == grammar<Genome>.final_state; }

  /// What may come next; nothing when it is complete.
  const TokenMask<Genome>& legal() const { return legal_; }

  /// How many genomes go on with each token, whatever they cost and whatever is kept, in proportion to those of the
  /// legal token with the most; 0 for one that is not legal. (V)
  std::array<double, vocabulary_size<Genome>> continuations() const
    requires has_constrained_grammar<Genome>
  {
    std::array<double, vocabulary_size<Genome>> shares{};
    double most = 0;
    for (const auto& edge : automaton().edges(node_)) {
      if (legal_[edge.token]) most = std::max(most, automaton().node(edge.target).log_rests);
    }
    for (const auto& edge : automaton().edges(node_)) {
      if (legal_[edge.token]) shares[edge.token] = std::exp(automaton().node(edge.target).log_rests - most);
    }
    return shares;
  }

  /// Appends a token. @throws std::invalid_argument if it is not legal. Complexity: O(vocabulary) a token, and with a
  /// constraint and something kept once O(states of the constraint's grammar).
  void push(std::size_t token) {
    if (token >= legal_.size() || !legal_[token]) throw invalid_value("Prefix::push: token", token, "a legal one");
    write(token);
    if constexpr (has_constrained_grammar<Genome>) {
      for (const auto& edge : automaton().edges(node_)) {
        if (edge.token != token) continue;
        cost_ += edge.cost;
        node_ = edge.target;
        break;
      }
    }
    find_legal();
  }

  /// The genome, when it is complete.
  Genome genome() const { return from_bytes<Genome>(bytes_); }

 private:
  static constexpr std::uint64_t impossible = std::numeric_limits<std::uint64_t>::max();

  static const ConstrainedGrammar<Genome>& automaton() { return ConstrainedGrammar<Genome>::instance(); }

  static std::uint32_t first_node() {
    if constexpr (has_constrained_grammar<Genome>) {
      return automaton().root();
    } else {
      return 0;
    }
  }

  void find_legal() {
    if constexpr (has_constrained_grammar<Genome>) {
      legal_.fill(false);
      const auto edges = automaton().edges(node_);
      std::size_t ways = 0;
      for (const auto& edge : edges) {
        legal_[edge.token] = kept_ == nullptr || kept_->keeps(state_, edge.token);
        ways += legal_[edge.token];
      }
      if (ways == 1) return;  // the prefix can be completed, thus by this token
      for (const auto& edge : edges) {
        legal_[edge.token] = legal_[edge.token] && fits(edge.cost, least(edge.target));
      }
    } else {
      legal_ = grammar<Genome>.allowed[state_];
      if (kept_ == nullptr) return;
      for (std::size_t token = 0; token < legal_.size(); ++token) {
        legal_[token] = legal_[token] && kept_->keeps(state_, token);
      }
    }
  }

  bool fits(std::uint64_t next, std::uint64_t rest) const {
    constexpr std::uint64_t bound = detail::Automaton<Genome>::max_cost();
    return rest <= bound && detail::cost_sum(cost_, next) <= bound - rest;
  }

  // Cost of the cheapest rest from a node, what is kept included.
  std::uint64_t least(std::uint32_t number) {
    if (kept_ == nullptr) return automaton().node(number).least;
    std::uint64_t paid = 0, rest = impossible;
    const auto consider = [&](std::uint32_t target, std::uint64_t cost) {
      rest = std::min(rest, detail::cost_sum(cost, least(target)));
    };
    // As long as what is kept leaves one way, it is followed, and only its begin is remembered.
    const std::uint64_t* known = least_.find(number);
    if (known != nullptr) return *known;
    for (std::uint32_t at = number;;) {
      const auto& node = automaton().node(at);
      if (at == ConstrainedGrammar<Genome>::final_node) {
        rest = node.least;
        break;
      }
      // No rest is cheaper than the node's least: one that costs as much ends the look for others.
      const auto exits = automaton().exits(at);
      if (!exits.empty() && kept_->is_open(node.state)) {
        for (auto exit = exits.begin(); exit != exits.end() && rest != node.least; ++exit) {
          consider(exit->target, exit->cost);
        }
        break;
      }
      const typename ConstrainedGrammar<Genome>::Edge* only = nullptr;
      std::size_t ways = 0;
      for (const auto& edge : automaton().edges(at)) {
        if (!kept_->keeps(node.state, edge.token)) continue;
        only = &edge;
        ++ways;
      }
      if (ways == 1) {
        paid = detail::cost_sum(paid, only->cost);
        at = only->target;
        continue;
      }
      const auto edges = automaton().edges(at);
      for (auto edge = edges.begin(); edge != edges.end() && rest != node.least; ++edge) {
        if (kept_->keeps(node.state, edge->token)) consider(edge->target, edge->cost);
      }
      break;
    }
    const std::uint64_t best = detail::cost_sum(paid, rest);
    least_.add(number, best);
    return best;
  }

  // Follows the slots, which consume no token unless their sequence ends.
  void write(std::size_t token) {
    for (;; ++state_) {
      const Instruction& instruction = layout<Genome>.instructions[state_];
      std::uint8_t& byte = bytes_[instruction.offset];
      switch (instruction.kind) {
        case Instruction::Kind::gene: byte = static_cast<std::uint8_t>(token - instruction.token); [[fallthrough]];
        case Instruction::Kind::end: ++state_; return;
        case Instruction::Kind::slot:
          if (token == instruction.token) {
            state_ = instruction.after;
            return;
          }
          ++byte;
      }
    }
  }

  const PartialGenome<Genome>* kept_ = nullptr;
  std::size_t state_ = 0;
  std::uint32_t node_ = first_node();  // of the constrained grammar
  std::uint64_t cost_ = 0;             // of the components read
  GenomeBytes<Genome> bytes_{};
  TokenMask<Genome> legal_{};
  detail::NodeCosts least_;
};

}  // namespace gptnas
