// The sizes of a GPT.
#pragma once

#include <cstddef>

namespace gptnas {

/// The sizes of a GPT, fixed at compile time.
///
/// @tparam Vocabulary  tokens that there are, 0 to Vocabulary - 1.
/// @tparam Context     the longest input, in tokens.
/// @tparam Width       features a token; a multiple of 16 is fastest.
/// @tparam Layers      transformer blocks.
/// @tparam Heads       attention heads a block, each of Width / Heads features.
template <std::size_t Vocabulary, std::size_t Context, std::size_t Width, std::size_t Layers, std::size_t Heads>
struct GptSize {
  static_assert(Vocabulary >= 2, "gptnas::GptSize needs a vocabulary of at least two tokens; see docs/concepts.md#gpt");
  static_assert(Context >= 1, "gptnas::GptSize needs a context of at least one token; see docs/concepts.md#gpt");
  static_assert(Layers >= 1, "gptnas::GptSize needs at least one layer; see docs/concepts.md#gpt");
  static_assert(Heads >= 1 && Width >= Heads, "gptnas::GptSize needs at least one head; see docs/concepts.md#gpt");
  static_assert(Heads == 0 || Width % Heads == 0,
                "gptnas::GptSize needs a width that the number of heads divides; see docs/concepts.md#gpt");

  static constexpr std::size_t vocabulary = Vocabulary;
  static constexpr std::size_t context = Context;
  static constexpr std::size_t width = Width;
  static constexpr std::size_t layers = Layers;
  static constexpr std::size_t heads = Heads;
  static constexpr std::size_t head_width = Width / Heads;

  /// Parameters that weight decay shrinks: the matrices.
  static constexpr std::size_t matrix_parameters = (Vocabulary + Context + Layers * 12 * Width) * Width;
  /// Biases, and the scales of layer norms.
  static constexpr std::size_t vector_parameters = (Layers * 13 + 2) * Width;
  static constexpr std::size_t parameters = matrix_parameters + vector_parameters;
};

}  // namespace gptnas
