// Every operation of CublasBackend against EigenBackend<double>, on the same numbers.
#include <gptnas/cuda/cublas_backend.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/tensor/eigen_backend.hpp>

#include "cublas_backends.hpp"

namespace {

using namespace gptnas;
using gptnas_test::product_tolerance;

static_assert(Backend<CublasBackend<CublasPrecision::fp32>> && Backend<CublasBackend<CublasPrecision::tf32>> &&
              Backend<CublasBackend<CublasPrecision::bf16>>);

using Values = std::vector<double>;
using Integers = std::vector<std::int32_t>;

/// Normal numbers that both backends hold exactly.
Values numbers(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  Values values(count);
  for (double& value : values) value = static_cast<float>(standard_normal(random));
  return values;
}

Integers integers(std::size_t count, std::int32_t bound, std::uint64_t seed) {
  RandomStream random(seed);
  Integers values(count);
  for (auto& value : values) value = static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(bound)));
  return values;
}

/// Positions of sequences of any lengths up to a context.
Integers positions_of(std::size_t rows, std::size_t context, std::uint64_t seed) {
  RandomStream random(seed);
  Integers positions;
  while (positions.size() < rows) {
    const std::size_t length = 1 + random.below(static_cast<std::uint32_t>(context));
    for (std::size_t i = 0; i < length && positions.size() < rows; ++i) {
      positions.push_back(static_cast<std::int32_t>(i));
    }
  }
  return positions;
}

/// A backend, its arrays and what a test looks at.
template <class Machine>
struct On {
  using Scalar = typename Machine::Scalar;
  using Array = typename Machine::template Buffer<Scalar>;
  Machine backend;
  std::vector<std::pair<std::string, Values>> results = {};

  Array array(const Values& values) const {
    Array buffer(values.size());
    backend.write(buffer.slice(0, values.size()), std::vector<Scalar>(values.begin(), values.end()));
    return buffer;
  }
  auto indices(const Integers& values) const {
    typename Machine::template Buffer<std::int32_t> buffer(values.size());
    backend.write(buffer.slice(0, values.size()), values);
    return buffer;
  }
  Values read(const Array& buffer) const {
    std::vector<Scalar> values(buffer.size());
    backend.read(buffer.slice(0, buffer.size()), std::span(values));
    return Values(values.begin(), values.end());
  }
  void show(const std::string& name, const Array& buffer) { results.emplace_back(name, read(buffer)); }
};

void expect_close(const Values& expected, const Values& actual, double tolerance) {
  ASSERT_EQ(expected.size(), actual.size());
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_LE(std::abs(expected[i] - actual[i]), tolerance * largest) << "element " << i << ", " << expected[i];
  }
}

template <class Machine>
class CublasBackendTest : public gptnas_test::CudaTest {
 protected:
  /// Does the same work on both backends.
  template <class Work>
  void expect_same(const std::string& what, double tolerance, const Work& work) {
    SCOPED_TRACE(what);
    On<EigenBackend<double>> oracle{};
    On<Machine> device{backend()};
    work(oracle);
    work(device);
    ASSERT_EQ(oracle.results.size(), device.results.size());
    for (std::size_t i = 0; i < oracle.results.size(); ++i) {
      SCOPED_TRACE(oracle.results[i].first);
      expect_close(oracle.results[i].second, device.results[i].second, tolerance);
    }
  }

  // One for all tests, as it takes time to start a device.
  static const Machine& backend() {
    static const Machine shared;
    return shared;
  }
};

// Products depend on the precision, all else is in single precision.
TYPED_TEST_SUITE(CublasBackendTest, gptnas_test::CublasBackends);
using Float = CublasBackend<>;
using CublasBackendFloatTest = CublasBackendTest<Float>;

template <class Machine>
constexpr bool is_float = std::is_same_v<Machine, Float>;
constexpr double exact = 1e-5;  // operations without products are in single precision
constexpr std::size_t row_counts[] = {1, 2, 7, 31, 32, 33, 100};

template <std::size_t Value>
using Size = std::integral_constant<std::size_t, Value>;

/// Calls `work(rows, Size<A>, Size<B>, name)` for sizes that fill warps, tiles and blocks, and for those that do not.
template <class Work>
void for_each_shape(const Work& work) {
  const auto some_rows = [&](std::size_t rows, auto a, auto b) {
    work(rows, a, b, std::to_string(rows) + " rows, " + std::to_string(a.value) + " x " + std::to_string(b.value));
  };
  const auto all_rows = [&](auto a, auto b) {
    for (const std::size_t rows : row_counts) some_rows(rows, a, b);
  };
  all_rows(Size<1>(), Size<1>());
  all_rows(Size<3>(), Size<5>());
  all_rows(Size<32>(), Size<64>());
  all_rows(Size<33>(), Size<31>());
  some_rows(67, Size<70>(), Size<130>());  // several tiles in all directions
}

TEST_F(CublasBackendFloatTest, BuffersAreValues) {
  On<Float> on{backend()};
  auto first = on.array({1, 2, 3});
  const auto second = first;
  on.backend.fill(first.slice(1, 2), 7);
  EXPECT_EQ(on.read(first), (Values{1, 7, 7}));
  EXPECT_EQ(on.read(second), (Values{1, 2, 3}));
  EXPECT_EQ(on.read(typename On<Float>::Array(2)), (Values{0, 0}));
  auto third = std::move(first);
  first = second;
  on.backend.copy(third.slice(0, 2), first.slice(1, 2));
  EXPECT_EQ(on.read(third), (Values{2, 3, 7}));
  EXPECT_EQ(on.read(first), (Values{1, 2, 3}));
}

TEST_F(CublasBackendFloatTest, Embed) {
  for_each_shape([this](std::size_t rows, auto width, auto vocabulary, const std::string& name) {
    constexpr std::size_t C = width, V = vocabulary, T = 9;
    const auto tokens = integers(rows, V, 1), positions = positions_of(rows, T, 2);
    expect_same(name, exact, [&](auto& on) {
      auto y = on.array(Values(rows * C)), tokens_gradient = on.array(numbers(V * C, 3));
      auto positions_gradient = on.array(numbers(T * C, 4));
      on.backend.template embed<C>(rows, y, on.indices(tokens), on.indices(positions), on.array(numbers(V * C, 5)),
                                   on.array(numbers(T * C, 6)));
      on.backend.template embed_backward<C>(rows, tokens_gradient, positions_gradient, on.array(numbers(rows * C, 7)),
                                            on.indices(tokens), on.indices(positions));
      on.show("y", y);
      on.show("tokens", tokens_gradient);
      on.show("positions", positions_gradient);
    });
  });
}

TEST_F(CublasBackendFloatTest, EmbedBackwardOfManyRows) {
  constexpr std::size_t rows = 700, C = 300, V = 3, T = 50;  // of more tiles than one, in both directions
  expect_same("many", exact, [&](auto& on) {
    auto tokens_gradient = on.array(Values(V * C)), positions_gradient = on.array(Values(T * C));
    on.backend.template embed_backward<C>(rows, tokens_gradient, positions_gradient, on.array(numbers(rows * C, 1)),
                                          on.indices(integers(rows, V, 2)), on.indices(positions_of(rows, T, 3)));
    on.show("tokens", tokens_gradient);
    on.show("positions", positions_gradient);
  });
}

TEST_F(CublasBackendFloatTest, LayerNorm) {
  for_each_shape([this](std::size_t rows, auto width, auto, const std::string& name) {
    constexpr std::size_t C = width;
    if (C == 1) return;  // its gradient is zero but for rounding
    expect_same(name, exact, [&](auto& on) {
      const auto x = on.array(numbers(rows * C, 1)), weight = on.array(numbers(C, 2));
      auto y = on.array(Values(rows * C)), statistics = on.array(Values(rows * 2));
      auto dx = on.array(numbers(rows * C, 3)), dweight = on.array(numbers(C, 4)), dbias = on.array(numbers(C, 5));
      on.backend.template layer_norm<C>(rows, y, statistics, x, weight, on.array(numbers(C, 6)));
      on.backend.template layer_norm_backward<C>(rows, dx, dweight, dbias, on.array(numbers(rows * C, 7)), x,
                                                 statistics, weight);
      on.show("y", y);
      on.show("statistics", statistics);
      on.show("dx", dx);
      on.show("dweight", dweight);
      on.show("dbias", dbias);
    });
  });
}

TEST_F(CublasBackendFloatTest, LayerNormOfManyRows) {
  constexpr std::size_t rows = 8200, C = 5;  // parts of 65 rows
  expect_same("many", exact, [&](auto& on) {
    const auto x = on.array(numbers(rows * C, 1)), weight = on.array(numbers(C, 2));
    auto y = on.array(Values(rows * C)), statistics = on.array(Values(rows * 2));
    auto dx = on.array(Values(rows * C)), dweight = on.array(Values(C)), dbias = on.array(Values(C));
    on.backend.template layer_norm<C>(rows, y, statistics, x, weight, on.array(numbers(C, 3)));
    on.backend.template layer_norm_backward<C>(rows, dx, dweight, dbias, on.array(numbers(rows * C, 4)), x, statistics,
                                               weight);
    on.show("dweight", dweight);
    on.show("dbias", dbias);
  });
}

template <Summation Order, class Test>
void expect_linear(Test& test, const std::string& name, double tolerance, std::size_t rows, auto inputs, auto outputs) {
  constexpr std::size_t K = inputs, M = outputs;
  test(name, tolerance, [&](auto& on) {
    const auto x = on.array(numbers(rows * K, 1)), weight = on.array(numbers(K * M, 2));
    const auto bias = on.array(numbers(M, 3)), table = on.array(numbers(M * K, 4));
    auto y = on.array(Values(rows * M)), residual = on.array(numbers(rows * M, 5)),
         activated = on.array(Values(rows * M));
    auto state = on.array(Values(rows * M)), logits = on.array(Values(rows * M)), other = on.array(Values(rows * M));
    on.backend.template linear<K, M, Order>(rows, y, x, weight, bias);
    on.backend.template linear_residual<K, M, Order>(rows, other, residual, x, weight, bias);
    on.backend.template linear_residual<K, M, Order>(rows, residual, residual, x, weight, bias);
    on.backend.template linear_gelu<K, M, Order>(rows, activated, state, x, weight, bias);
    on.backend.template head<K, M, Order>(rows, logits, x, table);
    on.show("linear", y);
    on.show("linear_residual", other);
    on.show("linear_residual in place", residual);
    on.show("linear_gelu", activated);
    on.show("head", logits);
  });
}

TYPED_TEST(CublasBackendTest, Linear) {
  for_each_shape([this](std::size_t rows, auto inputs, auto outputs, const std::string& name) {
    const auto test = [this](const auto&... arguments) { this->expect_same(arguments...); };
    expect_linear<Summation::fastest>(test, name, product_tolerance<TypeParam>, rows, inputs, outputs);
    if constexpr (is_float<TypeParam>) {
      expect_linear<Summation::fixed>(test, name + ", fixed", exact, rows, inputs, outputs);
    }
  });
}

TYPED_TEST(CublasBackendTest, LinearBackward) {
  for_each_shape([this](std::size_t rows, auto inputs, auto outputs, const std::string& name) {
    constexpr std::size_t K = inputs, M = outputs;
    if (K * M == 1 && !is_float<TypeParam>) return;  // a sum near zero says nothing of rounded factors
    this->expect_same(name, product_tolerance<TypeParam>, [&](auto& on) {
      const auto x = on.array(numbers(rows * K, 1)), weight = on.array(numbers(K * M, 2));
      const auto dy = on.array(numbers(rows * M, 3)), table = on.array(numbers(M * K, 4));
      auto dx = on.array(Values(rows * K)), dweight = on.array(numbers(K * M, 5)), dbias = on.array(numbers(M, 6));
      on.backend.template linear_backward<K, M>(rows, dx, dweight, dbias, dy, x, weight);
      auto head_dx = on.array(Values(rows * K)), dtable = on.array(numbers(M * K, 7));
      on.backend.template head_backward<K, M>(rows, head_dx, dtable, dy, x, table);
      on.show("dx", dx);
      on.show("dweight", dweight);
      on.show("dbias", dbias);
      on.show("head dx", head_dx);
      on.show("head dtable", dtable);
    });
  });
}

TYPED_TEST(CublasBackendTest, GeluLinearBackward) {
  for_each_shape([this](std::size_t rows, auto inputs, auto outputs, const std::string& name) {
    constexpr std::size_t K = inputs, M = outputs;
    if (K * M == 1 && !is_float<TypeParam>) return;  // a sum near zero says nothing of rounded factors
    this->expect_same(name, product_tolerance<TypeParam>, [&](auto& on) {
      const auto weight = on.array(numbers(K * M, 2));
      auto activated = on.array(Values(rows * K)), state = on.array(Values(rows * K));
      on.backend.template linear_gelu<K, K, Summation::fixed>(rows, activated, state, on.array(numbers(rows * K, 1)),
                                                              on.array(numbers(K * K, 3)), on.array(numbers(K, 4)));
      auto dx = on.array(Values(rows * K)), dweight = on.array(numbers(K * M, 6)), dbias = on.array(numbers(M, 7));
      on.backend.template gelu_linear_backward<K, M>(rows, dx, dweight, dbias, on.array(numbers(rows * M, 5)),
                                                     activated, state, weight);
      on.show("dx", dx);
      on.show("dweight", dweight);
      on.show("dbias", dbias);
    });
  });
}

TEST_F(CublasBackendFloatTest, FixedSummationGivesTheSameBitsInAnyBatch) {
  constexpr std::size_t K = 70, M = 50, many = 77;
  On<Float> on{backend()};
  const auto x = on.array(numbers(many * K, 1)), weight = on.array(numbers(K * M, 2));
  const auto bias = on.array(numbers(M, 3)), table = on.array(numbers(M * K, 4));
  auto all = on.array(Values(many * M)), alone = on.array(Values(M));
  const auto compare = [&](std::size_t row) {
    const Values together = on.read(all);
    const auto begin = together.begin() + static_cast<std::ptrdiff_t>(row * M);
    EXPECT_EQ(Values(begin, begin + M), on.read(alone)) << "row " << row;
  };
  for (const std::size_t row : {0u, 31u, 32u, 76u}) {
    on.backend.template linear<K, M, Summation::fixed>(many, all, x, weight, bias);
    on.backend.template linear<K, M, Summation::fixed>(1, alone, x.slice(row * K, K), weight, bias);
    compare(row);
    on.backend.template head<K, M, Summation::fixed>(many, all, x, table);
    on.backend.template head<K, M, Summation::fixed>(1, alone, x.slice(row * K, K), table);
    compare(row);
  }
}

const Integers drop_random{3, 4, 5, 6};

TEST_F(CublasBackendFloatTest, Dropout) {
  for_each_shape([this](std::size_t rows, auto columns, auto, const std::string& name) {
    for (const double rate : {0.25, 0.0}) {
      expect_same(name, exact, [&](auto& on) {
        auto y = on.array(numbers(rows * columns, 1));
        const auto random = on.indices(drop_random);
        on.backend.template dropout<columns>(rows, y, {random, 7, rate});
        on.show("y", y);
      });
    }
  });
}

TEST_F(CublasBackendFloatTest, Attention) {
  const auto expect = [this](auto heads, auto width, auto context, std::size_t rows, double rate) {
    constexpr std::size_t H = heads, D = width, T = context;
    const auto positions = positions_of(rows, T, 1);
    expect_same(std::to_string(rows) + " rows, " + std::to_string(H) + " heads of " + std::to_string(D), exact,
                [&](auto& on) {
                  using Machine = std::remove_cvref_t<decltype(on.backend)>;
                  const auto qkv = on.array(numbers(rows * 3 * H * D, 2)), dy = on.array(numbers(rows * H * D, 3));
                  const auto places = on.indices(positions), random = on.indices(drop_random);
                  auto y = on.array(Values(rows * H * D)), dqkv = on.array(Values(rows * 3 * H * D));
                  auto state = on.array(Values(rows * Machine::template attention_state<H, D, T>));
                  const typename Machine::Dropout dropout{random, 7, rate};
                  on.backend.template attention<H, D, T>(rows, y, state, qkv, places, dropout);
                  on.show("y", y);
                  on.backend.template attention_backward<H, D, T>(rows, dqkv, dy, y, state, qkv, places, dropout);
                  on.show("dqkv", dqkv);
                });
  };
  for (const std::size_t rows : row_counts) {
    expect(Size<2>(), Size<3>(), Size<7>(), rows, 0);
    expect(Size<1>(), Size<1>(), Size<33>(), rows, 0.4);
  }
  expect(Size<3>(), Size<16>(), Size<100>(), 150, 0.2);
  expect(Size<1>(), Size<33>(), Size<40>(), 50, 0);
  expect(Size<2>(), Size<64>(), Size<130>(), 200, 0.1);
  expect(Size<1>(), Size<128>(), Size<70>(), 90, 0);
  expect(Size<2>(), Size<65>(), Size<20>(), 21, 0);
  expect(Size<1>(), Size<256>(), Size<34>(), 40, 0);
}

TEST_F(CublasBackendFloatTest, AttentionOfLargeScores) {
  expect_same("large", exact, [&](auto& on) {
    using Machine = std::remove_cvref_t<decltype(on.backend)>;
    constexpr std::size_t rows = 40;
    Values values = numbers(rows * 12, 1);
    for (double& value : values) value *= 64;  // scores of thousands
    auto y = on.array(Values(rows * 4)), state = on.array(Values(rows * Machine::template attention_state<1, 4, 40>));
    Integers positions(rows);
    std::iota(positions.begin(), positions.end(), 0);
    on.backend.template attention<1, 4, 40>(rows, y, state, on.array(values), on.indices(positions),
                                            {on.indices(drop_random), 0, 0});
    on.show("y", y);
  });
}

TEST_F(CublasBackendFloatTest, AttentionStep) {
  const auto expect = [this](auto heads, auto width, auto context) {
    constexpr std::size_t H = heads, D = width, T = context, rows = 5;
    expect_same(std::to_string(H) + " heads of " + std::to_string(D), exact, [&](auto& on) {
      auto keys = on.array(Values(rows * T * H * D)), values = on.array(Values(rows * T * H * D));
      auto y = on.array(Values(rows * H * D));
      Integers positions(rows);
      for (std::size_t step = 0; step < T; ++step) {
        on.backend.template attention_step<H, D, T>(rows, y, keys, values, on.array(numbers(rows * 3 * H * D, step)),
                                                    on.indices(positions));
        on.show("step " + std::to_string(step), y);
        for (std::size_t row = 0; row < rows; ++row) positions[row] = (step + row) % 7 == 6 ? 0 : positions[row] + 1;
      }
    });
  };
  expect(Size<2>(), Size<3>(), Size<9>());
  expect(Size<1>(), Size<40>(), Size<70>());
  expect(Size<3>(), Size<8>(), Size<40>());
  expect(Size<1>(), Size<128>(), Size<12>());
  expect(Size<1>(), Size<256>(), Size<12>());
}

TEST_F(CublasBackendFloatTest, CopiesRows) {
  expect_same("rows", 0, [&](auto& on) {
    auto y = on.array(numbers(6 * 5, 1));
    on.backend.template copy_rows<5>(3, y, on.indices({3, 0, 5}), on.indices({1, 2, 1}));
    on.show("y", y);
  });
}

TEST_F(CublasBackendFloatTest, CrossEntropy) {
  for_each_shape([this](std::size_t rows, auto vocabulary, auto, const std::string& name) {
    constexpr std::size_t V = vocabulary;
    if (V == 1) return;  // its loss is zero but for rounding
    Integers targets = integers(rows, V, 1);
    for (std::size_t row = 2; row < rows; row += 3) targets[row] = ignored_target;
    expect_same(name, exact, [&](auto& on) {
      auto loss = on.array({1}), logits = on.array(numbers(rows * V, 2));
      on.backend.template cross_entropy<V>(rows, loss, logits, on.indices(targets), on.array({0.25}));
      on.show("loss", loss);
      on.show("dlogits", logits);
    });
  });
}

TEST_F(CublasBackendFloatTest, CrossEntropyOfNoTargetIsZero) {
  On<Float> on{backend()};
  auto loss = on.array({0}), logits = on.array({1, 2, 3});
  on.backend.template cross_entropy<3>(1, loss, logits, on.indices({ignored_target}), on.array({0}));
  EXPECT_EQ(on.read(loss), (Values{0}));
  EXPECT_EQ(on.read(logits), (Values{0, 0, 0}));
}

TEST_F(CublasBackendFloatTest, AddAndSquaredNorm) {
  for (const std::size_t count : {1u, 255u, 256u, 257u, 10000u}) {
    expect_same(std::to_string(count), exact, [&](auto& on) {
      auto y = on.array(numbers(count, 1)), norm = on.array({7});
      on.backend.add(y, on.array(numbers(count, 2)));
      on.backend.squared_norm(norm, y);
      on.show("sum", y);
      on.show("squared norm", norm);
    });
  }
}

TEST_F(CublasBackendFloatTest, ClipScalesToTheLimit) {
  for (const std::size_t parts : {1u, 2u, 300u}) {
    for (const double limit : {1.0, 1e4}) {
      expect_same(std::to_string(parts), exact, [&](auto& on) {
        auto scale = on.array({0});
        on.backend.clip(scale, on.array(Values(parts, 9)), limit);
        on.show("scale", scale);
      });
    }
  }
}

TEST_F(CublasBackendFloatTest, AdamW) {
  expect_same("one step", exact, [&](auto& on) {
    Values squares = numbers(1001, 3);
    for (double& value : squares) value = static_cast<float>(value * value);
    auto parameters = on.array(numbers(1001, 1)), first = on.array(numbers(1001, 2)), second = on.array(squares);
    on.backend.adamw(parameters, first, second, on.array(numbers(1001, 4)), on.array({0.01, 0.19, 0.01, 0.5}),
                     {0.9, 0.99, 1e-8, 0.1});
    on.show("parameters", parameters);
    on.show("first moments", first);
    on.show("second moments", second);
  });
}

}  // namespace
