#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <gptnas/core/natural.hpp>
#include <gptnas/core/random_stream.hpp>

namespace natural_test {

using gptnas::Natural;
using gptnas::RandomStream;

// Long multiplication and addition as taught in school, on decimal digits.
std::string product_of(const std::string& first, const std::string& second) {
  std::string digits(first.size() + second.size(), '\0');
  for (std::size_t i = first.size(); i-- > 0;) {
    int carry = 0;
    for (std::size_t j = second.size(); j-- > 0;) {
      const int sum = digits[i + j + 1] + (first[i] - '0') * (second[j] - '0') + carry;
      digits[i + j + 1] = static_cast<char>(sum % 10);
      carry = sum / 10;
    }
    digits[i] = static_cast<char>(digits[i] + carry);
  }
  for (char& digit : digits) digit = static_cast<char>(digit + '0');
  const std::size_t begin = digits.find_first_not_of('0');
  return begin == std::string::npos ? "0" : digits.substr(begin);
}

std::string sum_of(std::string first, std::string second) {
  if (first.size() < second.size()) first.swap(second);
  second.insert(0, first.size() - second.size(), '0');
  int carry = 0;
  for (std::size_t index = first.size(); index-- > 0;) {
    const int sum = (first[index] - '0') + (second[index] - '0') + carry;
    first[index] = static_cast<char>('0' + sum % 10);
    carry = sum / 10;
  }
  return carry == 0 ? first : "1" + first;
}

template <std::size_t Bits>
constexpr Natural<Bits> power(std::uint64_t base, int exponent) {
  Natural<Bits> result = 1;
  for (int step = 0; step < exponent; ++step) result = result * base;
  return result;
}

static_assert(power<256>(64, 10) == Natural<256>(std::uint64_t{1} << 60));

TEST(Natural, PrintsKnownNumbers) {
  EXPECT_EQ(to_string(Natural<64>(0)), "0");
  EXPECT_EQ(to_string(Natural<64>(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
  EXPECT_EQ(to_string(power<64>(64, 10)), "1152921504606846976");
  EXPECT_EQ(to_string(power<128>(10, 30)), "1000000000000000000000000000000");
  EXPECT_EQ(to_string(power<256>(2, 200)), "1606938044258990275541962092341162602522202993782792835301376");
}

TEST(Natural, MultipliesAndAddsAsOnPaper) {
  RandomStream random(1);
  Natural<2048> number = 1;
  std::string digits = "1";
  for (int step = 0; step < 30; ++step) {
    const std::uint64_t factor = random.bits64(), summand = random.bits64();
    number = number * factor;
    number += summand;
    digits = sum_of(product_of(digits, std::to_string(factor)), std::to_string(summand));
    ASSERT_EQ(to_string(number), digits);
  }
  EXPECT_EQ(to_string(number * 0), "0");
}

TEST(Natural, MultipliesLargeByLarge) {
  const auto left = power<1024>(7, 150), right = power<1024>(11, 120);
  EXPECT_EQ(to_string(left * right), product_of(to_string(left), to_string(right)));
}

TEST(Natural, LosesUpperBitsOnly) {
  Natural<64> number = std::numeric_limits<std::uint64_t>::max();
  number += 3;
  EXPECT_EQ(to_string(number), "2");
}

TEST(Natural, ComparesByValue) {
  EXPECT_EQ(power<128>(4, 50), power<128>(2, 100));
  EXPECT_NE(power<128>(4, 50), power<128>(2, 99));
}

TEST(Natural, ConvertsToDouble) {
  EXPECT_EQ(static_cast<double>(Natural<64>(15625)), 15625.0);
  EXPECT_EQ(static_cast<double>(power<1024>(2, 1000)), std::ldexp(1.0, 1000));
  EXPECT_DOUBLE_EQ(static_cast<double>(power<512>(10, 100)), 1e100);
  EXPECT_EQ(static_cast<double>(power<2048>(2, 1100)), std::numeric_limits<double>::infinity());
}

}  // namespace natural_test
