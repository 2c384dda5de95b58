// How many components a proposer replaces.
#pragma once

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// The elimination rate of GPT-NAS (arXiv 2305.05351, Algorithm 1): each component of an offspring is replaced with
/// this probability, which falls linearly over the run.
struct Elimination {
  double initial_rate = 0.4;  ///< at the beginning, in [0, 1]; 0 replaces nothing
  double final_rate = 0.0;    ///< at the end, in [0, 1]

  /// @throws std::invalid_argument if a rate is outside [0, 1].
  void check() const {
    for (const double rate : {initial_rate, final_rate}) {
      if (!(rate >= 0 && rate <= 1)) throw invalid_value("Elimination: rate", rate, "in [0, 1]");
    }
  }

  /// @param progress  in [0, 1]. @throws std::invalid_argument if a rate is outside [0, 1].
  double rate(double progress) const {
    check();
    return initial_rate + (final_rate - initial_rate) * progress;
  }
};

}  // namespace gptnas
