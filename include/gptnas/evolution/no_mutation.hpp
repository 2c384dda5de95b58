// The mutation that leaves genomes alone.
#pragma once

#include <gptnas/core/random_stream.hpp>

namespace gptnas {

/// Changes nothing: for a strategy whose offspring a proposer changes.
struct NoMutation {
  template <class Genome>
  void mutate(Genome&, RandomStream&) const {}
};

}  // namespace gptnas
