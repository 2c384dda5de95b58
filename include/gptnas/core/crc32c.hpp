// The checksum of files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gptnas/core/little_endian.hpp>

namespace gptnas {

namespace detail {

// [zeros][byte]: the remainder of a byte that so many bytes of zeros follow. An array of the language, and one step an
// entry, as every compilation makes it anew.
struct Crc32cRemainders {
  std::uint32_t of[8][256]{};

  constexpr Crc32cRemainders() {
    std::uint32_t remainder = 1;
    for (std::size_t bit = 128; bit != 0; bit /= 2) {  // the remainder of a sum is the sum of the remainders
      remainder = remainder >> 1 ^ (remainder & 1) * 0x82F63B78u;
      for (std::size_t byte = 0; byte < 256; byte += 2 * bit) of[0][byte + bit] = of[0][byte] ^ remainder;
    }
    for (std::size_t zeros = 1; zeros < 8; ++zeros) {
      for (std::size_t byte = 0; byte < 256; ++byte) {
        const std::uint32_t shorter = of[zeros - 1][byte];
        of[zeros][byte] = shorter >> 8 ^ of[0][shorter & 255];
      }
    }
  }
};

inline constexpr Crc32cRemainders crc32c_remainders;

}  // namespace detail

/// CRC-32C (Castagnoli's polynomial; RFC 3720, appendix B.4), eight bytes a step.
///
/// Any change of up to 32 bits in a row changes it; any other change passes once in 2^32. It is no defence against
/// intent. Complexity: O(bytes), 1 to 3 GB/s.
constexpr std::uint32_t crc32c(std::string_view bytes) {
  const auto& table = detail::crc32c_remainders.of;
  std::uint32_t crc = 0xFFFFFFFF;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    const std::uint32_t low = crc ^ little_endian<std::uint32_t>(bytes);
    const std::uint32_t high = little_endian<std::uint32_t>(bytes.substr(4));
    crc = table[7][low & 255] ^ table[6][low >> 8 & 255] ^ table[5][low >> 16 & 255] ^ table[4][low >> 24] ^
          table[3][high & 255] ^ table[2][high >> 8 & 255] ^ table[1][high >> 16 & 255] ^ table[0][high >> 24];
  }
  for (const char byte : bytes) crc = crc >> 8 ^ table[0][(crc ^ static_cast<std::uint8_t>(byte)) & 255];
  return ~crc;
}

}  // namespace gptnas
