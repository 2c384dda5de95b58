// Pearson's test of counts against expectations.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace gptnas_test {

/// The sum of (observed - expected)^2 / expected. Classes with expectation 0 must be empty, else it is infinite.
inline double chi_square(std::span<const std::size_t> observed, std::span<const double> expected) {
  double sum = 0;
  for (std::size_t index = 0; index < observed.size(); ++index) {
    const double difference = static_cast<double>(observed[index]) - expected[index];
    if (difference != 0) sum += difference * difference / expected[index];
  }
  return sum;
}

/// The same against equal expectations.
inline double chi_square(std::span<const std::size_t> observed) {
  double total = 0;
  for (const std::size_t count : observed) total += static_cast<double>(count);
  const double expected = total / static_cast<double>(observed.size());
  double sum = 0;
  for (const std::size_t count : observed) {
    const double difference = static_cast<double>(count) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

/// What chi-square exceeds once in ten thousand times (Wilson and Hilferty, 1931).
inline double chi_square_limit(std::size_t degrees_of_freedom) {
  const double part = 2.0 / (9.0 * static_cast<double>(degrees_of_freedom));
  return static_cast<double>(degrees_of_freedom) * std::pow(1.0 - part + 3.719 * std::sqrt(part), 3.0);
}

}  // namespace gptnas_test
