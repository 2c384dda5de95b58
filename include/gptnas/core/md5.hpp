// MD5, as a name for content; it protects against no one.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gptnas {

namespace detail {

// RFC 1321, 3.4: floor(2^32 |sin(i + 1)|).
inline constexpr std::array<std::uint32_t, 64> md5_sines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

inline constexpr std::array<std::array<int, 4>, 4> md5_shifts{
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

using Md5State = std::array<std::uint32_t, 4>;

// Mixes a block of 64 bytes in; all steps are unrolled, so that every index is a constant.
template <std::size_t... Step>
constexpr void md5_block(Md5State& state, const char* bytes, std::index_sequence<Step...>) {
  std::array<std::uint32_t, 16> words{};
  if (std::endian::native == std::endian::little && !std::is_constant_evaluated()) {
    std::memcpy(words.data(), bytes, sizeof(words));
  } else {
    for (std::size_t i = 0; i < 64; ++i) {
      words[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * (i % 4));
    }
  }
  std::uint32_t a = state[0], b = state[1], c = state[2], d = state[3];  // no bindings: clang 14 captures none
  const auto step = [&](auto index) {
    constexpr std::size_t i = index(), round = i / 16;
    constexpr std::size_t word = (round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i) % 16;
    const std::uint32_t mixed = round == 0   ? d ^ (b & (c ^ d))
                                : round == 1 ? c ^ (d & (b ^ c))
                                : round == 2 ? b ^ c ^ d
                                             : c ^ (b | ~d);
    const std::uint32_t sum = a + mixed + md5_sines[i] + words[word];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, md5_shifts[round][i % 4]);
  };
  (step(std::integral_constant<std::size_t, Step>()), ...);
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

constexpr void md5_block(Md5State& state, const char* bytes) {
  md5_block(state, bytes, std::make_index_sequence<64>());
}

}  // namespace detail

/// The MD5 digest (RFC 1321) of a text, as 32 lower-case hexadecimal digits. Complexity: O(size).
constexpr std::array<char, 32> md5_digits(std::string_view text) {
  detail::Md5State state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const std::size_t whole = text.size() / 64 * 64;
  for (std::size_t at = 0; at < whole; at += 64) detail::md5_block(state, text.data() + at);
  // The rest, a one bit, zeros, and the number of bits in the last eight bytes.
  std::array<char, 128> last{};
  const std::size_t rest = text.size() - whole;
  for (std::size_t i = 0; i < 64; ++i) {
    last[i] = i < rest ? text[whole + i] : i == rest ? static_cast<char>(0x80) : '\0';
  }
  const std::size_t end = rest < 56 ? 64 : 128;
  const std::uint64_t bits = std::uint64_t{text.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i) last[end - 8 + i] = static_cast<char>(bits >> (8 * i) & 0xFF);
  for (std::size_t at = 0; at < end; at += 64) detail::md5_block(state, last.data() + at);
  std::array<char, 32> digits{};
  for (std::size_t i = 0; i < 16; ++i) {
    const std::uint32_t byte = state[i / 4] >> (8 * (i % 4)) & 0xFF;
    digits[2 * i] = "0123456789abcdef"[byte >> 4];
    digits[2 * i + 1] = "0123456789abcdef"[byte & 15];
  }
  return digits;
}

/// The same as a string.
inline std::string md5(std::string_view text) {
  const auto digits = md5_digits(text);
  return {digits.data(), digits.size()};
}

}  // namespace gptnas
