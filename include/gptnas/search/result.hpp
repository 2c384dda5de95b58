// What a search found.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/objective.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/print.hpp>

namespace gptnas {

/// An individual and what came of it.
template <class Space, class Trainer>
struct Evaluated : Individual<Space> {
  Outcome outcome;
  bool repeated = false;    ///< answered from memory: the genome had been evaluated before in the run
  double ranking_cost = 0;  ///< what the ranker spent to choose it, in the trainer's unit of cost

  /// First objective as fitness, larger is better; nothing if the evaluation failed.
  std::optional<double> fitness() const {
    const Measured* measured = outcome.measured();
    if (!measured) return std::nullopt;
    return Trainer::objectives[0].fitness(measured->objectives[0]);
  }
};

/// One line: objectives, metrics and genome, or why it failed. Who prints includes <ostream>.
template <class Space, class Trainer>
std::ostream& operator<<(std::ostream& stream, const Evaluated<Space, Trainer>& evaluated) {
  if (const Measured* measured = evaluated.outcome.measured()) {
    for (std::size_t i = 0; i < measured->objectives.size(); ++i) {
      stream << Trainer::objectives[i].name << '=' << measured->objectives[i] << ' ';
    }
    for (std::size_t i = 0; i < measured->metrics.size(); ++i) {
      stream << Trainer::metrics[i] << '=' << measured->metrics[i] << ' ';
    }
  } else {
    const auto* failed = evaluated.outcome.failed();
    stream << to_string(failed->kind) << " (" << failed->message << ") ";
  }
  return stream << print(evaluated.genome);
}

enum class StopReason : std::uint8_t { evaluations, seconds, proposals, stopped };

constexpr const char* to_string(StopReason reason) {
  switch (reason) {
    case StopReason::evaluations: return "all evaluations are done";
    case StopReason::seconds: return "the time is over";
    case StopReason::proposals: return "all proposals are made";
    case StopReason::stopped: return "the run was stopped";
  }
  return "unknown";
}

/// The history of a run, in the order of ids; after a stop request, ids of unfinished individuals are missing.
template <class Space, class Trainer>
struct SearchResult {
  using Entry = Evaluated<Space, Trainer>;

  std::vector<Entry> history;
  std::size_t evaluations = 0;  ///< calls of the trainer
  double seconds = 0;           ///< wall time
  StopReason reason = StopReason::evaluations;

  /// The entry of the best first objective, of equal ones the first. Complexity: O(history).
  ///
  /// @throws std::runtime_error if no evaluation succeeded.
  const Entry& best() const {
    const Entry* best = nullptr;
    for (const Entry& entry : history) {
      if (entry.fitness() && (!best || *entry.fitness() > *best->fitness())) best = &entry;
    }
    if (!best) throw std::runtime_error("SearchResult::best: none of the evaluations succeeded");
    return *best;
  }

  /// Up to `count` entries of different genomes, best first; of equal ones the best, and of canonically equal ones the
  /// first, where duplicates were recognised.
  std::vector<Entry> best(std::size_t count) const {
    std::vector<const Entry*> found;
    for (const Entry& entry : history) {
      if (entry.fitness() && !entry.repeated) found.push_back(&entry);
    }
    // Equal genomes side by side, the best one in front: a noisy trainer may give each another fitness.
    const auto order = [](const Entry* first, const Entry* second) {
      const auto bytes = to_bytes(first->genome), other = to_bytes(second->genome);
      return bytes < other || (bytes == other && *first->fitness() > *second->fitness());
    };
    const auto same = [](const Entry* first, const Entry* second) { return Equal{}(first->genome, second->genome); };
    std::stable_sort(found.begin(), found.end(), order);
    found.erase(std::unique(found.begin(), found.end(), same), found.end());
    std::sort(found.begin(), found.end(), [](const Entry* first, const Entry* second) {
      const double fitness = *first->fitness(), other = *second->fitness();
      return fitness > other || (fitness == other && first < second);
    });
    std::vector<Entry> entries;
    for (std::size_t place = 0; place < found.size() && place < count; ++place) entries.push_back(*found[place]);
    return entries;
  }
};

}  // namespace gptnas
