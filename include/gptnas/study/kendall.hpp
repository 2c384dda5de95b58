// How far two orders agree.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/refuse_nan.hpp>

namespace gptnas {

namespace detail {

/// Pairs of equal neighbours in runs: the sum of n (n - 1) / 2 over the runs of equal items of a sorted range.
template <class Items, class Same>
std::uint64_t tied_pairs(const Items& items, const Same& same) {
  std::uint64_t pairs = 0, run = 0;
  for (std::size_t i = 1; i < items.size(); ++i) {
    run = same(items[i - 1], items[i]) ? run + 1 : 0;
    pairs += run;
  }
  return pairs;
}

/// Sorts the values and counts the pairs that were in the wrong order; equal ones are not. Complexity: O(N log N).
inline std::uint64_t sort_counting_inversions(std::span<double> values, std::span<double> room) {
  if (values.size() < 2) return 0;
  const std::size_t half = values.size() / 2;
  std::uint64_t inversions = sort_counting_inversions(values.first(half), room.first(half)) +
                             sort_counting_inversions(values.subspan(half), room.subspan(half));
  std::size_t left = 0, right = half;
  for (double& next : room) {
    const bool take_left = right == values.size() || (left < half && values[left] <= values[right]);
    if (!take_left) inversions += half - left;
    next = values[take_left ? left++ : right++];
  }
  std::ranges::copy(room, values.begin());
  return inversions;
}

}  // namespace detail

/// Kendall's rank correlation tau-b ("The Treatment of Ties in Ranking Problems", 1945): (C - D) / sqrt((P - T) (P - U))
/// for C pairs that both samples order alike and D that they order differently, out of P pairs of which T are tied in
/// the first and U in the second sample. 1 says that the orders agree, -1 that they are reversed; 0 where all values of
/// a sample are tied, for they tell no order. By Knight's algorithm ("A Computer Method for Calculating Kendall's Tau
/// with Ungrouped Data", 1966).
///
/// @param first, second  (N) values of the same things, no NaN, N >= 2; infinities are larger or smaller than all else.
/// @throws std::invalid_argument if there are fewer, not as many of both, or a NaN. Complexity: O(N log N).
inline double kendall_tau(std::span<const double> first, std::span<const double> second) {
  if (first.size() < 2) throw invalid_value("kendall_tau: values of a sample", first.size(), "at least 2");
  if (first.size() != second.size()) {
    throw invalid_value("kendall_tau: values of the second sample", second.size(),
                        joined({"as many as of the first, ", first.size()}));
  }
  for (const std::span<const double> sample : {first, second}) detail::refuse_nan("kendall_tau: a value", sample);
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < first.size(); ++i) pairs.emplace_back(first[i], second[i]);
  std::sort(pairs.begin(), pairs.end());
  std::vector<double> values, room(pairs.size());
  for (const auto& pair : pairs) values.push_back(pair.second);
  const std::uint64_t discordant = detail::sort_counting_inversions(values, room);

  const auto count = static_cast<std::uint64_t>(pairs.size());
  const std::uint64_t all = count * (count - 1) / 2;
  const std::uint64_t first_tied = detail::tied_pairs(pairs, [](auto& a, auto& b) { return a.first == b.first; });
  const std::uint64_t second_tied = detail::tied_pairs(values, [](double a, double b) { return a == b; });
  const std::uint64_t both_tied = detail::tied_pairs(pairs, [](auto& a, auto& b) { return a == b; });
  if (first_tied == all || second_tied == all) return 0;
  const auto real = [](std::uint64_t number) { return static_cast<double>(number); };
  const double concordant = real(all - first_tied - second_tied + both_tied - discordant);
  // Two roots, lest the product of equal numbers has another one.
  const double tau =
      (concordant - real(discordant)) / std::sqrt(real(all - first_tied)) / std::sqrt(real(all - second_tied));
  return std::clamp(tau, -1.0, 1.0);
}

}  // namespace gptnas
