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
    if constexpr (layout<Genome>.fixed_length) {
      static constexpr GeneSites<Genome> sites = changeable(Genome{});
      change_one(genome, sites, random);
    } else {
      change_one(genome, changeable(genome), random);
    }
  }

 private:
  template <class Genome>
  static constexpr GeneSites<Genome> changeable(const Genome& genome) {
    GeneSites<Genome> sites;
    for (const GeneSite& site : gene_sites(genome)) {
      if (site.cardinality > 1) sites.push_back(site);
    }
    return sites;
  }

  template <class Genome>
  static void change_one(Genome& genome, const GeneSites<Genome>& sites, RandomStream& random) {
    if (sites.empty()) return;
    const GeneSite site = sites[random.below(static_cast<std::uint32_t>(sites.size()))];
    detail::change_gene(reinterpret_cast<std::uint8_t*>(&genome)[site.offset], site.cardinality, random);
  }
};

}  // namespace gptnas
