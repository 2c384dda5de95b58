// Any number of sequences through a sampler of some rows.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <gptnas/gpt/shared_rows.hpp>

namespace gptnas::detail {

/// A sequence among those that are written side by side.
template <class Reader>
struct WrittenSequence {
  Reader reader;
  std::size_t row = no_row;  ///< of the sampler

  std::size_t token() const { return reader.token(); }
};

/// Runs sequences side by side, as many as the sampler has rows; one that is done makes room for the next. Sequences that
/// are alike so far share a row: what they begin with is computed once.
///
/// @param sampler    a `GptSampler`, which loses what it has read.
/// @param reader_of  from an index below `count` to what goes on with that sequence: `done()`, `token()` that is pushed
///   next, `read(sampler, row)` when it is; if no sequence asks for logits after a push, time is saved.
template <class Sampler, class ReaderOf>
void run_side_by_side(Sampler& sampler, std::size_t count, const ReaderOf& reader_of) {
  using Sequence = WrittenSequence<decltype(reader_of(std::size_t{0}))>;
  std::vector<Sequence> sequences;
  sampler.reset();
  for (std::size_t next = 0;;) {
    while (sequences.size() < sampler.rows() && next < count) {
      Sequence sequence{reader_of(next++)};
      if (!sequence.reader.done()) sequences.push_back(std::move(sequence));
    }
    if (sequences.empty()) return;
    std::vector<Sequence*> pushed;
    for (Sequence& sequence : sequences) pushed.push_back(&sequence);
    push_to_shared_rows(sampler, std::move(pushed));
    for (Sequence& sequence : sequences) sequence.reader.read(sampler, sequence.row);
    std::erase_if(sequences, [](const Sequence& sequence) { return sequence.reader.done(); });
  }
}

}  // namespace gptnas::detail
