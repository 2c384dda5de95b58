// The checksum of files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gptnas/core/little_endian.hpp>

namespace gptnas {

namespace detail {

// [zeros][byte]: the remainder of a byte that so many bytes of zeros follow.
constexpr std::array<std::array<std::uint32_t, 256>, 8> crc32c_remainders() {
  std::array<std::array<std::uint32_t, 256>, 8> remainders{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ (remainder & 1) * 0x82F63B78u;
    remainders[0][byte] = remainder;
  }
  for (std::size_t zeros = 1; zeros < 8; ++zeros) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t shorter = remainders[zeros - 1][byte];
      remainders[zeros][byte] = shorter >> 8 ^ remainders[0][shorter & 255];
    }
  }
  return remainders;
}

inline constexpr auto crc32c_table = crc32c_remainders();

}  // namespace detail

/// CRC-32C (Castagnoli's polynomial; RFC 3720, appendix B.4), eight bytes a step.
///
/// Any change of up to 32 bits in a row changes it; any other change passes once in 2^32. It is no defence against
/// intent. Complexity: O(bytes), 1 to 3 GB/s.
constexpr std::uint32_t crc32c(std::string_view bytes) {
  const auto& table = detail::crc32c_table;
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
