// A genome as a sequence of tokens, and the grammar of such sequences.
//
// Members in order, depth first, one token a gene. A struct has one set of ids wherever it occurs. A `Sequence` ends
// with an END token of its own, legal from `Min` items on and forced at `Max`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>

#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/print.hpp>

namespace gptnas {

template <class Genome>
inline constexpr std::size_t vocabulary_size = layout<Genome>.vocabulary;

template <class Genome>
using TokenSequence = InlineVector<Token, Layout<Genome>::max_tokens>;

/// The automaton that accepts the token sequences of a genome type, and nothing else.
///
/// A flat table, made at compile time: a state is the number of the instruction that is read next. O(1) a step.
template <class Genome>
struct Grammar {
  static constexpr std::size_t states = Layout<Genome>::steps + 1;
  static constexpr std::size_t vocabulary = vocabulary_size<Genome>;
  static constexpr std::uint16_t no_state = std::numeric_limits<std::uint16_t>::max();
  static constexpr std::uint16_t final_state = Layout<Genome>::steps;

  std::array<std::array<std::uint16_t, vocabulary>, states> next;  ///< the state after a token, `no_state` if illegal
  std::array<std::array<bool, vocabulary>, states> allowed;        ///< the mask of legal tokens

  constexpr Grammar() : next{}, allowed{} {
    for (std::size_t state = 0; state < states; ++state) {
      next[state].fill(no_state);
      add_tokens(next[state], state);
      for (std::size_t token = 0; token < vocabulary; ++token) allowed[state][token] = next[state][token] != no_state;
    }
  }

 private:
  // Follows the slots, which consume no token unless their sequence ends, to the next instruction that does.
  static constexpr void add_tokens(std::array<std::uint16_t, vocabulary>& row, std::size_t state) {
    for (std::size_t index = state; index < Layout<Genome>::steps; ++index) {
      const Instruction& instruction = layout<Genome>.instructions[index];
      const auto following = static_cast<std::uint16_t>(index + 1);
      switch (instruction.kind) {
        case Instruction::Kind::gene:
          for (std::size_t value = 0; value < instruction.cardinality; ++value) {
            row[instruction.token + value] = following;
          }
          return;
        case Instruction::Kind::slot:
          if (instruction.slot >= instruction.min) row[instruction.token] = instruction.after;
          break;
        case Instruction::Kind::end: row[instruction.token] = following; return;
      }
    }
  }
};

template <class Genome>
inline constexpr Grammar<Genome> grammar{};

/// The tokens of a genome, without `start_token`. Complexity: O(genes).
template <class Genome>
constexpr TokenSequence<Genome> encode(const Genome& genome) {
  TokenSequence<Genome> tokens;
  const auto bytes = to_bytes(genome);
  for_each_step<Genome>(bytes, [&](std::size_t, const Instruction& instruction) {
    if (instruction.kind == Instruction::Kind::gene) {
      tokens.push_back(static_cast<Token>(instruction.token + bytes[instruction.offset]));
    } else if (bytes[instruction.offset] == instruction.slot) {
      tokens.push_back(instruction.token);
    }
  });
  return tokens;
}

/// The genome of a token sequence, the inverse of `encode`.
///
/// @throws std::invalid_argument if the tokens are no genome, with the position, the token and what was expected there,
///   or if the genome breaks a constraint.
/// Complexity: O(genes).
template <class Genome>
constexpr Genome decode(std::span<const Token> tokens) {
  GenomeBytes<Genome> bytes{};
  std::size_t position = 0;
  const auto refuse = [&](std::size_t state) {
    std::string expected;
    for (std::size_t token = 0; token < vocabulary_size<Genome>; ++token) {
      if (grammar<Genome>.allowed[state][token]) expected += joined({expected.empty() ? "" : ", ", token});
    }
    const std::string found = position < tokens.size() ? joined({"token ", tokens[position]}) : std::string("the end");
    throw std::invalid_argument(
        joined({"decode: ", found, " at position ", position,
                (expected.empty() ? "; expected the end" : joined({"; expected one of ", expected}))}));
  };
  std::size_t state = 0;  // of the grammar, which lies behind `index` by the slots that consume no token
  for (std::size_t index = 0; index < Layout<Genome>::steps;) {
    const Instruction& instruction = layout<Genome>.instructions[index];
    std::uint8_t& byte = bytes[instruction.offset];
    const bool more = position < tokens.size();
    switch (instruction.kind) {
      case Instruction::Kind::slot:
        if (more && tokens[position] == instruction.token && instruction.slot >= instruction.min) {
          ++position;
          state = index = instruction.after;
        } else {
          ++byte;
          ++index;
        }
        continue;
      case Instruction::Kind::gene:
        if (!more || tokens[position] < instruction.token ||
            tokens[position] >= instruction.token + instruction.cardinality) {
          refuse(state);
        }
        byte = static_cast<std::uint8_t>(tokens[position] - instruction.token);
        break;
      case Instruction::Kind::end:
        if (!more || tokens[position] != instruction.token) refuse(state);
        break;
    }
    ++position;
    state = ++index;
  }
  if (position != tokens.size()) refuse(state);
  const Genome genome = from_bytes<Genome>(bytes);
  if constexpr (is_constrained<Genome>) {
    if (!is_valid(genome)) {
      throw std::invalid_argument(joined({"decode: the genome ", print(genome), " breaks the constraint of its type"}));
    }
  }
  return genome;
}

}  // namespace gptnas
