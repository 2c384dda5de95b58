// What the benchmarks of a training step learn from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/gpt/token_batch.hpp>

/// Random sequences of a whole context.
template <class Size>
gptnas::TokenBatch<Size> full_batch(std::size_t sequences) {
  gptnas::TokenBatch<Size> batch(sequences * Size::context);
  gptnas::RandomStream random(2);
  for (std::size_t i = 0; i < sequences; ++i) {
    std::vector<std::uint32_t> sequence(Size::context + 1);
    for (auto& token : sequence) token = random.below(Size::vocabulary);
    batch.add(sequence);
  }
  return batch;
}
