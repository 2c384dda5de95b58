// Numbers in files, lowest byte first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gptnas {

/// The unsigned number in the first bytes, lowest byte first.
///
/// @param bytes  at least sizeof(Unsigned).
template <class Unsigned>
constexpr Unsigned little_endian(std::string_view bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    value |= static_cast<Unsigned>(static_cast<Unsigned>(static_cast<std::uint8_t>(bytes[i])) << (8 * i));
  }
  return value;
}

/// Writes an unsigned number to the first bytes, lowest byte first.
///
/// @param bytes  at least sizeof(Unsigned).
template <class Unsigned>
constexpr void put_little_endian(std::span<char> bytes, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) bytes[i] = static_cast<char>(value >> (8 * i) & 255u);
}

}  // namespace gptnas
