// The matrix product: one function a scalar type, compiled once, sizes at run time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include <gptnas/core/errors.hpp>
#include <gptnas/tensor/eigen.hpp>

namespace gptnas {

/// A row-major matrix that somebody else owns: element (i, j) lies at `data[i * stride + j]`.
template <class Scalar>
struct MatrixView {
  Scalar* data;
  std::size_t rows, columns;
  std::size_t stride;  ///< elements from one row to the next, at least `columns`

  MatrixView(Scalar* first, std::size_t row_count, std::size_t column_count)
      : MatrixView(first, row_count, column_count, column_count) {}
  MatrixView(Scalar* first, std::size_t row_count, std::size_t column_count, std::size_t row_stride)
      : data(first), rows(row_count), columns(column_count), stride(row_stride) {}
};

/// A factor of a product: a matrix, read as it lies or, through `transposed`, the other way round.
template <class Scalar>
struct MatrixFactor {
  const Scalar* data;
  std::size_t rows, columns;  ///< of the factor, thus after transposition
  std::size_t stride;
  bool transposed = false;

  MatrixFactor(MatrixView<const Scalar> matrix)
      : data(matrix.data), rows(matrix.rows), columns(matrix.columns), stride(matrix.stride) {}
  MatrixFactor(MatrixView<Scalar> matrix)
      : data(matrix.data), rows(matrix.rows), columns(matrix.columns), stride(matrix.stride) {}
};

/// The transpose of a matrix as a factor; nothing is moved.
template <class Scalar>
MatrixFactor<std::remove_const_t<Scalar>> transposed(MatrixView<Scalar> matrix) {
  MatrixFactor<std::remove_const_t<Scalar>> factor{matrix};
  std::swap(factor.rows, factor.columns);
  factor.transposed = true;
  return factor;
}

/// Whether a result replaces what was there (`=`) or is added to it (`+=`).
enum class Update : bool { assign, add };

namespace detail {

/// Blocks for Eigen's product that lie on the stack, so that no product allocates; 400 KiB.
template <class Scalar>
class StackBlocking : public Eigen::internal::level3_blocking<Scalar, Scalar> {
 public:
  StackBlocking(Eigen::Index rows, Eigen::Index columns, Eigen::Index depth) {
    this->m_kc = std::min(depth, depth_limit);
    this->m_mc = std::min(rows, left_size / this->m_kc / row_multiple * row_multiple);
    this->m_nc = std::min(columns, right_size / this->m_kc / column_multiple * column_multiple);
    this->m_blockA = left_;
    this->m_blockB = right_;
  }

 private:
  using Traits = Eigen::internal::gebp_traits<Scalar, Scalar>;
  static constexpr Eigen::Index row_multiple = Traits::mr, column_multiple = Traits::nr;
  static constexpr Eigen::Index depth_limit = 1024 / sizeof(Scalar);  // a sliver of each factor stays in the L1 cache
  static constexpr Eigen::Index left_size = (144 << 10) / sizeof(Scalar);
  static constexpr Eigen::Index right_size = (256 << 10) / sizeof(Scalar);

  alignas(64) Scalar left_[left_size];
  alignas(64) Scalar right_[right_size];
};

template <class Scalar, int LeftOrder, int RightOrder>
void add_product(const MatrixFactor<Scalar>& a, const MatrixFactor<Scalar>& b, const MatrixView<Scalar>& c) {
  // A row-major C = A B is the column-major C' = B' A', which is what Eigen computes in either case.
  using Product = Eigen::internal::general_matrix_matrix_product<Eigen::Index, Scalar, RightOrder, false, Scalar,
                                                                 LeftOrder, false, Eigen::ColMajor, 1>;
  const auto index = [](std::size_t size) { return static_cast<Eigen::Index>(size); };
  const auto rows = index(c.columns), columns = index(c.rows), depth = index(a.columns);
  StackBlocking<Scalar> blocking(rows, columns, depth);
  Product::run(rows, columns, depth, b.data, index(b.stride), a.data, index(a.stride), c.data, 1, index(c.stride),
               Scalar{1}, blocking, nullptr);
}

/// @throws std::invalid_argument if the sizes of c = a b do not match.
template <class Scalar>
void check_product(const MatrixFactor<Scalar>& a, const MatrixFactor<Scalar>& b, const MatrixView<Scalar>& c) {
  if (a.columns != b.rows) {
    throw invalid_value("matrix_product: rows of the right factor", b.rows, std::to_string(a.columns));
  }
  if (c.rows != a.rows) throw invalid_value("matrix_product: rows of the result", c.rows, std::to_string(a.rows));
  if (c.columns != b.columns) {
    throw invalid_value("matrix_product: columns of the result", c.columns, std::to_string(b.columns));
  }
}

}  // namespace detail

/// The matrix product C = A B, or C += A B. Runs in the calling thread and allocates nothing.
///
/// @param a  (M,K)  @param b  (K,N)  @param c  (M,N), which overlaps neither factor.
/// @throws std::invalid_argument if the sizes do not match. Complexity: M K N multiply-accumulates.
template <class Scalar>
void matrix_product(std::type_identity_t<MatrixFactor<Scalar>> a, std::type_identity_t<MatrixFactor<Scalar>> b,
                    MatrixView<Scalar> c, Update update) {
  detail::check_product(a, b, c);
  if (update == Update::assign) {
    for (std::size_t row = 0; row < c.rows; ++row) std::fill_n(c.data + row * c.stride, c.columns, Scalar{});
  }
  if (c.rows == 0 || c.columns == 0 || a.columns == 0) return;
  constexpr int as_it_lies = Eigen::ColMajor, turned = Eigen::RowMajor;  // seen from the transposed product
  if (a.transposed) {
    b.transposed ? detail::add_product<Scalar, turned, turned>(a, b, c)
                 : detail::add_product<Scalar, turned, as_it_lies>(a, b, c);
  } else {
    b.transposed ? detail::add_product<Scalar, as_it_lies, turned>(a, b, c)
                 : detail::add_product<Scalar, as_it_lies, as_it_lies>(a, b, c);
  }
}

/// Matrix products by Eigen: `matrix_product`.
struct EigenProduct {
  template <class Scalar>
  static void multiply(const std::type_identity_t<MatrixFactor<Scalar>>& a,
                       const std::type_identity_t<MatrixFactor<Scalar>>& b, MatrixView<Scalar> c, Update update) {
    matrix_product(a, b, c, update);
  }
};

}  // namespace gptnas
