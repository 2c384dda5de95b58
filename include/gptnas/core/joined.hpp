// Messages out of pieces.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gptnas {

/// A piece of a message: a text, which must live as long as the piece, or a number, in the shortest form that reads
/// back as the same, whatever the locale.
class TextPiece {
 public:
  TextPiece(std::string_view text) : text_(text) {}
  TextPiece(const std::string& text) : text_(text) {}
  TextPiece(const char* text) : text_(text) {}
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
  TextPiece(Integer integer) {
    bool negative = false;
    if constexpr (std::signed_integral<Integer>) negative = integer < 0;
    const auto bits = static_cast<std::uint64_t>(integer);
    write(negative ? 0 - bits : bits, negative);
  }
  template <std::floating_point Real>
    requires(!std::same_as<Real, long double>)
  TextPiece(Real real) {
    text_ = {digits_, std::to_chars(digits_, digits_ + sizeof digits_, real).ptr};
  }
  TextPiece(const TextPiece&) = delete;  // it may refer to itself

  std::string_view text() const { return text_; }

 private:
  [[gnu::noinline]] void write(std::uint64_t magnitude, bool negative) {
    std::size_t place = sizeof digits_;
    do {
      digits_[--place] = static_cast<char>('0' + magnitude % 10);
    } while ((magnitude /= 10) != 0);
    if (negative) digits_[--place] = '-';
    text_ = {digits_ + place, sizeof digits_ - place};
  }

  std::string_view text_;
  char digits_[32];  // of a double at most 24
};

/// The pieces one after the other. One call where `+` is many: programs with many messages become smaller and compile
/// faster.
[[gnu::noinline]] inline std::string joined(std::initializer_list<TextPiece> pieces) {
  std::string text;
  for (const TextPiece& piece : pieces) text.append(piece.text());
  return text;
}

}  // namespace gptnas
