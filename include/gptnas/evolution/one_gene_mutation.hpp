// Exactly one gene.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/validity.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>

namespace gptnas {

/// One gene, uniformly drawn among those of more than one value, changes to another value. Where a constraint of the
/// genome lets no gene change alone, what follows it is drawn anew as far as it must.
///
/// Laws: the genome changes, unless there is no other genome of its lengths, or `Genome::allows` refuses all that was
/// tried: then it stays as it was.
struct OneGeneMutation {
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    const auto& sites = changeable_gene_sites(genome);
    if (sites.empty()) return;
    const auto change = [&](Genome& child) {
      const GeneSite site = sites[random.below(static_cast<std::uint32_t>(sites.size()))];
      detail::change_gene(reinterpret_cast<std::uint8_t*>(&child)[site.offset], site.cardinality, random);
    };
    if constexpr (!is_constrained<Genome>) {
      change(genome);  // in its place: a copy of a genome of which one byte was just written waits for it
    } else {
      const Genome parent = genome;
      genome = first_valid(parent, [&] {
        Genome child = parent;
        change(child);
        return child;
      });
      if (Equal{}(genome, parent)) genome = change_with_what_follows(parent, sites, random);
    }
  }

 private:
  // Tries every value of every gene, in random order.
  template <class Genome>
  static Genome change_with_what_follows(const Genome& parent, const GeneSites<Genome>& sites, RandomStream& random) {
    struct Change {
      std::uint16_t offset;
      std::uint8_t value;
    };
    std::vector<Change> changes;
    for (const GeneSite& site : sites) {
      for (std::uint8_t value = 0; value < site.cardinality; ++value) changes.push_back({site.offset, value});
    }
    random.shuffle(std::span(changes));
    for (const Change& change : changes) {
      auto bytes = to_bytes(parent);
      bytes[change.offset] = change.value;
      const Genome child = read_within_constraint<Genome>(bytes, random);
      if (is_valid(child) && !Equal{}(child, parent)) return child;
    }
    return parent;
  }
};

}  // namespace gptnas
