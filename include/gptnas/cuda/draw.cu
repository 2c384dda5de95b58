// The draw of tokens along the edges of a graph.
#include <cstddef>
#include <cstdint>

#include <gptnas/cuda/operations.hpp>
#include <gptnas/cuda/threads.cuh>

namespace gptnas::detail::cuda {

namespace {

// A thread a sequence; one that is complete rests.
__global__ void draw_kernel(std::size_t rows, std::size_t vocabulary, std::size_t context_length, std::int32_t* tokens,
                            std::int32_t* positions, DrawnSequence* sequences, std::int32_t* drawn, const float* logits,
                            const std::uint32_t* first_edge, const TokenEdge* edges, const DrawSettings* settings) {
  for (std::size_t row = first_element(); row < rows; row += element_stride()) {
    DrawnSequence& sequence = sequences[row];
    const TokenEdge* const own = edges + first_edge[sequence.node];
    const std::size_t count = first_edge[sequence.node + 1] - first_edge[sequence.node];
    const std::size_t chosen =
        draw_edge(logits + row * vocabulary, own, count, sequence.paid, *settings, sequence.random);
    if (chosen == count) continue;
    const auto position = static_cast<std::size_t>(positions[row]);
    drawn[row * context_length + position] = tokens[row] = own[chosen].token;
    positions[row] = static_cast<std::int32_t>(position + 1);
    sequence.paid += own[chosen].cost;
    sequence.node = own[chosen].target;
  }
}

}  // namespace

void draw(Context& context, std::size_t rows, std::size_t vocabulary, std::size_t context_length, std::int32_t* tokens,
          std::int32_t* positions, DrawnSequence* sequences, std::int32_t* drawn, const float* logits,
          const std::uint32_t* first_edge, const TokenEdge* edges, const DrawSettings* settings) {
  launch(context, "draw", draw_kernel, {element_blocks(rows)}, block_threads, rows, vocabulary, context_length, tokens,
         positions, sequences, drawn, logits, first_edge, edges, settings);
}

}  // namespace gptnas::detail::cuda
