// A test of not being worse.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/objective.hpp>
#include <gptnas/study/alternative.hpp>
#include <gptnas/study/wilcoxon.hpp>

namespace gptnas {

struct NonInferiorityOptions {
  double margin = 0;                          ///< how much worse is no worse, finite, at least 0; 0 tests being better
  Direction direction = Direction::maximize;  ///< which values are the better ones
  std::size_t exact_up_to = 50;               ///< as `WilcoxonOptions::exact_up_to`
};

/// Whether a candidate is not worse than a reference, by paired runs: the one-sided Wilcoxon test of the differences
/// "candidate better than reference", each plus the margin. The null hypothesis is that the candidate is worse by the
/// margin or more (in the sense of the test: the differences lie symmetrically about it); a small p says that it is
/// not.
///
/// @param candidate, reference  (N) the values of each pair, finite, N >= 1.
/// @return statistic and p of the shifted differences.
/// @throws std::invalid_argument if there are none, not as many of both, one is not finite, or the margin is outside
///   its domain. Complexity: as `wilcoxon`.
inline WilcoxonResult non_inferiority(std::span<const double> candidate, std::span<const double> reference,
                                      const NonInferiorityOptions& options) {
  if (!(options.margin >= 0 && is_finite(options.margin))) {
    throw invalid_value("NonInferiorityOptions::margin", options.margin, "finite, at least 0");
  }
  detail::check_paired("non_inferiority", candidate, reference);
  std::vector<double> differences(candidate.size());
  for (std::size_t pair = 0; pair < candidate.size(); ++pair) {
    const double more = candidate[pair] - reference[pair];
    differences[pair] = (options.direction == Direction::maximize ? more : -more) + options.margin;
  }
  return wilcoxon(differences, {.alternative = Alternative::greater, .exact_up_to = options.exact_up_to});
}

}  // namespace gptnas
