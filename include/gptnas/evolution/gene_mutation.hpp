// Every gene with a small probability.
#pragma once

#include <cstddef>
#include <cstdint>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/validity.hpp>
#include <gptnas/genome/genes.hpp>

namespace gptnas {

namespace detail {

/// Lets a gene hold another value than it does, uniformly drawn. A gene of one value stays.
inline void change_gene(std::uint8_t& value, std::uint8_t cardinality, RandomStream& random) {
  if (cardinality < 2) return;
  const std::uint32_t other = random.below(cardinality - 1u);
  value = static_cast<std::uint8_t>(other + (other >= value));
}

}  // namespace detail

/// Each gene changes with the same probability to another value. Where the result breaks a constraint of the genome, what
/// follows the changed genes is drawn anew as far as it must.
struct GeneMutation {
  double rate = 0;  ///< in [0, 1]; 0 is one gene on average: 1 / genes

  /// @throws std::invalid_argument if the rate is outside [0, 1].
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    if (!(rate >= 0 && rate <= 1)) throw invalid_value("GeneMutation::rate", rate, "in [0, 1]");
    const auto sites = gene_sites(genome);
    const double probability = rate > 0 ? rate : 1.0 / static_cast<double>(sites.size());
    const Genome parent = genome;
    genome = first_valid(parent, [&] {
      auto bytes = to_bytes(parent);
      for (const GeneSite& site : sites) {
        if (random.chance(probability)) detail::change_gene(bytes[site.offset], site.cardinality, random);
      }
      return read_within_constraint<Genome>(bytes, random);
    });
  }
};

}  // namespace gptnas
