#include <gptnas/tensor/row_product.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <gptnas/core/random_stream.hpp>

namespace row_product_test {

using namespace gptnas;

template <class Scalar>
class RowProduct : public testing::Test {
 protected:
  static std::vector<Scalar> random_values(std::size_t count, RandomStream& random) {
    std::vector<Scalar> values(count);
    for (Scalar& value : values) value = static_cast<Scalar>(random.uniform() - 0.5);
    return values;
  }
};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(RowProduct, Scalars);

constexpr std::size_t sizes[][2] = {{1, 1}, {3, 5}, {8, 16}, {70, 50}, {128, 96}, {257, 33}, {600, 72}};

TYPED_TEST(RowProduct, IsTheSumOfProducts) {
  using Scalar = TypeParam;
  RandomStream random(1);
  for (const auto& [depth, columns] : sizes) {
    for (const std::size_t rows : {1u, 2u, 6u, 7u, 8u, 19u}) {
      const auto x = this->random_values(rows * depth, random), weight = this->random_values(depth * columns, random);
      const auto before = this->random_values(rows * columns, random);
      auto sum = before, dot = before;
      add_row_product(rows, x.data(), depth, weight.data(), columns, sum.data());
      transposed_row_product(rows, x.data(), depth, weight.data(), columns, dot.data());
      double worst = 0;
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < columns; ++j) {
          double expected_sum = static_cast<double>(before[i * columns + j]), expected_dot = 0;
          for (std::size_t k = 0; k < depth; ++k) {
            expected_sum += static_cast<double>(x[i * depth + k]) * static_cast<double>(weight[k * columns + j]);
            expected_dot += static_cast<double>(x[i * depth + k]) * static_cast<double>(weight[j * depth + k]);
          }
          worst = std::max({worst, std::abs(expected_sum - static_cast<double>(sum[i * columns + j])),
                            std::abs(expected_dot - static_cast<double>(dot[i * columns + j]))});
        }
      }
      EXPECT_LT(worst, sizeof(Scalar) == 4 ? 2e-5 : 1e-13) << rows << " x " << depth << " x " << columns;
    }
  }
}

TYPED_TEST(RowProduct, GivesARowTheSameBitsInAnyBatch) {
  RandomStream random(2);
  for (const auto& [depth, columns] : sizes) {
    const auto row = this->random_values(depth, random), weight = this->random_values(depth * columns, random);
    const auto start = this->random_values(columns, random);
    auto sum = start, dot = start;
    add_row_product(1, row.data(), depth, weight.data(), columns, sum.data());
    transposed_row_product(1, row.data(), depth, weight.data(), columns, dot.data());
    for (std::size_t rows = 2; rows < 20; ++rows) {
      auto x = this->random_values(rows * depth, random);
      auto many = this->random_values(rows * columns, random), many_dots = many;
      const std::size_t place = random.below(static_cast<std::uint32_t>(rows));
      std::ranges::copy(row, &x[place * depth]);
      std::ranges::copy(start, &many[place * columns]);
      add_row_product(rows, x.data(), depth, weight.data(), columns, many.data());
      transposed_row_product(rows, x.data(), depth, weight.data(), columns, many_dots.data());
      EXPECT_TRUE(std::equal(sum.begin(), sum.end(), &many[place * columns])) << depth << " x " << columns;
      EXPECT_TRUE(std::equal(dot.begin(), dot.end(), &many_dots[place * columns])) << depth << " x " << columns;
    }
  }
}

}  // namespace row_product_test
