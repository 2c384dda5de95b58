// Exactly one gene.
#pragma once

#include <cstddef>
#include <cstdint>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/genome/genes.hpp>

namespace gptnas {

/// One gene, uniformly drawn among those of more than one value, changes to another value.
///
/// Laws: the genome changes, unless no gene has a second value.
struct OneGeneMutation {
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    GeneSites<Genome> sites;
    for (const GeneSite& site : gene_sites(genome)) {
      if (site.cardinality > 1) sites.push_back(site);
    }
    if (sites.empty()) return;
    const GeneSite site = sites[random.below(static_cast<std::uint32_t>(sites.size()))];
    auto bytes = to_bytes(genome);
    detail::change_gene(bytes[site.offset], site.cardinality, random);
    genome = from_bytes<Genome>(bytes);
  }
};

}  // namespace gptnas
