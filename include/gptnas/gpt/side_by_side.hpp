// Any number of sequences through a sampler of some rows.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <gptnas/gpt/gpt_sampler.hpp>

namespace gptnas::detail {

/// Runs sequences side by side, as many as the sampler has rows; one that is done makes room for the next.
///
/// @param reader_of  from an index below `count` to what goes on with that sequence: `done()`, `token()` that is pushed
///   next, `read(logits)` of what follows it.
template <class Model, class ReaderOf>
void run_side_by_side(GptSampler<Model>& sampler, std::size_t count, const ReaderOf& reader_of) {
  using Reader = decltype(reader_of(std::size_t{0}));
  std::vector<Reader> readers;  // of the rows
  std::vector<std::size_t> tokens;
  readers.reserve(sampler.rows());
  tokens.reserve(sampler.rows());
  for (std::size_t next = 0;;) {
    while (readers.size() < sampler.rows() && next < count) {
      Reader reader = reader_of(next++);
      if (reader.done()) continue;
      sampler.reset(readers.size());
      readers.push_back(std::move(reader));
    }
    if (readers.empty()) return;
    tokens.clear();
    for (const Reader& reader : readers) tokens.push_back(reader.token());
    sampler.push(tokens);
    for (std::size_t row = readers.size(); row-- > 0;) {
      readers[row].read(sampler.logits(row));
      if (!readers[row].done()) continue;
      sampler.copy(row, readers.size() - 1);  // the last row takes its place
      if (row + 1 != readers.size()) readers[row] = std::move(readers.back());
      readers.pop_back();
    }
  }
}

}  // namespace gptnas::detail
