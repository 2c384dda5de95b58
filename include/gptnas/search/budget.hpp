// How long a search may go on.
#pragma once

#include <cstddef>

namespace gptnas {

/// The limits of a run; it ends at the first one reached. Evaluations or seconds must be given.
struct Budget {
  std::size_t evaluations = 0;  ///< calls of the trainer; 0 is no limit
  double seconds = 0;           ///< wall time after which no evaluation begins; at least 0, 0 is no limit
  std::size_t proposals = 0;    ///< individuals asked for, repeated genomes included; 0 is 30 an evaluation: of those
                                ///< given, or else of those done, so that a run ends where a space is used up
};

}  // namespace gptnas
