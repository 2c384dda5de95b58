// How far a share of runs may be from the truth.
#pragma once

#include <boost/math/distributions/normal.hpp>

#include <cmath>
#include <cstddef>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>

namespace gptnas {

struct Interval {
  double lower = 0, upper = 0;
};

/// The score interval of a share (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
/// 1927), without continuity correction: the probabilities that are not rejected by the share that was seen. It lies in
/// [0, 1] and has a width even where no run succeeds, or every one.
///
/// @param successes   at most `trials`. @param trials  at least 1.
/// @param confidence  how likely the interval covers the truth, nearly, in (0, 1).
/// @throws std::invalid_argument if an argument is outside its domain. Complexity: O(1).
inline Interval wilson_interval(std::size_t successes, std::size_t trials, double confidence = 0.95) {
  if (trials == 0) throw invalid_value("wilson_interval: trials", trials, "at least 1");
  if (successes > trials) {
    throw invalid_value("wilson_interval: successes", successes, joined({"at most the trials, ", trials}));
  }
  if (!(confidence > 0 && confidence < 1)) {
    throw invalid_value("wilson_interval: confidence", confidence, "between 0 and 1");
  }
  const double z = boost::math::quantile(boost::math::complement(boost::math::normal(), (1 - confidence) / 2));
  const auto count = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / count, scale = 1 + z * z / count;
  const double center = (share + z * z / (2 * count)) / scale;
  const double half_width = z / scale * std::sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  return {successes == 0 ? 0 : center - half_width, successes == trials ? 1 : center + half_width};
}

}  // namespace gptnas
