// The genes of a genome by number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/genome/layout.hpp>

namespace gptnas {

/// Where a gene lies and how many values it has.
struct GeneSite {
  std::uint16_t offset;
  std::uint8_t cardinality;
};

template <class Genome>
using GeneSites = InlineVector<GeneSite, Layout<Genome>::max_tokens>;

namespace detail {

// Of the genes with so many values or more.
template <std::size_t MinCardinality, class Genome>
constexpr GeneSites<Genome> read_gene_sites(const Genome& genome) {
  GeneSites<Genome> sites;
  for_each_step<Genome>(to_bytes(genome), [&](std::size_t, const Instruction& instruction) {
    if (instruction.kind != Instruction::Kind::gene || instruction.cardinality < MinCardinality) return;
    sites.push_back({instruction.offset, instruction.cardinality});
  });
  return sites;
}

template <std::size_t MinCardinality, class Genome>
inline constexpr GeneSites<Genome> fixed_gene_sites = read_gene_sites<MinCardinality>(Genome{});

template <std::size_t MinCardinality, class Genome>
constexpr std::conditional_t<layout<Genome>.fixed_length, const GeneSites<Genome>&, GeneSites<Genome>> gene_sites(
    const Genome& genome) {
  if constexpr (layout<Genome>.fixed_length) {
    return fixed_gene_sites<MinCardinality, Genome>;
  } else {
    return read_gene_sites<MinCardinality>(genome);
  }
}

}  // namespace detail

/// The genes that a genome has, in reading order: of a genome of fixed length, a reference to a table made at compile
/// time. Complexity: O(1) for a fixed length, else O(genes).
template <class Genome>
constexpr decltype(auto) gene_sites(const Genome& genome) {
  return detail::gene_sites<1>(genome);
}

/// Those of more than one value, which can change. Complexity: as above.
template <class Genome>
constexpr decltype(auto) changeable_gene_sites(const Genome& genome) {
  return detail::gene_sites<2>(genome);
}

/// Number of genes of a genome.
template <class Genome>
constexpr std::size_t gene_count(const Genome& genome) {
  return gene_sites(genome).size();
}

/// Index of the value that a gene holds. @throws std::invalid_argument if `gene` >= gene_count(genome).
template <class Genome>
constexpr std::size_t gene_value(const Genome& genome, std::size_t gene) {
  const auto& sites = gene_sites(genome);
  if (gene >= sites.size()) throw invalid_value("gene_value: gene", gene, joined({"below ", sites.size()}));
  return to_bytes(genome)[sites[gene].offset];
}

/// Lets a gene hold the value with this index.
///
/// @throws std::invalid_argument if `gene` >= gene_count(genome) or `value` >= the gene's cardinality.
template <class Genome>
constexpr void set_gene_value(Genome& genome, std::size_t gene, std::size_t value) {
  const auto& sites = gene_sites(genome);
  if (gene >= sites.size()) throw invalid_value("set_gene_value: gene", gene, joined({"below ", sites.size()}));
  if (value >= sites[gene].cardinality) {
    throw invalid_value("set_gene_value: value", value, joined({"below ", sites[gene].cardinality}));
  }
  auto bytes = to_bytes(genome);
  bytes[sites[gene].offset] = static_cast<std::uint8_t>(value);
  genome = from_bytes<Genome>(bytes);
}

}  // namespace gptnas
