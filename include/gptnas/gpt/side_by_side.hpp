// Any number of sequences through a sampler of some rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace gptnas::detail {

/// A sequence among those that are written side by side.
template <class Reader>
struct WrittenSequence {
  static constexpr std::size_t no_row = std::numeric_limits<std::size_t>::max();

  Reader reader;
  std::size_t row = no_row;  ///< of the sampler, which other sequences may share; none before the first token

  bool goes_on_as(const WrittenSequence& other) const {
    return row == other.row && reader.token() == other.reader.token();
  }
};

/// Gives each group of sequences that were alike so far, and go on alike, a row: the first rows of the sampler.
///
/// @param tokens  = of each row, what is pushed next. Complexity: O(sequences log sequences), and a copy of a row for
///   each group that leaves another.
template <class Sampler, class Reader>
void share_rows(Sampler& sampler, std::vector<WrittenSequence<Reader>>& sequences, std::vector<std::size_t>& tokens) {
  using Sequence = WrittenSequence<Reader>;
  std::vector<Sequence*> order;
  for (Sequence& sequence : sequences) order.push_back(&sequence);
  std::ranges::sort(order, {}, [](const Sequence* each) { return std::pair(each->row, each->reader.token()); });

  std::vector<std::size_t> groups;  // where they begin
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || !order[i]->goes_on_as(*order[i - 1])) groups.push_back(i);
  }
  // The first group of a row stays there, unless the row is behind those that are needed; the others get free rows.
  std::vector<bool> stays(groups.size()), taken(groups.size());
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const std::size_t row = order[groups[group]]->row;
    if (row < groups.size() && !taken[row]) stays[group] = taken[row] = true;
  }
  tokens.resize(groups.size());
  std::size_t free = 0;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const std::size_t begin = groups[group], end = group + 1 < groups.size() ? groups[group + 1] : order.size();
    std::size_t row = order[begin]->row;
    if (!stays[group]) {
      while (taken[free]) ++free;
      row == Sequence::no_row ? sampler.reset(free) : sampler.copy(free, row);
      taken[free] = true;
      row = free;
    }
    tokens[row] = order[begin]->reader.token();
    for (std::size_t i = begin; i < end; ++i) order[i]->row = row;
  }
}

/// Runs sequences side by side, as many as the sampler has rows; one that is done makes room for the next. Sequences that
/// are alike so far share a row: what they begin with is computed once.
///
/// @param sampler    a `GptSampler`.
/// @param reader_of  from an index below `count` to what goes on with that sequence: `done()`, `token()` that is pushed
///   next, `read(logits)` of what follows it.
template <class Sampler, class ReaderOf>
void run_side_by_side(Sampler& sampler, std::size_t count, const ReaderOf& reader_of) {
  using Sequence = WrittenSequence<decltype(reader_of(std::size_t{0}))>;
  std::vector<Sequence> sequences;
  std::vector<std::size_t> tokens;  // of the rows
  for (std::size_t next = 0;;) {
    while (sequences.size() < sampler.rows() && next < count) {
      Sequence sequence{reader_of(next++)};
      if (!sequence.reader.done()) sequences.push_back(std::move(sequence));
    }
    if (sequences.empty()) return;
    share_rows(sampler, sequences, tokens);
    sampler.push(tokens);
    for (Sequence& sequence : sequences) sequence.reader.read(sampler.logits(sequence.row));
    std::erase_if(sequences, [](const Sequence& sequence) { return sequence.reader.done(); });
  }
}

}  // namespace gptnas::detail
