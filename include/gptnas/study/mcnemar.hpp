// A test of paired successes.
#pragma once

#include <boost/math/distributions/binomial.hpp>

#include <cstddef>
#include <iterator>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/study/alternative.hpp>

namespace gptnas {

struct McNemarResult {
  std::size_t only_first = 0, only_second = 0;  ///< pairs in which only one of the two succeeded
  double p = 1;                                 ///< 1 where there are no such pairs
};

/// McNemar's test, exact ("Note on the Sampling Error of the Difference Between Correlated Proportions or Percentages",
/// 1947): of the pairs in which only one of the two succeeded, under the null hypothesis it is the first one in half of
/// them, binomially. The other pairs say nothing.
///
/// @param only_first, only_second  pairs in which only the first, only the second succeeded. Complexity: O(1).
inline McNemarResult mcnemar(std::size_t only_first, std::size_t only_second,
                             Alternative alternative = Alternative::two_sided) {
  McNemarResult result{only_first, only_second};
  if (only_first + only_second == 0) return result;
  const boost::math::binomial null(static_cast<double>(only_first + only_second), 0.5);
  // It is symmetric: at least so many of the first are at most so few of the second.
  result.p = detail::p_value(alternative, cdf(null, static_cast<double>(only_first)),
                             cdf(null, static_cast<double>(only_second)));
  return result;
}

/// The same of the samples. @param first, second  (N) whether each of a pair succeeded: ranges of bool, N >= 1.
///
/// @throws std::invalid_argument if there are none, or not as many of both. Complexity: O(N).
template <class Successes>
requires requires(const Successes& successes) { static_cast<bool>(*std::begin(successes)); }
McNemarResult mcnemar(const Successes& first, const Successes& second,
                      Alternative alternative = Alternative::two_sided) {
  if (std::size(first) == 0) throw invalid_value("mcnemar: number of pairs", std::size(first), "at least 1");
  if (std::size(first) != std::size(second)) {
    throw invalid_value("mcnemar: values of the second sample", std::size(second),
                        joined({"as many as of the first, ", std::size(first)}));
  }
  std::size_t only_first = 0, only_second = 0;
  auto other = std::begin(second);
  for (const bool success : first) {
    const bool its = *other++;
    only_first += success && !its;
    only_second += !success && its;
  }
  return mcnemar(only_first, only_second, alternative);
}

}  // namespace gptnas
