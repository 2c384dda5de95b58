// The draw of tokens under a grammar's table.
#include <cstddef>
#include <cstdint>

#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/threads.cuh>

namespace gptnas::detail::cuda {

namespace {

// A thread a row; one whose sequence is complete rests.
__global__ void draw_kernel(std::size_t rows, std::size_t vocabulary, std::size_t context_length, std::int32_t* tokens,
                            std::int32_t* positions, std::int32_t* states, std::int32_t* drawn, const float* logits,
                            const std::int32_t* table, const DrawSettings* settings) {
  for (std::size_t row = first_element(); row < rows; row += element_stride()) {
    const std::int32_t* const next = table + static_cast<std::size_t>(states[row]) * vocabulary;
    const auto position = static_cast<std::size_t>(positions[row]);
    const double uniform = sample_uniform(settings->seed, settings->first + row, static_cast<std::uint32_t>(position));
    const std::size_t token = draw_token(logits + row * vocabulary, next, vocabulary, settings->temperature, uniform);
    if (token == vocabulary) continue;
    drawn[row * context_length + position] = tokens[row] = static_cast<std::int32_t>(token);
    states[row] = next[token];
    positions[row] = static_cast<std::int32_t>(position + 1);
  }
}

}  // namespace

void draw(Context& context, std::size_t rows, std::size_t vocabulary, std::size_t context_length, std::int32_t* tokens,
          std::int32_t* positions, std::int32_t* states, std::int32_t* drawn, const float* logits,
          const std::int32_t* table, const DrawSettings* settings) {
  launch(context, "draw", draw_kernel, {element_blocks(rows)}, block_threads, rows, vocabulary, context_length, tokens,
         positions, states, drawn, logits, table, settings);
}

}  // namespace gptnas::detail::cuda
