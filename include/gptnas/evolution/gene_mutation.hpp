// Every gene with a small probability.
#pragma once

#include <algorithm>
#include <bit>
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

/// Each gene of more than one value changes with the same probability to another one. Where the result breaks a
/// constraint of the genome, what follows the changed genes is drawn anew as far as it must.
struct GeneMutation {
  double rate = 0;  ///< in [0, 1]; 0 is one gene on average: 1 / genes of more than one value

  /// @throws std::invalid_argument if the rate is outside [0, 1].
  /// Complexity: O(genes), no allocation.
  template <class Genome>
  void mutate(Genome& genome, RandomStream& random) const {
    if (!(rate >= 0 && rate <= 1)) throw invalid_value("GeneMutation::rate", rate, "in [0, 1]");
    const auto& sites = changeable_gene_sites(genome);
    const double probability = rate > 0 ? rate : 1.0 / static_cast<double>(sites.size());
    if constexpr (!is_constrained<Genome>) {
      change(genome, sites, probability, random);
    } else {
      const Genome parent = genome;
      genome = first_valid(parent, [&] {
        Genome child = parent;
        change(child, sites, probability, random);
        return read_within_constraint<Genome>(to_bytes(child), random);
      });
    }
  }

 private:
  template <class Genome>
  static void change(Genome& genome, const GeneSites<Genome>& sites, double probability, RandomStream& random) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(&genome);
    for (std::size_t begin = 0; begin < sites.size(); begin += 64) {
      const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(64, sites.size() - begin));
      for (std::uint64_t changed = random.subset(count, probability); changed != 0; changed &= changed - 1) {
        const GeneSite site = sites[begin + static_cast<std::size_t>(std::countr_zero(changed))];
        detail::change_gene(bytes[site.offset], site.cardinality, random);
      }
    }
  }
};

}  // namespace gptnas
