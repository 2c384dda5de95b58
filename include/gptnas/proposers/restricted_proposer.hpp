// A proposer that keeps to a list of genomes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/concepts/proposer.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/layout.hpp>

namespace gptnas {

/// Proposes what another proposer does, as far as a list has it, such as the genomes that a user has measured: another
/// genome becomes the nearest one of those in the list that were not observed yet, or of all once all were, by the
/// number of genes and lengths that differ (an absent gene counts as its first value).
///
/// With all genomes of a space in its list it proposes as the other one does.
template <class Space, class ProposerType>
class RestrictedProposer {
 public:
  using Genome = typename Space::Genome;

  /// @param allowed  at least one, valid; those that are canonically the same stand for each other.
  /// @throws std::invalid_argument if there is none. Complexity: O(allowed).
  RestrictedProposer(ProposerType proposer, std::span<const Genome> allowed) : proposer_(std::move(proposer)) {
    if (allowed.empty()) throw invalid_value("RestrictedProposer: number of genomes", 0, "at least 1");
    for (const Genome& genome : allowed) {
      const Genome key = canonical_of<Space>(genome);
      if (keys_.insert(key).second) allowed_.push_back({to_bytes(genome), key});
    }
    waiting_ = allowed_;
  }

  /// Complexity: O(allowed x genes), where the list lacks the genome.
  Genome propose(RandomStream& random) {
    Genome genome = proposer_.propose(random);
    restrict(genome, random);
    return genome;
  }

  /// Complexity: as `propose`.
  void reconstruct(Genome& genome, double progress, RandomStream& random) {
    proposer_.reconstruct(genome, progress, random);
    restrict(genome, random);
  }

  /// Complexity: as `propose`, for each of them.
  void reconstruct(std::span<Genome> genomes, double progress, RandomStream& random)
    requires PoolProposer<ProposerType, Space>
  {
    proposer_.reconstruct(genomes, progress, random);
    for (Genome& genome : genomes) restrict(genome, random);
  }

  /// Complexity: O(allowed).
  void observe(const Individual<Space>& individual, std::span<const double> fitness) {
    const Genome key = canonical_of<Space>(individual.genome);
    std::erase_if(waiting_, [&](const Allowed& each) { return Equal{}(each.key, key); });
    proposer_.observe(individual, fitness);
  }

 private:
  struct Allowed {
    GenomeBytes<Genome> bytes;
    Genome key;  // its canonical form
  };

  void restrict(Genome& genome, RandomStream& random) const {
    if (keys_.contains(canonical_of<Space>(genome))) return;
    const std::vector<Allowed>& candidates = waiting_.empty() ? allowed_ : waiting_;
    const GenomeBytes<Genome> bytes = to_bytes(genome);
    // Of equally near ones any may be the first.
    const std::size_t first = random.below(static_cast<std::uint32_t>(candidates.size()));
    std::size_t nearest = first, least = bytes.size() + 1;
    const auto look_at = [&](std::size_t begin, std::size_t end) {
      for (std::size_t place = begin; place < end && least > 1; ++place) {  // 0 is not among them
        const std::size_t different = distance(bytes, candidates[place].bytes);
        if (different < least) {
          nearest = place;
          least = different;
        }
      }
    };
    look_at(first, candidates.size());
    look_at(0, first);
    genome = from_bytes<Genome>(candidates[nearest].bytes);
  }

  static std::size_t distance(const GenomeBytes<Genome>& first, const GenomeBytes<Genome>& second) {
    std::size_t different = 0;
    for (std::size_t i = 0; i < first.size(); ++i) different += first[i] != second[i];
    return different;
  }

  ProposerType proposer_;
  std::unordered_set<Genome, Hash, Equal> keys_;
  std::vector<Allowed> allowed_, waiting_;  // all; those that were not observed yet
};

}  // namespace gptnas
