// A rank test of paired samples.
#pragma once

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/study/alternative.hpp>

namespace gptnas {

struct WilcoxonOptions {
  Alternative alternative = Alternative::two_sided;
  std::size_t exact_up_to = 50;  ///< pairs that differ; with more, the null distribution is the normal one; 0 is always
};

struct WilcoxonResult {
  double statistic = 0;   ///< the sum of the ranks of the positive differences
  double p = 1;           ///< 1 where no pair differs
  std::size_t pairs = 0;  ///< all of them
  std::size_t zeros = 0;  ///< pairs that do not differ
  bool exact = true;      ///< p is of the exact null distribution
};

namespace detail {

inline void check_paired(const char* name, std::span<const double> first, std::span<const double> second) {
  if (first.size() != second.size()) {
    throw invalid_value(joined({name, ": values of the second sample"}), second.size(),
                        joined({"as many as of the first, ", first.size()}));
  }
}

inline void check_finite(const char* name, std::span<const double> values) {
  if (values.empty()) throw invalid_value(joined({name, ": number of values"}), values.size(), "at least 1");
  for (const double value : values) {
    if (!is_finite(value)) throw invalid_value(joined({name, ": a value"}), value, "a finite number");
  }
}

// Sums of ranks, doubled so that those of ties are whole numbers.
struct SignedRanks {
  std::vector<std::size_t> ranks;  // of the differences that are not zero
  std::size_t positive = 0;        // the sum of those of positive differences
};

inline SignedRanks signed_ranks(std::span<const double> differences) {
  std::vector<double> sorted(differences.begin(), differences.end());
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return std::fabs(a) < std::fabs(b); });
  SignedRanks result;
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    while (end < sorted.size() && std::fabs(sorted[end]) == std::fabs(sorted[begin])) ++end;
    if (sorted[begin] == 0) continue;          // zeros have ranks, but count for neither side
    const std::size_t rank = begin + 1 + end;  // twice the mean of begin + 1, ..., end
    for (std::size_t index = begin; index < end; ++index) {
      result.ranks.push_back(rank);
      if (sorted[index] > 0) result.positive += rank;
    }
  }
  return result;
}

// Under the null hypothesis each difference is as likely positive as negative, whatever the others are: the sum of
// ranks is that of a random subset. The distribution is built up rank by rank; the probabilities are exact up to 50.
inline double exact_wilcoxon_p(const SignedRanks& signed_ranks, Alternative alternative) {
  const std::size_t total = std::accumulate(signed_ranks.ranks.begin(), signed_ranks.ranks.end(), std::size_t{0});
  std::vector<double> probabilities(total + 1);  // of each sum
  probabilities[0] = 1;
  std::size_t largest = 0;
  for (const std::size_t rank : signed_ranks.ranks) {
    largest += rank;
    for (std::size_t sum = largest + 1; sum-- > 0;) {
      probabilities[sum] = (probabilities[sum] + (sum < rank ? 0 : probabilities[sum - rank])) / 2;
    }
  }
  const auto seen = probabilities.begin() + static_cast<std::ptrdiff_t>(signed_ranks.positive);
  return p_value(alternative, std::accumulate(probabilities.begin(), seen + 1, 0.0),
                 std::accumulate(seen, probabilities.end(), 0.0));
}

// The variance is that of the ranks as they are, which ties and zeros make smaller.
inline double normal_wilcoxon_p(const SignedRanks& signed_ranks, Alternative alternative) {
  double total = 0, squares = 0;
  for (const std::size_t rank : signed_ranks.ranks) {
    const auto value = static_cast<double>(rank);
    total += value;
    squares += value * value;
  }
  const double z = (static_cast<double>(signed_ranks.positive) - total / 2) / (std::sqrt(squares) / 2);
  const boost::math::normal normal;
  return p_value(alternative, cdf(normal, z), cdf(complement(normal, z)));
}

}  // namespace detail

/// The signed-rank test of paired samples (Wilcoxon, "Individual Comparisons by Ranking Methods", 1945), with Pratt's
/// treatment of zeros ("Remarks on Zeros and Ties in the Wilcoxon Signed Rank Procedures", 1959): pairs that do not
/// differ take part in the ranking, and count for neither side. Equal differences share the mean of their ranks.
///
/// The null distribution is that of the ranks at hand, ties and zeros included: all signs of the differences are
/// equally likely. Up to `exact_up_to` differences it is exact, beyond it the normal approximation with correction for
/// ties, without correction for continuity.
///
/// @param differences  (N) first minus second, finite, N >= 1. Equal are those that are so to the last bit.
/// @throws std::invalid_argument if there are none or one is not finite.
/// Complexity: O(N log N), and for an exact p O(N^3).
inline WilcoxonResult wilcoxon(std::span<const double> differences, const WilcoxonOptions& options = {}) {
  detail::check_finite("wilcoxon", differences);
  const detail::SignedRanks signed_ranks = detail::signed_ranks(differences);
  WilcoxonResult result{.statistic = static_cast<double>(signed_ranks.positive) / 2,
                        .pairs = differences.size(),
                        .zeros = differences.size() - signed_ranks.ranks.size(),
                        .exact = signed_ranks.ranks.size() <= options.exact_up_to};
  if (signed_ranks.ranks.empty()) return result;
  result.p = result.exact ? detail::exact_wilcoxon_p(signed_ranks, options.alternative)
                          : detail::normal_wilcoxon_p(signed_ranks, options.alternative);
  return result;
}

/// The same of the samples. @param first, second  (N) the values of each pair.
///
/// @throws std::invalid_argument also if there are not as many of both.
inline WilcoxonResult wilcoxon(std::span<const double> first, std::span<const double> second,
                               const WilcoxonOptions& options = {}) {
  detail::check_paired("wilcoxon", first, second);
  std::vector<double> differences(first.size());
  for (std::size_t pair = 0; pair < first.size(); ++pair) differences[pair] = first[pair] - second[pair];
  return wilcoxon(differences, options);
}

}  // namespace gptnas
