#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <gptnas/core/is_finite.hpp>

namespace is_finite_test {

using gptnas::is_finite;

constexpr double infinity = std::numeric_limits<double>::infinity();
static_assert(is_finite(0) && is_finite(-1.5));

TEST(IsFinite, says_what_the_standard_library_says) {
  using Limits = std::numeric_limits<double>;
  for (const double value : {0.0, -0.0, 1.5, Limits::max(), Limits::lowest(), Limits::min(), Limits::denorm_min(),
                             infinity, -infinity, Limits::quiet_NaN(), -Limits::quiet_NaN()}) {
    EXPECT_EQ(is_finite(value), std::isfinite(value)) << value;
  }
}

}  // namespace is_finite_test
