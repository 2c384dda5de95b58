// The loop that ties the policies together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/concepts/duplicate_policy.hpp>
#include <gptnas/concepts/executor.hpp>
#include <gptnas/concepts/observer.hpp>
#include <gptnas/concepts/proposer.hpp>
#include <gptnas/concepts/ranker.hpp>
#include <gptnas/concepts/space.hpp>
#include <gptnas/concepts/strategy.hpp>
#include <gptnas/concepts/trainer.hpp>
#include <gptnas/core/default_executor.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/inline_executor.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/measure.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/result_of.hpp>
#include <gptnas/core/stop_token.hpp>
#include <gptnas/core/stopwatch.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/proposers/no_ranker.hpp>
#include <gptnas/search/budget.hpp>
#include <gptnas/search/duplicate_policies.hpp>
#include <gptnas/search/result.hpp>

namespace gptnas {

struct SearchOptions {
  std::uint64_t seed = 1;
  /// The run's expected length, which decays follow; 0 is the budget's evaluations (without any: no decay).
  std::size_t expected_evaluations = 0;
  /// Most entries that the history keeps, the best ones without those that are repeated, so that a long run needs no
  /// more memory; 0 keeps all. One that comes in costs O(keep).
  std::size_t keep = 0;
};

/// One search: ask the strategy, reconstruct by the proposer, choose by the ranker, evaluate by the trainer, tell all
/// three.
///
/// The same seed gives the same history, whatever the executor: every draw comes from a stream keyed by (seed, id,
/// purpose); outcomes are told in the order of ids; what is asked depends on outcomes of earlier batches only. A budget
/// in seconds gives a prefix of that history.
///
/// @tparam SpaceType      see `Space`
/// @tparam ProposerType   see `Proposer`
/// @tparam TrainerType    see `Trainer`
/// @tparam StrategyType   see `Strategy`
/// @tparam ExecutorType   see `Executor`; by default as the trainer says
/// @tparam Duplicates     see `DuplicatePolicy`; genomes are the same if their canonical forms are
/// @tparam RankerType     see `Ranker`
template <class SpaceType, class ProposerType, class TrainerType, class StrategyType = GeneticAlgorithm<SpaceType>,
          class ExecutorType = DefaultExecutor<TrainerType>, class Duplicates = TellAgain, class RankerType = NoRanker>
class Search {
  static_assert(Space<SpaceType>,
                "gptnas::Search: the space must have a trivially copyable member type Genome; see "
                "docs/concepts.md#space");
  static_assert(Proposer<ProposerType, SpaceType>,
                "gptnas::Search: the proposer must have propose(random), reconstruct(genome, progress, random) and "
                "observe(individual, fitness); see docs/concepts.md#proposer");
  static_assert(Trainer<TrainerType, SpaceType>,
                "gptnas::Search: the trainer must have Outcome evaluate(individual, fidelity, random, stop) const, and "
                "static objectives and metrics; see docs/concepts.md#trainer");
  static_assert(std::size(TrainerType::objectives) >= 1,
                "gptnas::Search: the trainer must name at least one objective; see docs/concepts.md#trainer");
  static_assert(std::size(TrainerType::objectives) <= Measured::max_objectives &&
                    std::size(TrainerType::metrics) <= Measured::max_metrics,
                "gptnas::Search: the trainer may name up to 4 objectives and 8 metrics; see docs/concepts.md#trainer");
  static_assert(Strategy<StrategyType, SpaceType>,
                "gptnas::Search: the strategy must have ask(random), tell(individual, fitness), in_flight() and "
                "initial_evaluations(); see docs/concepts.md#strategy");
  static_assert(requires { sizeof(ExecutorType); },
                "gptnas::Search: include <gptnas/core/thread_executor.hpp>, or let the trainer name another "
                "DefaultExecutor; see docs/concepts.md#executor");
  static_assert(Executor<ExecutorType>,
                "gptnas::Search: the executor must have for_each(count, work); see docs/concepts.md#executor");
  static_assert(DuplicatePolicy<Duplicates>,
                "gptnas::Search: the duplicate policy must have DuplicateAction action(attempt) const and a static "
                "member remembers; see docs/concepts.md#duplicate-policy");
  static_assert(Ranker<RankerType, SpaceType>,
                "gptnas::Search: the ranker must have pool() const, score(genomes, scores) and observe(individual, "
                "fitness); see docs/concepts.md#ranker");

 public:
  using Genome = typename SpaceType::Genome;
  using Entry = Evaluated<SpaceType, TrainerType>;
  using Result = SearchResult<SpaceType, TrainerType>;

  /// @param proposer, trainer  must outlive the search.
  Search(SearchOptions options, ProposerType& proposer, const TrainerType& trainer, StrategyType strategy = {},
         ExecutorType executor = {}, Duplicates duplicates = {}, RankerType ranker = {})
      : options_(options),
        proposer_(proposer),
        trainer_(trainer),
        strategy_(std::move(strategy)),
        executor_(std::move(executor)),
        duplicates_(duplicates),
        ranker_(std::move(ranker)) {}
  Search(SearchOptions, ProposerType&, const TrainerType&&, StrategyType = {}, ExecutorType = {}, Duplicates = {},
         RankerType = {}) = delete;

  /// Runs from the start; the proposer keeps what it has learned before.
  ///
  /// @param observer  called after each evaluation, see `Observer`.
  /// @param stop      a `StopToken` that the trainer takes; a request ends the run with all that is done.
  /// @throws std::invalid_argument if the budget has neither evaluations nor seconds, or fewer evaluations than the
  ///   strategy needs at first; and what a policy other than the trainer throws: then only the observer has what was
  ///   done.
  template <class ObserverType = NoObserver, class Stop = NeverStop>
  Result run(const Budget& budget, ObserverType&& observer = {}, const Stop& stop = {}) {
    static_assert(Observer<std::remove_cvref_t<ObserverType>, Entry>,
                  "gptnas::Search: the observer must have observe(evaluated, progress); see docs/concepts.md#observer");
    static_assert(StopToken<Stop>,
                  "gptnas::Search: the stop token must have bool stop_requested() const; see "
                  "docs/concepts.md#stop-token");
    static_assert(requires(const Individual<SpaceType>& individual, RandomStream& random) {
                    { trainer_.evaluate(individual, 1.0, random, stop) } -> std::same_as<Outcome>;
                  }, "gptnas::Search: the trainer must take the run's stop token; see docs/concepts.md#stop-token");
    check(budget);
    Run<Stop> run(*this, budget, stop);
    while (run.next_batch()) {
      run.evaluate(observer);
      run.tell();
    }
    return run.finish();
  }

 private:
  // A genome's outcome, once it is told.
  using Memory = std::optional<Outcome>;

  // A place in a batch: an individual, and what comes of it. It is made where it stays: a copy costs a part of a fast
  // run.
  struct Candidate {
    Candidate(StrategyType& strategy, RandomStream& random) : individual(strategy.ask(random)) {}
    explicit Candidate(const Individual<SpaceType>& chosen) : individual(chosen) {}

    std::optional<Individual<SpaceType>> individual;
    const Memory* known = nullptr;  // of the same genome, where the individual is not evaluated
    Memory* memory = nullptr;       // where its outcome is kept for others, if they may ask
    std::optional<Outcome> outcome;
    double ranking_cost = 0;
  };

  // What a ranker chooses from.
  struct Pool {
    std::vector<Individual<SpaceType>> individuals;
    std::vector<Genome> genomes;
    std::vector<double> scores;
  };
  struct NoPool {};

  // One run's state.
  template <StopToken Stop>
  class Run {
   public:
    Run(Search& search, const Budget& budget, const Stop& stop)
        : search_(search), budget_(budget), stop_(stop), strategy_(search.strategy_), ranker_(search.ranker_) {
      expected_ = search.options_.expected_evaluations ? search.options_.expected_evaluations : budget.evaluations;
    }

    // Asks for the individuals of the next batch; false when the run is over.
    bool next_batch() {
      asked_ = 0;
      to_evaluate_.clear();
      const double progress =
          expected_ == 0 ? 0 : std::min(1.0, static_cast<double>(result_.evaluations) / static_cast<double>(expected_));
      const std::size_t size = strategy_.in_flight();
      if (batch_.size() < size) batch_ = std::vector<std::optional<Candidate>>(size);
      const std::size_t proposals = most_proposals(size);
      while (asked_ < size) {
        if (stopping_) return false;
        if (budget_.evaluations != 0 && result_.evaluations + to_evaluate_.size() == budget_.evaluations) {
          result_.reason = StopReason::evaluations;
          break;
        }
        if (told_ + asked_ >= proposals) {
          result_.reason = StopReason::proposals;
          break;
        }
        if (must_stop()) {
          note_stop();
          return false;
        }
        add_candidate(progress);
      }
      return asked_ != 0;
    }

    template <class ObserverType>
    void evaluate(ObserverType& observer) {
      search_.executor_.for_each(to_evaluate_.size(), [&](std::size_t index) {
        if (must_stop()) return;
        Candidate& candidate = *batch_[to_evaluate_[index]];
        RandomStream random(search_.options_.seed, candidate.individual->id, Purpose::evaluate);
        gptnas::measure(search_.trainer_, *candidate.individual, 1.0, random, stop_, candidate.outcome);
        const Failed* const failed = candidate.outcome->failed();
        if (failed && failed->kind == FailureKind::interrupted && stop_.stop_requested()) {
          candidate.outcome.reset();
          return;
        }
        if constexpr (!std::is_same_v<std::remove_cvref_t<ObserverType>, NoObserver>) {
          const std::lock_guard lock(observing_);
          notify(observer, {*candidate.individual, *candidate.outcome});
        }
      });
    }

    // Tells the outcomes in order. One is missing if the run was stopped first: after a stop request the others are
    // told, so that nothing is lost; after the seconds of the budget none behind it, so that the history is a prefix.
    void tell() {
      for (std::size_t place = 0; place < asked_; ++place) {
        Candidate& candidate = *batch_[place];
        const bool repeated = candidate.known != nullptr;
        const Memory& outcome = repeated ? *candidate.known : candidate.outcome;
        if (!outcome) {
          stopping_ = true;
          note_stop();
          if (result_.reason == StopReason::stopped) continue;
          return;
        }
        if (!repeated) ++result_.evaluations;
        if (candidate.memory) candidate.memory->emplace(*outcome);
        InlineVector<double, Measured::max_objectives> fitness;
        if (const Measured* measured = outcome->measured()) {
          for (std::size_t i = 0; i < measured->objectives.size(); ++i) {
            fitness.push_back(TrainerType::objectives[i].fitness(measured->objectives[i]));
          }
        }
        const std::span<const double> told(fitness.data(), fitness.size());
        strategy_.tell(*candidate.individual, told);
        search_.proposer_.observe(*candidate.individual, told);
        ranker_.observe(*candidate.individual, told);
        ++told_;
        keep(candidate, *outcome, fitness.empty() ? std::nullopt : std::optional(fitness[0]));
      }
    }

    Result finish() {
      result_.seconds = stopwatch_.seconds();
      return std::move(result_);
    }

   private:
    bool must_stop() const {
      return stop_.stop_requested() || (budget_.seconds > 0 && stopwatch_.seconds() >= budget_.seconds);
    }

    void note_stop() { result_.reason = stop_.stop_requested() ? StopReason::stopped : StopReason::seconds; }

    // Individuals that may be asked for up to the end of a batch. Without a number of evaluations the limit grows with
    // those that are done, and a batch is whole or not begun: the history stays a prefix of a longer run's.
    std::size_t most_proposals(std::size_t batch) const {
      if (budget_.proposals != 0) return budget_.proposals;
      if (budget_.evaluations != 0) return 30 * std::min(budget_.evaluations, ~std::size_t{0} / 30);
      return told_ < 30 * std::max(result_.evaluations, batch) ? told_ + batch : told_;
    }

    void add_candidate(double progress) {
      const std::uint64_t id = told_ + asked_;
      const std::uint64_t seed = search_.options_.seed;
      RandomStream recombine(seed, id, Purpose::recombine);
      RandomStream reconstruct(seed, id, Purpose::reconstruct);
      RandomStream propose(seed, id, Purpose::propose);
      const double spent = spent_by(ranker_);
      for (std::size_t attempt = 0;; ++attempt) {
        Candidate& candidate = choose(recombine, reconstruct, propose, progress);
        candidate.individual->id = id;
        candidate.ranking_cost = spent_by(ranker_) - spent;
        if constexpr (Duplicates::remembers) {
          const auto [place, fresh] = memories_.try_emplace(canonical_of<SpaceType>(candidate.individual->genome));
          if (fresh) {
            candidate.memory = &place->second;
          } else {
            const DuplicateAction action = search_.duplicates_.action(attempt);
            if (action == DuplicateAction::redraw) {
              --asked_;
              continue;
            }
            if (action == DuplicateAction::tell_again) candidate.known = &place->second;
          }
        }
        if (!candidate.known) to_evaluate_.push_back(asked_ - 1);
        return;
      }
    }

    // A new place in the batch, for the best of a pool of individuals.
    Candidate& choose(RandomStream& recombine, RandomStream& reconstruct, RandomStream& propose, double progress) {
      if constexpr (std::is_same_v<RankerType, NoRanker>) {
        return ask(recombine, reconstruct, propose, progress);
      } else {
        const std::size_t size = ranker_.pool();
        if (size == 1) return ask(recombine, reconstruct, propose, progress);
        auto& [individuals, genomes, scores] = pool_;
        ask_pool(size, recombine, reconstruct, propose, progress);
        if constexpr (Duplicates::remembers) leave_out_known(individuals);
        genomes.clear();
        for (const Individual<SpaceType>& individual : individuals) genomes.push_back(individual.genome);
        scores.resize(individuals.size());
        ranker_.score(std::span<const Genome>(genomes), std::span<double>(scores));
        const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
        return batch_[asked_++].emplace(individuals[static_cast<std::size_t>(best)]);
      }
    }

    // Of what was not asked before, each genome once; all as it is if there is nothing new.
    void leave_out_known(std::vector<Individual<SpaceType>>& pool) const {
      std::vector<Individual<SpaceType>> fresh;
      std::unordered_set<Genome, Hash, Equal> met;
      for (const Individual<SpaceType>& each : pool) {
        const Genome key = canonical_of<SpaceType>(each.genome);
        if (!memories_.contains(key) && met.insert(key).second) fresh.push_back(each);
      }
      if (!fresh.empty()) pool.swap(fresh);
    }

    // Fills the pool.
    void ask_pool(std::size_t size, RandomStream& recombine, RandomStream& reconstruct, RandomStream& propose,
                  double progress) {
      constexpr bool together = PoolProposer<ProposerType, SpaceType>;
      auto& [individuals, genomes, scores] = pool_;
      individuals.clear();
      genomes.clear();
      std::vector<std::size_t> offspring;  // places in the pool
      for (; individuals.size() < size; --asked_) {
        if constexpr (together) {
          Candidate& candidate = batch_[asked_++].emplace(strategy_, recombine);
          if (candidate.individual) {
            offspring.push_back(individuals.size());
            genomes.push_back(candidate.individual->genome);
          } else {
            candidate.individual.emplace().genome = search_.proposer_.propose(propose);
          }
          individuals.push_back(*candidate.individual);
        } else {
          individuals.push_back(*ask(recombine, reconstruct, propose, progress).individual);
        }
      }
      if constexpr (together) {
        search_.proposer_.reconstruct(std::span<Genome>(genomes), progress, reconstruct);
        for (std::size_t i = 0; i < offspring.size(); ++i) individuals[offspring[i]].genome = genomes[i];
      }
    }

    static double spent_by(const RankerType& ranker) {
      if constexpr (requires { ranker.spent(); }) {
        return ranker.spent();
      } else {
        return 0;
      }
    }

    // A new place in the batch.
    Candidate& ask(RandomStream& recombine, RandomStream& reconstruct, RandomStream& propose, double progress) {
      Candidate& candidate = batch_[asked_++].emplace(strategy_, recombine);
      if (candidate.individual) {
        search_.proposer_.reconstruct(candidate.individual->genome, progress, reconstruct);
      } else {
        candidate.individual.emplace().genome = search_.proposer_.propose(propose);
      }
      return candidate;
    }

    // Puts an individual into the history, or where that is bounded, if it is not repeated and better than the worst
    // one, which then leaves.
    void keep(const Candidate& candidate, const Outcome& outcome, const std::optional<double>& fitness) {
      std::vector<Entry>& history = result_.history;
      const std::size_t limit = search_.options_.keep;
      if (limit != 0 && candidate.known) return;
      if (limit != 0 && history.size() == limit) {
        if (!(fitness > history[worst_].fitness())) return;  // of equal ones the first stays
        history.erase(history.begin() + static_cast<std::ptrdiff_t>(worst_));
      }
      history.emplace_back(ResultOf([&] {
        return Entry{*candidate.individual, outcome, candidate.known != nullptr, candidate.ranking_cost};
      }));
      if (history.size() != limit) return;
      worst_ = 0;
      for (std::size_t place = 1; place < limit; ++place) {
        if (history[place].fitness() <= history[worst_].fitness()) worst_ = place;
      }
    }

    template <class ObserverType>
    void notify(ObserverType& observer, const Entry& entry) {
      ++observed_;
      const auto fitness = entry.fitness();
      if (fitness && (!best_fitness_ || *fitness > *best_fitness_)) {
        best_fitness_ = fitness;
        best_ = entry.outcome.measured()->objectives[0];
      }
      observer.observe(entry,
                       SearchProgress{observed_, budget_.evaluations, stopwatch_.seconds(), budget_.seconds, best_});
    }

    Search& search_;
    Budget budget_;
    const Stop& stop_;
    StrategyType strategy_;
    RankerType ranker_;
    std::size_t expected_ = 0;
    Stopwatch stopwatch_;
    Result result_;
    bool stopping_ = false;
    std::vector<std::optional<Candidate>> batch_;  // the first `asked_` places are the present one's
    std::size_t asked_ = 0;
    std::vector<std::size_t> to_evaluate_;  // places in the batch
    std::conditional_t<std::is_same_v<RankerType, NoRanker>, NoPool, Pool> pool_;
    std::size_t told_ = 0;                                      // individuals
    std::size_t worst_ = 0;                                     // place in a full history
    std::unordered_map<Genome, Memory, Hash, Equal> memories_;  // by canonical genome
    std::mutex observing_;
    std::size_t observed_ = 0;
    std::optional<double> best_fitness_, best_;
  };

  void check(const Budget& budget) const {
    if (!(budget.seconds >= 0)) throw invalid_value("Budget::seconds", budget.seconds, "at least 0");
    if (budget.evaluations == 0 && budget.seconds == 0) {
      throw invalid_value("Budget::evaluations", budget.evaluations, "at least 1 where seconds is 0");
    }
    const std::size_t least = strategy_.initial_evaluations();
    if (budget.evaluations != 0 && budget.evaluations < least) {
      throw invalid_value("Budget::evaluations", budget.evaluations,
                          joined({"at least ", least, ", the strategy's first individuals"}));
    }
  }

  SearchOptions options_;
  ProposerType& proposer_;
  const TrainerType& trainer_;
  StrategyType strategy_;
  ExecutorType executor_;
  Duplicates duplicates_;
  RankerType ranker_;
};

}  // namespace gptnas
