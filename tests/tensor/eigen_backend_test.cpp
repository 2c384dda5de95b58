#include <gptnas/tensor/eigen_backend.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>

namespace eigen_backend_test {

using namespace gptnas;

using Cpu = EigenBackend<double>;
using Values = std::vector<double>;
using Array = Cpu::Buffer<double>;

static_assert(Backend<EigenBackend<float>> && Backend<EigenBackend<double>>);

constexpr Cpu backend;
constexpr std::size_t rows = 5;

Cpu::Buffer<std::int32_t> indices(const std::vector<std::int32_t>& values) {
  Cpu::Buffer<std::int32_t> buffer(values.size());
  backend.write(buffer.slice(0, values.size()), values);
  return buffer;
}
const auto tokens = indices({0, 2, 1, 2, 2});
const auto positions = indices({0, 1, 2, 0, 1});
const auto targets = indices({1, ignored_target, 2, 0, 2});

Values random_values(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  Values values(count);
  for (double& value : values) value = standard_normal(random);
  return values;
}

Array upload(const Values& values) {
  Array buffer(values.size());
  backend.write(buffer.slice(0, values.size()), values);
  return buffer;
}

Values download(const Array& buffer) {
  Values values(buffer.size());
  backend.read(buffer, std::span(values));
  return values;
}

double dot(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void expect_near(const Values& expected, const Values& actual, double tolerance) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(expected[i], actual[i], tolerance) << "element " << i;
}

/// An operation from several inputs to one output, and its gradients, checked against central differences of
/// sum(weights y). Every gradient that the backend adds to starts from 1, to see that it does.
struct Operation {
  std::vector<Values> inputs;
  std::function<Values(const std::vector<Values>&)> forward;

  void expect_gradients(const Values& weights, const std::vector<Values>& gradients) const {
    ASSERT_EQ(inputs.size(), gradients.size());
    for (std::size_t input = 0; input < inputs.size(); ++input) {
      Values expected(inputs[input].size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        constexpr double step = 1e-5;
        auto changed = inputs;
        changed[input][i] += step;
        const double above = dot(weights, forward(changed));
        changed[input][i] -= 2 * step;
        expected[i] = (above - dot(weights, forward(changed))) / (2 * step);
      }
      SCOPED_TRACE("input " + std::to_string(input));
      expect_near(expected, gradients[input], 1e-7);
    }
  }
};

Values minus_one(Values values) {
  for (double& value : values) value -= 1;
  return values;
}

TEST(EigenBackend, BuffersAreValues) {
  Array first = upload({1, 2, 3});
  const Array second = first;
  backend.fill(first.slice(1, 2), 7);
  EXPECT_EQ(download(first), (Values{1, 7, 7}));
  EXPECT_EQ(download(second), (Values{1, 2, 3}));
  EXPECT_EQ(download(Array(2)), (Values{0, 0}));
}

TEST(EigenBackend, Embed) {
  const Operation operation{{random_values(3 * 4, 1), random_values(3 * 4, 2)}, [](const auto& in) {
                              Array y(rows * 4);
                              backend.embed<4>(rows, y, tokens, positions, upload(in[0]), upload(in[1]));
                              return download(y);
                            }};
  const Values y = operation.forward(operation.inputs);
  EXPECT_EQ(y[1 * 4 + 3], operation.inputs[0][2 * 4 + 3] + operation.inputs[1][1 * 4 + 3]);
  const Values dy = random_values(rows * 4, 3);
  Array dtokens = upload(Values(12, 1)), dpositions = upload(Values(12, 1));
  backend.embed_backward<4>(rows, dtokens, dpositions, upload(dy), tokens, positions);
  operation.expect_gradients(dy, {minus_one(download(dtokens)), minus_one(download(dpositions))});
}

TEST(EigenBackend, LayerNorm) {
  Array statistics(rows * 2);
  const Operation operation{{random_values(rows * 6, 1), random_values(6, 2), random_values(6, 3)},
                            [&](const auto& in) {
                              Array y(rows * 6);
                              backend.layer_norm<6>(rows, y, statistics, upload(in[0]), upload(in[1]), upload(in[2]));
                              return download(y);
                            }};
  const Values dy = random_values(rows * 6, 4);
  const Values y = operation.forward(operation.inputs);
  Array dx = upload(Values(rows * 6, 1)), dweight = upload(Values(6, 1)), dbias = upload(Values(6, 1));
  backend.layer_norm_backward<6>(rows, dx, dweight, dbias, upload(dy), upload(operation.inputs[0]), statistics,
                                 upload(operation.inputs[1]));
  operation.expect_gradients(dy, {minus_one(download(dx)), minus_one(download(dweight)), minus_one(download(dbias))});
}

TEST(EigenBackend, Linear) {
  const Operation operation{{random_values(rows * 3, 1), random_values(3 * 4, 2), random_values(4, 3)},
                            [](const auto& in) {
                              Array y(rows * 4);
                              backend.linear<3, 4>(rows, y, upload(in[0]), upload(in[1]), upload(in[2]));
                              return download(y);
                            }};
  const Values dy = random_values(rows * 4, 4);
  Array dx(rows * 3), dweight = upload(Values(12, 1)), dbias = upload(Values(4, 1));
  backend.linear_backward<3, 4>(rows, dx, dweight, dbias, upload(dy), upload(operation.inputs[0]),
                                upload(operation.inputs[1]));
  operation.expect_gradients(dy, {download(dx), minus_one(download(dweight)), minus_one(download(dbias))});
}

TEST(EigenBackend, LinearResidualAddsInPlace) {
  const Array x = upload(random_values(rows * 3, 1)), weight = upload(random_values(12, 2));
  const Array bias = upload(random_values(4, 3));
  Array y = upload(random_values(rows * 4, 4)), product(rows * 4);
  Values expected = download(y);
  backend.linear<3, 4>(rows, product, x, weight, bias);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += download(product)[i];
  backend.linear_residual<3, 4>(rows, y, y, x, weight, bias);
  expect_near(expected, download(y), 1e-14);
}

TEST(EigenBackend, Gelu) {
  Array state(rows * 4);
  const Operation operation{{random_values(rows * 4, 1)}, [&](const auto& in) {
                              Array y(rows * 4);
                              Values identity(16);
                              for (std::size_t i = 0; i < 4; ++i) identity[5 * i] = 1;
                              backend.linear_gelu<4, 4>(rows, y, state, upload(in[0]), upload(identity), Array(4));
                              return download(y);
                            }};
  const Values y = operation.forward(operation.inputs);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double x = operation.inputs[0][i];
    EXPECT_NEAR(y[i], 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))), 1e-14);
  }
  // Behind a linear layer: of its input, the gradient is that of what GELU took.
  const Values weight = random_values(4 * 3, 3);
  const Operation both{operation.inputs, [&](const auto& in) {
                         Array z(rows * 3);
                         backend.linear<4, 3>(rows, z, upload(operation.forward(in)), upload(weight), Array(3));
                         return download(z);
                       }};
  const Values dz = random_values(rows * 3, 2);
  Array dx(rows * 4), dweight(12), dbias(3), plain(rows * 4), plain_dweight(12), plain_dbias(3);
  operation.forward(operation.inputs);  // leaves the state
  backend.gelu_linear_backward<4, 3>(rows, dx, dweight, dbias, upload(dz), upload(y), state, upload(weight));
  both.expect_gradients(dz, {download(dx)});
  backend.linear_backward<4, 3>(rows, plain, plain_dweight, plain_dbias, upload(dz), upload(y), upload(weight));
  EXPECT_EQ(download(dweight), download(plain_dweight));
  EXPECT_EQ(download(dbias), download(plain_dbias));
}

constexpr std::uint32_t seed_words[] = {3, 4}, drop_step = 5, drop_first = 6, drop_site = 7;
const auto drop_random = indices({3, 4, 5, 6});

/// What an element is multiplied by, as the concept tells.
double kept(std::size_t row, std::size_t column, double rate) {
  const auto words =
      philox({static_cast<std::uint32_t>(column / 4), static_cast<std::uint32_t>(row), drop_site, drop_step},
             {seed_words[0], seed_words[1]});
  return words[column % 4] / 0x1p32 < rate ? 0 : 1 / (1 - rate);
}

TEST(EigenBackend, Dropout) {
  constexpr std::size_t many = 1000, columns = 30;
  const Values x = random_values(many * columns, 1);
  Array y = upload(x);
  backend.dropout<columns>(many, y, {drop_random, drop_site, 0.25});
  Values expected = x;
  double dropped = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double factor = kept(drop_first + i / columns, i % columns, 0.25);
    expected[i] *= factor;
    dropped += factor == 0;
  }
  expect_near(expected, download(y), 1e-14);
  EXPECT_NEAR(dropped / (many * columns), 0.25, 4 * std::sqrt(0.25 * 0.75 / (many * columns)));
}

/// Attention as in its definition: (heads 2, head width 3), sequences of 3 and 2 rows.
Values naive_attention(const Values& qkv, double rate = 0) {
  Values y(rows * 6);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t head = 0; head < 2; ++head) {
      Values weights;
      double total = 0;
      const std::size_t first = row < 3 ? 0 : 3;
      for (std::size_t other = first; other <= row; ++other) {
        double score = 0;
        for (std::size_t i = 0; i < 3; ++i) score += qkv[row * 18 + head * 3 + i] * qkv[other * 18 + 6 + head * 3 + i];
        weights.push_back(std::exp(score / std::sqrt(3.0)));
        total += weights.back();
      }
      for (std::size_t other = first; other <= row; ++other) {
        for (std::size_t i = 0; i < 3; ++i) {
          y[row * 6 + head * 3 + i] += weights[other - first] / total * qkv[other * 18 + 12 + head * 3 + i] *
                                       kept((drop_first + row) * 2 + head, other - first, rate);
        }
      }
    }
  }
  return y;
}

TEST(EigenBackend, Attention) {
  for (const double rate : {0.0, 0.4}) {
    Array state(rows * Cpu::attention_state<2, 3, 4>), y(rows * 6), dqkv(rows * 18);
    const Operation operation{{random_values(rows * 18, 1)},
                              [rate](const auto& in) { return naive_attention(in[0], rate); }};
    const Array qkv = upload(operation.inputs[0]);
    const Cpu::Dropout dropout{drop_random, drop_site, rate};
    backend.attention<2, 3, 4>(rows, y, state, qkv, positions, dropout);
    expect_near(naive_attention(operation.inputs[0], rate), download(y), 1e-14);
    const Values dy = random_values(rows * 6, 2);
    backend.attention_backward<2, 3, 4>(rows, dqkv, upload(dy), y, state, qkv, positions, dropout);
    operation.expect_gradients(dy, {download(dqkv)});
  }
}

TEST(EigenBackend, AttentionStepContinuesEachSequence) {
  const Values qkv = random_values(rows * 18, 1), expected = naive_attention(qkv);
  Array keys(2 * 6 * 4), values(2 * 4 * 6);
  for (std::int32_t position = 0; position < 2; ++position) {  // row 0 is the first sequence, row 1 the second
    Values both, expected_both;
    for (const std::size_t first : {0u, 3u}) {
      const auto row = static_cast<std::ptrdiff_t>(first) + position;
      both.insert(both.end(), qkv.begin() + row * 18, qkv.begin() + row * 18 + 18);
      expected_both.insert(expected_both.end(), expected.begin() + row * 6, expected.begin() + row * 6 + 6);
    }
    Array y(12);
    backend.attention_step<2, 3, 4>(2, y, keys, values, upload(both), indices({position, position}));
    expect_near(expected_both, download(y), 1e-14);
  }
}

TEST(EigenBackend, CopiesRows) {
  Array y = upload({0, 1, 10, 11, 20, 21, 30, 31});
  backend.copy_rows<2>(2, y, indices({3, 0}), indices({1, 2}));
  EXPECT_EQ(download(y), (Values{20, 21, 10, 11, 20, 21, 10, 11}));
  backend.copy_rows<2>(2, y, indices({1, 2}), indices({0, 0}));
  EXPECT_EQ(download(y), (Values{20, 21, 20, 21, 20, 21, 10, 11}));
}

TEST(EigenBackend, Head) {
  const Operation operation{{random_values(rows * 4, 1), random_values(3 * 4, 2)}, [](const auto& in) {
                              Array logits(rows * 3);
                              backend.head<4, 3>(rows, logits, upload(in[0]), upload(in[1]));
                              return download(logits);
                            }};
  const Values dlogits = random_values(rows * 3, 3);
  Array dx(rows * 4), dtable = upload(Values(12, 1));
  backend.head_backward<4, 3>(rows, dx, dtable, upload(dlogits), upload(operation.inputs[0]),
                              upload(operation.inputs[1]));
  operation.expect_gradients(dlogits, {download(dx), minus_one(download(dtable))});
}

TEST(EigenBackend, CrossEntropy) {
  const Array share = upload({0.25});
  const Operation operation{{random_values(rows * 3, 1)}, [&](const auto& in) {
                              Array logits = upload(in[0]), loss(1);
                              backend.cross_entropy<3>(rows, loss, logits, targets, share);
                              return download(loss);
                            }};
  Array logits = upload(operation.inputs[0]), loss = upload({1});
  backend.cross_entropy<3>(rows, loss, logits, targets, share);
  double expected = 0;
  const int chosen[] = {1, ignored_target, 2, 0, 2};
  for (std::size_t row = 0; row < rows; ++row) {
    if (chosen[row] == ignored_target) continue;
    const double* const x = operation.inputs[0].data() + row * 3;
    expected += std::log(std::exp(x[0]) + std::exp(x[1]) + std::exp(x[2])) - x[chosen[row]];
  }
  EXPECT_NEAR(download(loss)[0], 1 + expected / 4, 1e-14);
  operation.expect_gradients({1}, {download(logits)});
}

TEST(EigenBackend, CrossEntropyOfNoTargetIsZero) {
  Array loss(1), logits = upload({1, 2, 3});
  backend.cross_entropy<3>(1, loss, logits, indices({ignored_target}), upload({0}));
  EXPECT_EQ(download(loss), (Values{0}));
  EXPECT_EQ(download(logits), (Values{0, 0, 0}));
}

TEST(EigenBackend, FixedSummationGivesTheSameBitsInAnyBatch) {
  constexpr std::size_t inputs = 70, outputs = 50, many = 33;
  const Values values = random_values(many * inputs, 1);
  const Array x = upload(values), weight = upload(random_values(inputs * outputs, 2));
  const Array bias = upload(random_values(outputs, 3)), table = upload(random_values(outputs * inputs, 4));
  Array fastest(many * outputs), fixed(many * outputs), alone(outputs);
  const auto compare = [&] {
    expect_near(download(fastest), download(fixed), 1e-12);
    const Values all = download(fixed);
    EXPECT_EQ(Values(all.end() - outputs, all.end()), download(alone));
  };
  backend.linear<inputs, outputs>(many, fastest, x, weight, bias);
  backend.linear<inputs, outputs, Summation::fixed>(many, fixed, x, weight, bias);
  backend.linear<inputs, outputs, Summation::fixed>(1, alone, x.slice((many - 1) * inputs, inputs), weight, bias);
  compare();
  backend.head<inputs, outputs>(many, fastest, x, table);
  backend.head<inputs, outputs, Summation::fixed>(many, fixed, x, table);
  backend.head<inputs, outputs, Summation::fixed>(1, alone, x.slice((many - 1) * inputs, inputs), table);
  compare();
}

TEST(EigenBackend, AddAndSquaredNorm) {
  Array y = upload({1, 2}), norm = upload({7});
  backend.add(y, upload({2, 2}));
  EXPECT_EQ(download(y), (Values{3, 4}));
  backend.squared_norm(norm, y);
  EXPECT_EQ(download(norm), (Values{25}));
}

TEST(EigenBackend, ClipScalesToTheLimit) {
  Array scale(1);
  backend.clip(scale, upload({9, 16}), 1);
  EXPECT_NEAR(download(scale)[0], 1 / (5 + 1e-6), 1e-15);
  backend.clip(scale, upload({9, 16}), 10);
  EXPECT_EQ(download(scale)[0], 1);
}

TEST(EigenBackend, AdamW) {
  Array parameter = upload({0.5}), first = upload({0.1}), second = upload({0.2});
  backend.adamw(parameter, first, second, upload({3}), upload({0.01, 0.19, 0.01, 0.5}), {0.9, 0.99, 1e-8, 0.1});
  const double m = 0.9 * 0.1 + 0.1 * 1.5, v = 0.99 * 0.2 + 0.01 * 1.5 * 1.5;
  EXPECT_NEAR(download(first)[0], m, 1e-15);
  EXPECT_NEAR(download(second)[0], v, 1e-15);
  EXPECT_NEAR(download(parameter)[0], 0.5 * (1 - 0.01 * 0.1) - 0.01 * (m / 0.19) / (std::sqrt(v / 0.01) + 1e-8), 1e-15);
}

}  // namespace eigen_backend_test
