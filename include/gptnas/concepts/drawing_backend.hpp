// The contract of a backend that draws tokens itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/sampling_options.hpp>
#include <gptnas/core/token_graph.hpp>

namespace gptnas {

/// A sequence that is being drawn, as an element of a buffer.
struct DrawnSequence {
  RandomStream random;  ///< what it is drawn with
  std::uint64_t paid;   ///< until now
  std::uint32_t node;   ///< of a `TokenGraph`
};

/// How sequences are drawn, as an element of a buffer.
struct DrawSettings {
  SamplingOptions sampling = {};
  bool spares_forced = false;  ///< where one token alone may follow, it takes no number of the stream
};

static_assert(std::is_trivially_copyable_v<DrawnSequence> && std::is_trivially_copyable_v<DrawSettings> &&
                  std::is_trivially_copyable_v<TokenEdge>,
              "gptnas: what a device draws with is copied as bytes");

/// A backend that draws tokens where the logits are, so that sequences are drawn step by step without the host.
///
/// - `draw<V, T>(N, tokens, positions, sequences, drawn, logits, first_edge, edges, settings)`: for each of N sequences
///   one of the edges that its node has and that may be taken, as `sample_token` does from logits (N,V) and its stream:
///   tokens (N) = the token, drawn (N,T) = it at the position, positions (N) += 1, sequences (N) go on. A complete
///   sequence rests. `first_edge` and `edges` are a `TokenGraph`'s, settings (1).
///
/// Models: `CublasBackend`.
template <class Candidate>
concept DrawingBackend = Backend<Candidate> &&
    requires(const Candidate& backend, std::size_t rows, detail::Input<Candidate> logits,
             typename Candidate::template Slice<std::int32_t> indices,
             typename Candidate::template Slice<DrawnSequence> sequences,
             typename Candidate::template Slice<const std::uint32_t> first_edge,
             typename Candidate::template Slice<const TokenEdge> edges,
             typename Candidate::template Slice<const DrawSettings> settings) {
  backend.template draw<4, 4>(rows, indices, indices, sequences, indices, logits, first_edge, edges, settings);
};

}  // namespace gptnas
