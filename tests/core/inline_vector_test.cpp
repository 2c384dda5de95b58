#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <stdexcept>
#include <type_traits>

#include <gptnas/core/inline_vector.hpp>

namespace inline_vector_test {

using gptnas::InlineVector;
using Numbers = InlineVector<std::uint32_t, 3>;

static_assert(std::is_trivially_copyable_v<Numbers>);
static_assert(Numbers{}.empty());
static_assert(Numbers{4, 5}.size() == 2 && Numbers{4, 5}[1] == 5);

TEST(InlineVector, HoldsWhatIsPushed) {
  Numbers numbers;
  numbers.push_back(7);
  numbers.push_back(8);
  EXPECT_EQ(numbers.size(), 2u);
  EXPECT_FALSE(numbers.empty());
  EXPECT_EQ(numbers.data(), &numbers[0]);
  EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0u), 15u);
  const std::span<const std::uint32_t> view = numbers;
  EXPECT_EQ(view.size(), 2u);
}

TEST(InlineVector, RefusesMoreThanItsCapacity) {
  Numbers numbers{1, 2, 3};
  EXPECT_THROW(numbers.push_back(4), std::length_error);
  EXPECT_EQ(numbers.size(), 3u);
  EXPECT_THROW((Numbers{1, 2, 3, 4}), std::length_error);
}

TEST(InlineVector, HasEqualBytesForEqualContent) {
  Numbers cleared{1, 2, 3};
  cleared.clear();
  EXPECT_TRUE(cleared.empty());
  cleared.push_back(9);
  using Bytes = std::array<std::uint8_t, sizeof(Numbers)>;
  EXPECT_EQ(std::bit_cast<Bytes>(cleared), std::bit_cast<Bytes>(Numbers{9}));
}

}  // namespace inline_vector_test
