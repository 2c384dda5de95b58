// All genomes of a small type, and the neighbours of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/prefix.hpp>

namespace gptnas {

namespace detail {

template <class Genome, class Predicate>
std::optional<Genome> find_genome(const Prefix<Genome>& prefix, Predicate& wanted) {
  if (prefix.complete()) {
    const Genome genome = prefix.genome();
    if ((!HasPredicate<Genome> || is_valid(genome)) && wanted(genome)) return genome;
    return std::nullopt;
  }
  for (std::size_t token = 0; token < prefix.legal().size(); ++token) {
    if (!prefix.legal()[token]) continue;
    Prefix<Genome> next = prefix;
    next.push(token);
    if (const auto found = find_genome(next, wanted)) return found;
  }
  return std::nullopt;
}

}  // namespace detail

/// The first genome of a type, in the order of their tokens, for which `wanted(genome)` is true; nothing if there is
/// none. Complexity: O(genomes before it).
template <class Genome, class Predicate>
std::optional<Genome> find_genome(Predicate wanted) {
  return detail::find_genome(Prefix<Genome>(), wanted);
}

/// Calls `visit(genome)` for every genome of a type, each once, in the order of their tokens. Complexity: O(genomes).
template <class Genome, class Visit>
void for_each_genome(Visit visit) {
  find_genome<Genome>([&](const Genome& genome) {
    visit(genome);
    return false;
  });
}

/// The genomes that differ in one gene (of a cell: an operation, or an edge more or less), in the order of the genes;
/// lengths stay. Complexity: O(genes x their values).
template <class Genome>
std::vector<Genome> neighbours(const Genome& genome) {
  std::vector<Genome> found;
  for (const GeneSite& site : gene_sites(genome)) {
    auto bytes = to_bytes(genome);
    const std::uint8_t present = bytes[site.offset];
    for (std::uint8_t value = 0; value < site.cardinality; ++value) {
      if (value == present) continue;
      bytes[site.offset] = value;
      const Genome neighbour = from_bytes<Genome>(bytes);
      if (is_valid(neighbour)) found.push_back(neighbour);
    }
  }
  return found;
}

}  // namespace gptnas
