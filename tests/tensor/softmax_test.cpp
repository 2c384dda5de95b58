#include <gptnas/tensor/softmax.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gptnas/core/random_stream.hpp>

namespace {

using namespace gptnas;

template <class Scalar>
class Softmax : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Softmax, Scalars);

// Rows of up to five cache lines, filled up, at any place in memory.
TYPED_TEST(Softmax, IsWhatItsDefinitionGives) {
  constexpr std::size_t line = 64 / sizeof(TypeParam);
  RandomStream random(1);
  for (std::size_t length = 1; length <= 5 * line; ++length) {
    const std::size_t count = (length + line - 1) / line * line, place = length % 7;
    const auto scale = static_cast<TypeParam>(0.1 + random.uniform());
    std::vector<TypeParam> memory(place + count + 1, std::numeric_limits<TypeParam>::lowest());
    TypeParam* const values = memory.data() + place;
    for (std::size_t i = 0; i < length; ++i) values[i] = static_cast<TypeParam>(200 * random.uniform() - 100);
    std::vector<double> expected(length);
    const double greatest = *std::max_element(values, values + length);
    double sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
      expected[i] = std::exp(static_cast<double>(scale) * (static_cast<double>(values[i]) - greatest));
      sum += expected[i];
    }
    memory.back() = 7;
    std::vector<TypeParam> elsewhere(values, values + count);
    softmax(values, count, scale);
    softmax(elsewhere.data(), count, scale);
    const double error = 64 * static_cast<double>(std::numeric_limits<TypeParam>::epsilon());
    for (std::size_t i = 0; i < length; ++i) EXPECT_NEAR(values[i], expected[i] / sum, error) << i << " of " << length;
    for (std::size_t i = length; i < count; ++i) {
      EXPECT_LE(values[i], std::numeric_limits<TypeParam>::min()) << i << " of " << length;
    }
    EXPECT_TRUE(std::equal(elsewhere.begin(), elsewhere.end(), values)) << length;
    EXPECT_EQ(memory.back(), 7) << "behind them";
  }
}

}  // namespace
