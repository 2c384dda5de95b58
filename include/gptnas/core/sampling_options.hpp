// How a token is drawn.
#pragma once

#include <cstddef>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// How a token is drawn among those that are allowed: softmax(logits / temperature), of which first `top_k` and then
/// `top_p` leave the most likely tokens, of equal ones the first. The defaults draw from the model as it is.
struct SamplingOptions {
  double temperature = 1;  ///< at least 0; 0 takes the most likely token, of equal ones the first
  std::size_t top_k = 0;   ///< tokens left (Fan et al., "Hierarchical Neural Story Generation", 2018); 0 is all
  double top_p = 1;        ///< the fewest tokens are left that have this probability together (Holtzman et al., "The
                           ///< Curious Case of Neural Text Degeneration", 2020); in (0, 1], 1 is all

  /// @throws std::invalid_argument if a member is outside its domain.
  void check() const {
    if (!(temperature >= 0)) throw invalid_value("SamplingOptions::temperature", temperature, "at least 0");
    if (!(top_p > 0 && top_p <= 1)) throw invalid_value("SamplingOptions::top_p", top_p, "in (0, 1]");
  }
};

}  // namespace gptnas
