// The product of some rows with a matrix, for sampling: each row is summed in one order, whatever rows are beside it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <gptnas/tensor/eigen.hpp>

namespace gptnas {

namespace detail {

/// What the products by rows are made of. Loops over registers are written as packs, lest a compiler leaves the
/// registers in memory.
template <class Scalar>
class RowProduct {
  using Lanes = typename Eigen::internal::packet_traits<Scalar>::type;
  static constexpr std::size_t lanes = Eigen::internal::packet_traits<Scalar>::size;

  static constexpr std::size_t block_rows = 6;             // that share each load of weights
  static constexpr std::size_t block_columns = 2 * lanes;  // of a panel of weights
  static constexpr std::size_t block_depth = 256;          // of a panel, which stays in the L1 cache

  static Lanes load(const Scalar* from) { return Eigen::internal::ploadu<Lanes>(from); }
  static void store(Scalar* to, Lanes values) { Eigen::internal::pstoreu(to, values); }
  static Lanes all(Scalar value) { return Eigen::internal::pset1<Lanes>(value); }
  static Lanes multiply_add(Lanes a, Lanes b, Lanes c) { return Eigen::internal::pmadd(a, b, c); }

  /// Some rows of x (N,K), and how many of their columns count.
  struct Rows {
    const Scalar* data;
    std::size_t count, depth, stride;
  };
  /// `block_columns` columns of the weights.
  struct Panel {
    const Scalar* data;
    std::size_t stride;
  };

 public:
  /// y (N,M) += x (N,K) weight (K,M).
  static void add(std::size_t rows, const Scalar* x, std::size_t depth, const Scalar* weight, std::size_t columns,
                  Scalar* y) {
    if (rows == 1) add_row(std::make_index_sequence<8>(), x, depth, weight, columns, y);
    for (std::size_t k = 0; k < depth; k += block_depth) {
      const Rows block{x + k, rows, std::min(block_depth, depth - k), depth};
      std::size_t column = rows == 1 ? columns / lanes * lanes : 0;
      for (; column < columns; column += block_columns) {
        add_columns(block, weight + k * columns + column, columns, std::min(block_columns, columns - column),
                    y + column);
      }
    }
  }

  /// y (N,M) = x (N,K) weight (M,K)', each element summed lane by lane.
  static void dot(std::size_t rows, const Scalar* x, std::size_t depth, const Scalar* weight, std::size_t columns,
                  Scalar* y) {
    constexpr std::size_t share = 4;  // rows for each load of weights
    for (std::size_t row = 0; row < rows; row += share) {
      for (std::size_t column = 0; column < columns; ++column) {
        const Scalar *const a = x + row * depth, *const b = weight + column * depth;
        Scalar* const to = y + row * columns + column;
        if (rows - row >= share) {
          dot_block(std::make_index_sequence<share>(), a, depth, b, to, columns);
        } else {
          for (std::size_t i = 0; i < rows - row; ++i) {
            dot_block(std::index_sequence<0>(), a + i * depth, depth, b, to + i * columns, columns);
          }
        }
      }
    }
  }

 private:
  // y (M) += x (K) weight (K,M), for whole lanes of M: reads the weights in the order in which they lie.
  template <std::size_t... Step>
  static void add_row(std::index_sequence<Step...>, const Scalar* x, std::size_t depth, const Scalar* weight,
                      std::size_t columns, Scalar* y) {
    constexpr std::size_t steps = sizeof...(Step);
    std::size_t k = 0;
    for (; k + steps <= depth; k += steps) {
      const Lanes values[]{all(x[k + Step])...};
      const Scalar* const rows = weight + k * columns;
      for (std::size_t column = 0; column + lanes <= columns; column += lanes) {
        Lanes sum = load(y + column);
        ((sum = multiply_add(values[Step], load(rows + Step * columns + column), sum)), ...);
        store(y + column, sum);
      }
    }
    if constexpr (steps > 1) add_row(std::index_sequence<0>(), x + k, depth - k, weight + k * columns, columns, y);
  }

  // y (N, columns) += x weight, for up to `block_columns` columns.
  static void add_columns(const Rows& x, const Scalar* weight, std::size_t stride, std::size_t columns, Scalar* y) {
    if (x.count <= block_rows && columns == block_columns) return add_panel(x, {weight, stride}, y, stride);
    alignas(64) std::array<Scalar, block_depth * block_columns> panel;
    for (std::size_t k = 0; k < x.depth; ++k) {
      const Scalar* const from = weight + k * stride;
      Scalar* const to = &panel[k * block_columns];
      Eigen::internal::prefetch(from + block_columns);  // for the next panel
      if (columns == block_columns) {
        store(to, load(from));
        store(to + lanes, load(from + lanes));
      } else {
        std::fill(std::copy_n(from, columns, to), to + block_columns, Scalar{0});
      }
    }
    if (columns == block_columns) return add_panel(x, {panel.data(), block_columns}, y, stride);
    std::array<Scalar, block_rows * block_columns> wide{};  // the rows of y, filled up
    for (std::size_t row = 0; row < x.count; row += block_rows) {
      const Rows block{x.data + row * x.stride, std::min(block_rows, x.count - row), x.depth, x.stride};
      Scalar* const to = y + row * stride;
      for (std::size_t i = 0; i < block.count; ++i) std::copy_n(to + i * stride, columns, &wide[i * block_columns]);
      add_panel(block, {panel.data(), block_columns}, wide.data(), block_columns);
      for (std::size_t i = 0; i < block.count; ++i) std::copy_n(&wide[i * block_columns], columns, to + i * stride);
    }
  }

  static void add_panel(const Rows& x, const Panel& panel, Scalar* y, std::size_t stride) {
    const auto add = [&]<std::size_t Count>(std::integral_constant<std::size_t, Count>, std::size_t row) {
      add_block(std::make_index_sequence<Count>(), Rows{x.data + row * x.stride, Count, x.depth, x.stride}, panel,
                y + row * stride, stride);
    };
    for (std::size_t row = 0, blocks = (x.count + block_rows - 1) / block_rows; blocks > 0; --blocks) {
      const std::size_t count = (x.count - row) / blocks;  // blocks of nearly the same size
      switch (count) {
        case 1: add(std::integral_constant<std::size_t, 1>(), row); break;
        case 2: add(std::integral_constant<std::size_t, 2>(), row); break;
        case 3: add(std::integral_constant<std::size_t, 3>(), row); break;
        case 4: add(std::integral_constant<std::size_t, 4>(), row); break;
        case 5: add(std::integral_constant<std::size_t, 5>(), row); break;
        case 6: add(std::integral_constant<std::size_t, 6>(), row); break;
      }
      row += count;
    }
  }

  template <std::size_t... Row>
  static void add_block(std::index_sequence<Row...>, const Rows& x, const Panel& panel, Scalar* y,
                        std::size_t stride) {
    Lanes left[]{load(y + Row * stride)...}, right[]{load(y + Row * stride + lanes)...};
    for (std::size_t k = 0; k < x.depth; ++k) {
      const Lanes left_weight = load(panel.data + k * panel.stride);
      const Lanes right_weight = load(panel.data + k * panel.stride + lanes);
      const auto add = [&](Lanes value, Lanes& left_sum, Lanes& right_sum) {
        left_sum = multiply_add(value, left_weight, left_sum);
        right_sum = multiply_add(value, right_weight, right_sum);
      };
      (add(all(x.data[Row * x.stride + k]), left[Row], right[Row]), ...);
    }
    (store(y + Row * stride, left[Row]), ...);
    (store(y + Row * stride + lanes, right[Row]), ...);
  }

  // One column of y for some rows, `columns` apart.
  template <std::size_t... Row>
  static void dot_block(std::index_sequence<Row...>, const Scalar* x, std::size_t depth, const Scalar* weight,
                        Scalar* y, std::size_t columns) {
    Lanes sums[]{((void)Row, all(Scalar{0}))...};
    std::size_t k = 0;
    for (; k + lanes <= depth; k += lanes) {
      const Lanes weights = load(weight + k);
      ((sums[Row] = multiply_add(load(x + Row * depth + k), weights, sums[Row])), ...);
    }
    alignas(64) std::array<Scalar, lanes> rest_weights{}, rest{};
    std::copy(weight + k, weight + depth, rest_weights.begin());
    const Lanes weights = load(rest_weights.data());
    const auto finish = [&](const Scalar* row, Lanes sum, Scalar& result) {
      std::copy(row + k, row + depth, rest.begin());
      result = Eigen::internal::predux(multiply_add(load(rest.data()), weights, sum));
    };
    (finish(x + Row * depth, sums[Row], y[Row * columns]), ...);
  }
};

}  // namespace detail

/// y (N,M) += x (N,K) weight (K,M), row-major. Runs in the calling thread and allocates nothing; equal rows give equal
/// bits, whatever N is. The sizes are those of a model's step: the weights are read once, the rows fit a cache.
///
/// Complexity: N K M multiply-accumulates.
template <class Scalar>
void add_row_product(std::size_t rows, const Scalar* x, std::size_t depth, const Scalar* weight, std::size_t columns,
                     Scalar* y) {
  detail::RowProduct<Scalar>::add(rows, x, depth, weight, columns, y);
}

/// y (N,M) = x (N,K) weight (M,K)', as `add_row_product` otherwise.
template <class Scalar>
void transposed_row_product(std::size_t rows, const Scalar* x, std::size_t depth, const Scalar* weight,
                            std::size_t columns, Scalar* y) {
  detail::RowProduct<Scalar>::dot(rows, x, depth, weight, columns, y);
}

}  // namespace gptnas
