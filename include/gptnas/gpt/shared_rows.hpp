// Sequences that share the rows of a sampler.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace gptnas::detail {

/// Of a sequence without tokens.
inline constexpr std::size_t no_row = std::numeric_limits<std::size_t>::max();

/// Pushes the next token of each sequence. Those that have been alike so far are in the same row, and stay there as long
/// as they go on alike; where they part, the first ones stay, if they can, and the others go to free rows.
///
/// @param sampler    a `GptSampler`, with as many rows as there are sequences.
/// @param sequences  at least one; each has `token()`, which is pushed, and `row`, which becomes the one that it is in:
///   one of the first. Complexity: beside the push O(sequences log sequences), and a copy of a row for each parting.
template <class Sampler, class Sequence>
void push_to_shared_rows(Sampler& sampler, std::vector<Sequence*> sequences) {
  std::ranges::sort(sequences, {}, [](const Sequence* each) { return std::pair(each->row, each->token()); });
  using Group = std::span<Sequence* const>;  // alike so far, and with this token
  std::vector<Group> groups;
  for (auto begin = sequences.begin(); begin != sequences.end();) {
    const auto end = std::find_if(begin, sequences.end(), [&](const Sequence* each) {
      return each->row != (*begin)->row || each->token() != (*begin)->token();
    });
    groups.emplace_back(begin, end);
    begin = end;
  }

  std::vector<const Group*> in_row(groups.size()), moving;
  for (const Group& group : groups) {
    const std::size_t row = group[0]->row;
    const bool stays = row < in_row.size() && in_row[row] == nullptr;
    if (stays) {
      in_row[row] = &group;
    } else {
      moving.push_back(&group);
    }
  }
  std::size_t free = 0;
  for (const Group* group : moving) {
    while (in_row[free] != nullptr) ++free;
    const std::size_t row = (*group)[0]->row;
    row == no_row ? sampler.reset(free) : sampler.copy(free, row);
    in_row[free] = group;
  }
  std::vector<std::size_t> tokens;
  for (std::size_t row = 0; row < in_row.size(); ++row) {
    tokens.push_back((*in_row[row])[0]->token());
    for (Sequence* each : *in_row[row]) each->row = row;
  }
  sampler.push(tokens);
}

}  // namespace gptnas::detail
