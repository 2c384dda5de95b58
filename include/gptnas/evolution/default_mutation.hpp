// The mutation of strategies whose user names none.
#pragma once

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/delete_mutation.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/insert_mutation.hpp>
#include <gptnas/evolution/swap_mutation.hpp>
#include <gptnas/genome/layout.hpp>

namespace gptnas {

/// The mutation that suits a genome: one gene on average; where there are sequences, in half of the calls an insertion, a
/// deletion or an exchange of items instead.
struct DefaultMutation {
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    if constexpr (layout<Genome>.fixed_length) {
      GeneMutation{}.mutate(genome, random);
    } else {
      switch (random.below(6)) {
        case 3: return InsertMutation{}.mutate(genome, random);
        case 4: return DeleteMutation{}.mutate(genome, random);
        case 5: return SwapMutation{}.mutate(genome, random);
        default: return GeneMutation{}.mutate(genome, random);
      }
    }
  }
};

}  // namespace gptnas
