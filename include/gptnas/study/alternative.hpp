// Which deviations from a null hypothesis a test counts.
#pragma once

#include <algorithm>
#include <cstdint>

namespace gptnas {

/// What a test of two samples holds against the null hypothesis that they do not differ.
enum class Alternative : std::uint8_t {
  two_sided,  ///< they differ, either way
  greater,    ///< the first one has the larger values
  less,       ///< the first one has the smaller values
};

namespace detail {

// The p value of a statistic that is large where the first sample's values are.
//
// `lower`, `upper`: how likely a statistic is, under the null hypothesis, that is at most, at least as large.
inline double p_value(Alternative alternative, double lower, double upper) {
  switch (alternative) {
    case Alternative::two_sided: break;
    case Alternative::greater: return std::min(1.0, upper);
    case Alternative::less: return std::min(1.0, lower);
  }
  return std::min(1.0, 2 * std::min(lower, upper));
}

}  // namespace detail

}  // namespace gptnas
