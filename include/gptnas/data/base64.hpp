// Bytes in text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gptnas/core/joined.hpp>

namespace gptnas {

/// The bytes of a base64 text (RFC 4648, section 4): full groups of four characters, the last one filled up with '='.
/// Line breaks are skipped, as in RFC 2045.
///
/// @throws std::invalid_argument if the text is anything else, with the position. Complexity: O(characters).
inline std::string decode_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto refuse = [](std::size_t position, const std::string& problem) {
    throw std::invalid_argument(joined({"base64: at character ", position, ": ", problem}));
  };
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  std::size_t characters = 0, padding = 0;  // characters without line breaks
  for (std::size_t position = 0; position < text.size(); ++position) {
    const char character = text[position];
    if (character == '\n' || character == '\r') continue;
    std::size_t value = 0;
    if (character == '=') {
      const bool too_early = padding == 0 ? characters % 4 < 2 : characters % 4 == 0;
      if (too_early) refuse(position, "a '='; expected it last in a group");
      ++padding;
    } else {
      if (padding > 0) refuse(position, "a character follows '='; expected the end");
      value = alphabet.find(character);
      if (value == std::string_view::npos) refuse(position, "expected a letter, a digit, '+', '/' or '='");
    }
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++characters % 4 != 0) continue;
    for (std::size_t byte = 0; byte < 3 - padding; ++byte) bytes += static_cast<char>(bits >> (16 - 8 * byte) & 255);
  }
  if (characters % 4 != 0) refuse(text.size(), "the text ends within a group; expected four characters a group");
  return bytes;
}

}  // namespace gptnas
