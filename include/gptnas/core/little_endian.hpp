// Numbers in files, lowest byte first.
#pragma once

#include <cstddef>
#include <cstdint>
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

}  // namespace gptnas
