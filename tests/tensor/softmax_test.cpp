#include <gptnas/tensor/softmax.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <gptnas/core/random_stream.hpp>

namespace softmax_test {

using namespace gptnas;

template <class Scalar>
class Softmax : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(Softmax, Scalars);

// Rows of up to five cache lines, at any place in memory, with anything behind them.
TYPED_TEST(Softmax, IsWhatItsDefinitionGives) {
  constexpr std::size_t line = 64 / sizeof(TypeParam);
  RandomStream random(1);
  for (std::size_t count = 1; count <= 5 * line; ++count) {
    const std::size_t room = (count + line - 1) / line * line, place = count % 7;
    const auto scale = static_cast<TypeParam>(0.1 + random.uniform());
    std::vector<TypeParam> memory(place + room + 1, std::numeric_limits<TypeParam>::quiet_NaN());
    TypeParam* const values = memory.data() + place;
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<TypeParam>(200 * random.uniform() - 100);
    std::vector<double> expected(count);
    const double greatest = *std::max_element(values, values + count);
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      expected[i] = std::exp(static_cast<double>(scale) * (static_cast<double>(values[i]) - greatest));
      sum += expected[i];
    }
    memory.back() = 7;
    std::vector<TypeParam> elsewhere(values, values + room);
    softmax(values, count, scale);
    softmax(elsewhere.data(), count, scale);
    const double error = 64 * static_cast<double>(std::numeric_limits<TypeParam>::epsilon());
    for (std::size_t i = 0; i < count; ++i) EXPECT_NEAR(values[i], expected[i] / sum, error) << i << " of " << count;
    for (std::size_t i = count; i < room; ++i) {
      EXPECT_TRUE(values[i] == 0 || std::isnan(values[i])) << i << " of " << count;  // filled up, or not touched
    }
    EXPECT_TRUE(std::equal(values, values + count, elsewhere.begin())) << count;
    EXPECT_EQ(memory.back(), 7) << "behind them";
  }
}

}  // namespace softmax_test
