#include <gptnas/tensor/matrix_product.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <gptnas/core/random_stream.hpp>

#include "../backends.hpp"

namespace matrix_product_test {

using namespace gptnas;

template <class Machine>
class MatrixProduct : public testing::Test {};
TYPED_TEST_SUITE(MatrixProduct, gptnas_test::Backends);

/// A matrix with two columns of somebody else's beside it.
template <class Scalar>
struct Matrix {
  std::size_t rows, columns;
  std::vector<Scalar> values;

  Matrix(std::size_t row_count, std::size_t column_count, RandomStream& random)
      : rows(row_count), columns(column_count), values(row_count * (column_count + 2)) {
    for (Scalar& value : values) value = static_cast<Scalar>(random.uniform() - 0.5);
  }
  Scalar at(std::size_t row, std::size_t column) const { return values[row * (columns + 2) + column]; }
  MatrixView<const Scalar> view() const { return {values.data(), rows, columns, columns + 2}; }
  MatrixView<Scalar> view() { return {values.data(), rows, columns, columns + 2}; }
};

TYPED_TEST(MatrixProduct, IsTheSumOfProducts) {
  using Scalar = typename TypeParam::Scalar;
  using Product = typename TypeParam::ProductType;
  RandomStream random(1);
  const std::size_t sizes[][3] = {{1, 1, 1},     {3, 5, 2},     {1, 64, 192},  {30, 16, 30},
                                  {65, 300, 17}, {129, 1, 200}, {7, 700, 600}, {600, 40, 700}};
  for (const auto& [m, k, n] : sizes) {
    for (const bool left : {false, true}) {
      for (const bool right : {false, true}) {
        for (const Update update : {Update::assign, Update::add}) {
          const Matrix<Scalar> a(left ? k : m, left ? m : k, random), b(right ? n : k, right ? k : n, random);
          Matrix<Scalar> c(m, n, random);
          const Matrix<Scalar> before = c;
          Product::multiply(left ? transposed(a.view()) : a.view(), right ? transposed(b.view()) : b.view(), c.view(),
                            update);
          double worst = 0;
          for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = 0; j < n + 2; ++j) {
              double expected = update == Update::add || j >= n ? static_cast<double>(before.at(i, j)) : 0.0;
              for (std::size_t l = 0; l < k && j < n; ++l) {
                expected += static_cast<double>(left ? a.at(l, i) : a.at(i, l)) *
                            static_cast<double>(right ? b.at(j, l) : b.at(l, j));
              }
              worst = std::max(worst, std::abs(expected - static_cast<double>(c.at(i, j))));
            }
          }
          EXPECT_LT(worst, sizeof(Scalar) == 4 ? 2e-5 : 1e-13) << m << ' ' << k << ' ' << n << left << right;
        }
      }
    }
  }
}

TYPED_TEST(MatrixProduct, OfNothingIsZero) {
  using Scalar = typename TypeParam::Scalar;
  using Product = typename TypeParam::ProductType;
  std::vector<Scalar> c{1, 2};
  const MatrixView<const Scalar> nothing(nullptr, 2, 0);
  Product::multiply(nothing, transposed(MatrixView<const Scalar>(nullptr, 1, 0)), MatrixView(c.data(), 2, 1),
                    Update::add);
  EXPECT_EQ(c, (std::vector<Scalar>{1, 2}));
  Product::multiply(nothing, transposed(MatrixView<const Scalar>(nullptr, 1, 0)), MatrixView(c.data(), 2, 1),
                    Update::assign);
  EXPECT_EQ(c, (std::vector<Scalar>{0, 0}));
}

TYPED_TEST(MatrixProduct, RefusesSizesThatDoNotMatch) {
  using Scalar = typename TypeParam::Scalar;
  using Product = typename TypeParam::ProductType;
  std::vector<Scalar> memory(100);
  const auto view = [&](std::size_t rows, std::size_t columns) { return MatrixView(memory.data(), rows, columns); };
  EXPECT_THROW(Product::multiply(view(2, 3), view(2, 4), view(2, 4), Update::assign), std::invalid_argument);
  EXPECT_THROW(Product::multiply(view(2, 3), view(3, 4), view(3, 4), Update::assign), std::invalid_argument);
  EXPECT_THROW(Product::multiply(view(2, 3), view(3, 4), view(2, 5), Update::assign), std::invalid_argument);
}

}  // namespace matrix_product_test
