// Proposals by a model that predicts the next token.
#pragma once

#include <cstddef>
#include <span>

#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas {

template <class Genome>
using ChosenComponents = InlineVector<ComponentSite, Layout<Genome>::steps>;

/// The components of a genome, each taken with the given probability, in reading order.
template <class Genome>
ChosenComponents<Genome> choose_components(const Genome& genome, double rate, RandomStream& random) {
  ChosenComponents<Genome> chosen;
  std::size_t site = 0;
  for_each_step<Genome>(to_bytes(genome), [&](std::size_t index, const Instruction& instruction) {
    if (!instruction.begins_component) return;
    while (layout<Genome>.components[site].begin != index) ++site;
    if (random.chance(rate)) chosen.push_back(layout<Genome>.components[site]);
  });
  return chosen;
}

/// A whole genome, token by token, under the grammar's mask.
///
/// @param model  with `reset()`, `push(token)` and `std::size_t draw(mask, random)`, where `mask[token]` tells what is
///   legal. Only models that share this file's proposers need it.
template <class Genome, class Model>
Genome propose_left_to_right(Model& model, RandomStream& random) {
  TokenSequence<Genome> tokens;
  model.reset();
  model.push(start_token);
  for (std::size_t state = 0; state != grammar<Genome>.final_state;) {
    const auto token = static_cast<Token>(model.draw(grammar<Genome>.allowed[state], random));
    state = grammar<Genome>.next[state][token];
    tokens.push_back(token);
    if (state != grammar<Genome>.final_state) model.push(token);
  }
  return decode<Genome>({tokens.data(), tokens.size()});
}

/// Predicts the chosen components of a genome again, from left to right, each given all that precedes it (GPT-NAS,
/// Algorithm 1). What is not chosen stays.
template <class Genome, class Model>
void reconstruct_left_to_right(Genome& genome, const ChosenComponents<Genome>& chosen, Model& model,
                               RandomStream& random) {
  if (chosen.empty()) return;
  const auto bytes = to_bytes(genome);
  TokenSequence<Genome> tokens;
  model.reset();
  model.push(start_token);
  std::size_t next_chosen = 0;
  const auto take = [&](std::size_t token) {
    tokens.push_back(static_cast<Token>(token));
    if (next_chosen < chosen.size()) model.push(token);
  };
  for (std::size_t state = 0; state < Layout<Genome>::steps;) {
    if (next_chosen < chosen.size() && chosen[next_chosen].begin == state) {
      const std::size_t end = chosen[next_chosen].end;
      while (state != end) {
        const std::size_t token = model.draw(grammar<Genome>.allowed[state], random);
        state = grammar<Genome>.next[state][token];
        if (state == end) ++next_chosen;
        take(token);
      }
      continue;
    }
    const Instruction& instruction = layout<Genome>.instructions[state++];
    const std::uint8_t byte = bytes[instruction.offset];
    if (instruction.kind == Instruction::Kind::gene) {
      take(instruction.token + std::size_t{byte});
    } else if (byte == instruction.slot) {
      take(instruction.token);
      if (instruction.kind == Instruction::Kind::slot) state = instruction.after;
    }
  }
  genome = decode<Genome>({tokens.data(), tokens.size()});
}

}  // namespace gptnas
