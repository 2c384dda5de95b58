// Natural numbers of any fixed size, for exact counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace gptnas {

/// A natural number below 2^Bits.
///
/// @tparam Bits  large enough for every result: sums and products that do not fit lose their upper bits.
template <std::size_t Bits>
class Natural {
 public:
  constexpr Natural(std::uint64_t value = 0) {
    for (std::size_t limb = 0; limb < limbs && value != 0; ++limb, value >>= 32) {
      limbs_[limb] = static_cast<std::uint32_t>(value);
    }
  }

  constexpr Natural& operator+=(const Natural& other) {
    std::uint64_t carry = 0;
    for (std::size_t limb = 0; limb < limbs; ++limb) {
      carry += std::uint64_t{limbs_[limb]} + other.limbs_[limb];
      limbs_[limb] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    return *this;
  }

  friend constexpr Natural operator*(const Natural& first, const Natural& second) {
    Natural product;
    const std::size_t first_used = first.used(), second_used = second.used();
    for (std::size_t i = 0; i < first_used; ++i) {
      std::uint64_t carry = 0;
      for (std::size_t j = 0; i + j < limbs && (j < second_used || carry != 0); ++j) {
        carry += product.limbs_[i + j] + std::uint64_t{first.limbs_[i]} * second.limbs_[j];
        product.limbs_[i + j] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
      }
    }
    return product;
  }

  friend constexpr bool operator==(const Natural&, const Natural&) = default;

  /// As a double, exact to within one unit in the last place; infinity if it is larger than any.
  constexpr explicit operator double() const {
    double value = 0;
    for (std::size_t limb = limbs; limb-- > 0;) value = value * 4294967296.0 + limbs_[limb];
    return value;
  }

  /// The decimal digits.
  friend std::string to_string(Natural number) {
    std::string digits;
    bool more = true;
    while (more) {
      std::uint64_t rest = 0;
      more = false;
      for (std::size_t limb = limbs; limb-- > 0;) {
        rest = rest << 32 | number.limbs_[limb];
        number.limbs_[limb] = static_cast<std::uint32_t>(rest / 10);
        rest %= 10;
        more = more || number.limbs_[limb] != 0;
      }
      digits.insert(digits.begin(), static_cast<char>('0' + rest));
    }
    return digits;
  }

 private:
  static constexpr std::size_t limbs = (Bits + 31) / 32;

  // Limbs without the leading zeros: compilers allow a constant expression a limited number of steps.
  constexpr std::size_t used() const {
    std::size_t size = limbs;
    while (size > 0 && limbs_[size - 1] == 0) --size;
    return size;
  }

  std::array<std::uint32_t, limbs> limbs_{};
};

}  // namespace gptnas
