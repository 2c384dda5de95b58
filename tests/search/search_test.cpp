// The loop: determinism, budgets, duplicates, failures, stop requests.
#include <gtest/gtest.h>

#include <csignal>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gptnas/core/thread_executor.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/random_search.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>
#include <gptnas/search/interrupt.hpp>
#include <gptnas/search/search.hpp>

namespace search_test {

using namespace gptnas;

struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block, (Choice<0, 1, 2>, kind), (Choice<0, 1, 2, 3>, width));
};
struct Chain {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Sequence<Block, 2, 6>, blocks));
  };
};
// All genomes of the same length are the same.
struct ByLength : Chain {
  static Genome canonical(const Genome& genome) {
    Genome representative;
    representative.blocks.resize(genome.blocks.size());
    return representative;
  }
};

// Counts its calls; the value is the sum of the genes. What `sabotage` says goes wrong.
struct SumTrainer {
  static constexpr std::array objectives{Objective{"sum", Direction::maximize}};
  static constexpr std::array<std::string_view, 1> metrics{"length"};

  enum class Sabotage { none, throws, not_a_number, two_objectives, two_metrics } sabotage = Sabotage::none;
  bool dawdles = false;
  bool every_time = false;
  std::atomic<std::size_t>* calls = nullptr;

  template <class Space>
  Outcome evaluate(const Individual<Space>& individual, double fidelity, RandomStream& random, std::stop_token) const {
    EXPECT_EQ(fidelity, 1.0);
    if (calls) ++*calls;
    // Later individuals are done earlier.
    if (dawdles) std::this_thread::sleep_for(std::chrono::microseconds(individual.id % 2 == 0 ? 900 : 50));
    const bool bad = every_time || individual.genome.blocks[0].kind == 1;
    double sum = 0.01 * random.uniform();
    for (std::size_t gene = 0; gene < gene_count(individual.genome); ++gene) {
      sum += static_cast<double>(gene_value(individual.genome, gene));
    }
    Measured measured{{sum}, {static_cast<double>(individual.genome.blocks.size())}, 1};
    if (bad && sabotage == Sabotage::throws) throw std::runtime_error("no such luck");
    if (bad && sabotage == Sabotage::not_a_number) measured.objectives[0] = std::nan("");
    if (bad && sabotage == Sabotage::two_objectives) measured.objectives.push_back(1);
    if (bad && sabotage == Sabotage::two_metrics) measured.metrics.push_back(1);
    return measured;
  }
};

template <class Entries>
std::string text(const Entries& history) {
  std::ostringstream stream;
  for (const auto& entry : history) {
    stream << entry.id << ' ' << entry << (entry.repeated ? " repeated" : "");
    for (const std::uint64_t parent : entry.parents) stream << " <" << parent;
    stream << '\n';
  }
  return stream.str();
}

using Genetic = GeneticAlgorithm<Chain>;

template <class Proposer, class Executor>
std::string history(Executor executor, const Budget& budget = {.evaluations = 60}, std::uint64_t seed = 7) {
  Proposer proposer;
  const SumTrainer trainer{.dawdles = true};
  Search<Chain, Proposer, SumTrainer, Genetic, Executor> search{
      {.seed = seed, .expected_evaluations = 60}, proposer, trainer, Genetic{{.population = 10}}, executor};
  return text(search.run(budget).history);
}

TEST(Search, TheSameSeedGivesTheSameHistoryWhateverTheThreads) {
  const std::string expected = history<UniformProposer<Chain>>(InlineExecutor{});
  EXPECT_EQ(history<UniformProposer<Chain>>(ThreadExecutor(1)), expected);
  EXPECT_EQ(history<UniformProposer<Chain>>(ThreadExecutor(2)), expected);
  EXPECT_EQ(history<UniformProposer<Chain>>(ThreadExecutor(5)), expected);
  EXPECT_NE(history<UniformProposer<Chain>>(InlineExecutor{}, {.evaluations = 60}, 8), expected);
}

TEST(Search, ALearningGptIsDeterministicToo) {
  EXPECT_EQ(history<GptProposer<Chain>>(ThreadExecutor(1)), history<GptProposer<Chain>>(ThreadExecutor(2)));
}

// Two threads dawdle for half a second at least over the whole of it.
TEST(Search, ABudgetInSecondsGivesAPrefix) {
  const std::string whole = history<UniformProposer<Chain>>(InlineExecutor{}, {.evaluations = 2000});
  const std::string part = history<UniformProposer<Chain>>(ThreadExecutor(2), {.seconds = 0.2});
  EXPECT_GT(part.size(), 0u);
  EXPECT_LT(part.size(), whole.size());
  EXPECT_EQ(whole.substr(0, part.size()), part);
}

template <class Duplicates, class Space = Chain, class Strategy = GeneticAlgorithm<Space>>
auto run_counted(std::size_t& calls, const Budget& budget, SumTrainer trainer = {}) {
  std::atomic<std::size_t> counter = 0;
  trainer.calls = &counter;
  NoProposer<Space> proposer;
  Search<Space, NoProposer<Space>, SumTrainer, Strategy, ThreadExecutor, Duplicates> search{
      {.seed = 3}, proposer, trainer, Strategy{{.population = 10}}, ThreadExecutor(2)};
  auto result = search.run(budget);
  calls = counter;
  return result;
}

TEST(Search, TheTrainerIsCalledAsOftenAsTheBudgetSays) {
  for (const std::size_t evaluations : {10u, 11u, 33u, 100u}) {
    std::size_t calls = 0;
    const auto result = run_counted<TellAgain>(calls, {.evaluations = evaluations});
    EXPECT_EQ(calls, evaluations);
    EXPECT_EQ(result.evaluations, evaluations);
    EXPECT_EQ(result.reason, StopReason::evaluations);
    EXPECT_EQ(result.history.size(), evaluations + static_cast<std::size_t>(std::count_if(
                                                       result.history.begin(), result.history.end(),
                                                       [](const auto& entry) { return entry.repeated; })));
  }
}

TEST(TellAgain, ARepeatedGenomeGetsTheKnownOutcome) {
  std::size_t calls = 0;
  const auto result = run_counted<TellAgain>(calls, {.evaluations = 200});
  std::map<std::string, double> known;
  std::size_t repeated = 0;
  for (const auto& entry : result.history) {
    const auto [place, fresh] = known.emplace(print(entry.genome), *entry.fitness());
    EXPECT_EQ(fresh, !entry.repeated);
    EXPECT_EQ(place->second, *entry.fitness());
    repeated += entry.repeated;
  }
  EXPECT_GT(repeated, 0u);
}

TEST(TellAgain, TheCanonicalFormIsTheKey) {
  std::size_t calls = 0;
  const auto result = run_counted<TellAgain, ByLength>(calls, {.evaluations = 50});
  EXPECT_EQ(calls, 5u);  // lengths 2 to 6
  EXPECT_EQ(result.reason, StopReason::proposals);
  EXPECT_EQ(result.history.size(), 50u * 30u);
}

TEST(Redraw, FewerGenomesRepeat) {
  std::size_t calls = 0;
  const auto told = run_counted<TellAgain>(calls, {.evaluations = 200});
  const auto drawn = run_counted<Redraw>(calls, {.evaluations = 200});
  EXPECT_LT(drawn.history.size(), told.history.size());
}

TEST(Ignore, EveryGenomeIsEvaluated) {
  std::size_t calls = 0;
  const auto result = run_counted<Ignore, ByLength>(calls, {.evaluations = 50});
  EXPECT_EQ(calls, 50u);
  EXPECT_EQ(result.history.size(), 50u);
}

TEST(Search, ProposalsAreABudgetToo) {
  std::size_t calls = 0;
  const auto result = run_counted<TellAgain>(calls, {.evaluations = 100, .proposals = 25});
  EXPECT_EQ(result.history.size(), 25u);
  EXPECT_EQ(result.reason, StopReason::proposals);
}

// Five lengths: a run with a day of time ends when there is nothing new.
TEST(Search, ASpaceThatIsUsedUpEndsARunInSeconds) {
  std::size_t calls = 0;
  const auto result = run_counted<TellAgain, ByLength>(calls, {.seconds = 86400});
  EXPECT_EQ(calls, 5u);
  EXPECT_EQ(result.reason, StopReason::proposals);
  EXPECT_EQ(result.history.size(), 30u * 10);  // the population is larger than what was evaluated
}

// With populations that do not divide what a run may ask for, it ends between two of them.
TEST(Search, ARunInSecondsOfASpaceThatIsUsedUpIsAPrefix) {
  for (const std::size_t population : {4u, 7u, 11u, 20u}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const auto run = [&](const Budget& budget) {
        NoProposer<ByLength> proposer;
        const SumTrainer trainer;
        using Strategy = GeneticAlgorithm<ByLength>;
        Search<ByLength, NoProposer<ByLength>, SumTrainer, Strategy> search{
            {.seed = seed}, proposer, trainer, Strategy{{.population = population}}};
        return search.run(budget).history;
      };
      const auto part = run({.seconds = 86400});
      EXPECT_EQ(part.size() % population, 0u);
      const std::string whole = text(run({.evaluations = 1000})), its_text = text(part);
      EXPECT_EQ(whole.substr(0, its_text.size()), its_text) << population << ' ' << seed;
    }
  }
}

TEST(Search, FailuresAreDataAndTheRunGoesOn) {
  for (const auto sabotage : {SumTrainer::Sabotage::throws, SumTrainer::Sabotage::not_a_number,
                              SumTrainer::Sabotage::two_objectives, SumTrainer::Sabotage::two_metrics}) {
    std::size_t calls = 0;
    const auto result = run_counted<TellAgain>(calls, {.evaluations = 80}, {.sabotage = sabotage});
    EXPECT_EQ(result.evaluations, 80u);
    std::set<std::uint64_t> failed;
    for (const auto& entry : result.history) {
      EXPECT_EQ(entry.outcome.failed() != nullptr, entry.genome.blocks[0].kind == 1);
      if (const Failed* failure = entry.outcome.failed()) {
        failed.insert(entry.id);
        EXPECT_EQ(failure->kind, sabotage == SumTrainer::Sabotage::not_a_number ? FailureKind::diverged
                                                                                : FailureKind::threw);
        EXPECT_FALSE(failure->message.empty());
      }
      for (const std::uint64_t parent : entry.parents) EXPECT_FALSE(failed.contains(parent));
    }
    EXPECT_FALSE(failed.empty());
    EXPECT_TRUE(result.best().fitness());
  }
}

TEST(Search, IfEverythingFailsThereIsNoBest) {
  std::size_t calls = 0;
  const auto result = run_counted<TellAgain>(
      calls, {.evaluations = 30}, {.sabotage = SumTrainer::Sabotage::throws, .every_time = true});
  EXPECT_EQ(result.evaluations, 30u);
  EXPECT_THROW(result.best(), std::runtime_error);
  EXPECT_TRUE(result.best(5).empty());
}

TEST(Search, RefusesBudgetsThatAreNone) {
  std::size_t calls = 0;
  const auto message = [&](const Budget& budget) -> std::string {
    try {
      run_counted<TellAgain>(calls, budget);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message({}), "Budget::evaluations is 0; expected at least 1 where seconds is 0");
  EXPECT_EQ(message({.evaluations = 9}), "Budget::evaluations is 9; expected at least 10, the strategy's first individuals");
  EXPECT_EQ(message({.evaluations = 90, .seconds = -1}), "Budget::seconds is -1; expected at least 0");
  EXPECT_THROW(ThreadExecutor(0), std::invalid_argument);
}

TEST(Result, TheBestAreDifferentGenomesInOrder) {
  std::size_t calls = 0;
  const auto result = run_counted<TellAgain>(calls, {.evaluations = 100});
  const auto best = result.best(5);
  ASSERT_EQ(best.size(), 5u);
  EXPECT_EQ(*best[0].fitness(), *result.best().fitness());
  std::set<std::string> genomes;
  for (std::size_t i = 0; i < best.size(); ++i) {
    genomes.insert(print(best[i].genome));
    EXPECT_LE(*best[i].fitness(), *best[i > 0 ? i - 1 : 0].fitness());
  }
  EXPECT_EQ(genomes.size(), 5u);
}

// Twelve genomes.
struct Few {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Sequence<Block, 1, 1>, blocks));
  };
};

// Under `Ignore` each genome is measured again and again, each time with another noise.
TEST(Result, OfEqualGenomesTheBestIsMeant) {
  NoProposer<Few> proposer;
  const SumTrainer trainer;
  Search<Few, NoProposer<Few>, SumTrainer, RandomSearch<Few>, InlineExecutor, Ignore> search{
      {.seed = 1}, proposer, trainer};
  const auto result = search.run({.evaluations = 500});
  std::map<std::string, double> expected;
  for (const auto& entry : result.history) {
    double& best = expected[print(entry.genome)];
    best = std::max(best, *entry.fitness());
  }
  const auto best = result.best(500);
  ASSERT_EQ(best.size(), 12u);
  EXPECT_EQ(best[0].id, result.best().id);
  for (const auto& entry : best) EXPECT_EQ(*entry.fitness(), expected.at(print(entry.genome)));
  EXPECT_TRUE(std::is_sorted(best.begin(), best.end(), [](const auto& first, const auto& second) {
    return *first.fitness() > *second.fitness();
  }));
}

template <class Duplicates>
auto run_keeping(std::size_t keep, SumTrainer::Sabotage sabotage) {
  NoProposer<Chain> proposer;
  const SumTrainer trainer{.sabotage = sabotage};
  Search<Chain, NoProposer<Chain>, SumTrainer, Genetic, ThreadExecutor, Duplicates> search{
      {.seed = 3, .keep = keep}, proposer, trainer, Genetic{{.population = 10}}, ThreadExecutor(2)};
  return search.run({.evaluations = 200});
}

// The history of a run that keeps the best is the best of that of a run that keeps all, without repeated individuals.
template <class Duplicates>
void expect_best_of_all() {
  for (const auto sabotage : {SumTrainer::Sabotage::none, SumTrainer::Sabotage::throws}) {
    const auto all = run_keeping<Duplicates>(0, sabotage);
    for (const std::size_t keep : {std::size_t{1}, std::size_t{7}, std::size_t{150}, all.history.size() + 1}) {
      auto expected = all.history;
      std::erase_if(expected, [](const auto& entry) { return entry.repeated; });
      std::stable_sort(expected.begin(), expected.end(),
                       [](const auto& first, const auto& second) { return first.fitness() > second.fitness(); });
      if (expected.size() > keep) expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(keep), expected.end());
      std::sort(expected.begin(), expected.end(), [](const auto& first, const auto& second) { return first.id < second.id; });
      const auto best = run_keeping<Duplicates>(keep, sabotage);
      EXPECT_EQ(text(best.history), text(expected)) << keep;
      EXPECT_EQ(best.evaluations, all.evaluations);
      EXPECT_EQ(best.best().id, all.best().id);
      if constexpr (Duplicates::remembers) {
        EXPECT_EQ(text(best.best(keep)), text(all.best(keep))) << keep;
      }
    }
  }
}

TEST(Search, KeepsTheBestWhereItsHistoryIsBounded) {
  expect_best_of_all<TellAgain>();
  expect_best_of_all<Redraw>();
  expect_best_of_all<Ignore>();
}

TEST(RegularizedEvolution, RunsThroughTheSearch) {
  std::size_t calls = 0;
  const auto result = run_counted<TellAgain, Chain, RegularizedEvolution<Chain>>(calls, {.evaluations = 200});
  EXPECT_EQ(calls, 200u);
  EXPECT_GT(*result.best().fitness(), 20);
}

struct Recorder {
  std::vector<SearchProgress> seen;
  template <class Entry>
  void observe(const Entry& entry, const SearchProgress& progress) {
    EXPECT_TRUE(entry.outcome.measured());
    seen.push_back(progress);
  }
};

TEST(Observer, SeesEveryEvaluationAndTheBestSoFar) {
  NoProposer<Chain> proposer;
  const SumTrainer trainer{.dawdles = true};
  Search<Chain, NoProposer<Chain>, SumTrainer> search{{.seed = 1}, proposer, trainer};
  Recorder recorder;
  const auto result = search.run({.evaluations = 40}, recorder);
  ASSERT_EQ(recorder.seen.size(), 40u);
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(recorder.seen[i].evaluations, i + 1);
    EXPECT_GE(*recorder.seen[i].best, *recorder.seen[i > 0 ? i - 1 : 0].best);
  }
  EXPECT_EQ(*recorder.seen.back().best, *result.best().fitness());
}

// Asks for a stop after some evaluations.
struct Stopper {
  std::size_t after;
  void (*stop)(std::stop_source&);
  std::stop_source& source;
  template <class Entry>
  void observe(const Entry&, const SearchProgress& progress) {
    if (progress.evaluations == after) stop(source);
  }
};

TEST(Search, AStopRequestEndsTheRunWithWhatIsDone) {
  NoProposer<Chain> proposer;
  const SumTrainer trainer;
  Search<Chain, NoProposer<Chain>, SumTrainer, GeneticAlgorithm<Chain>, InlineExecutor, Ignore> search{
      {.seed = 1}, proposer, trainer};
  const auto whole = search.run({.evaluations = 100});
  std::stop_source source;
  const auto result = search.run(
      {.evaluations = 100}, Stopper{25, [](std::stop_source& stop) { stop.request_stop(); }, source}, source.get_token());
  EXPECT_EQ(result.reason, StopReason::stopped);
  EXPECT_EQ(result.evaluations, 25u);  // with threads, what is unfinished at that moment is missing
  const std::string part = text(result.history);
  EXPECT_EQ(text(whole.history).substr(0, part.size()), part);
}

TEST(Search, AnEnormousBudgetIsNoSmallOne) {
  NoProposer<Chain> proposer;
  const SumTrainer trainer;
  Search<Chain, NoProposer<Chain>, SumTrainer, GeneticAlgorithm<Chain>, InlineExecutor, Ignore> search{
      {.seed = 1}, proposer, trainer};
  for (const std::size_t evaluations : {std::numeric_limits<std::size_t>::max() / 2 + 1,
                                        std::numeric_limits<std::size_t>::max()}) {
    std::stop_source source;
    const auto result = search.run({.evaluations = evaluations},
                                   Stopper{25, [](std::stop_source& stop) { stop.request_stop(); }, source},
                                   source.get_token());
    EXPECT_EQ(result.reason, StopReason::stopped);
    EXPECT_EQ(result.evaluations, 25u);
  }
}

// The third individual is unfinished until the run is stopped.
struct Waiting {
  static constexpr std::array objectives{Objective{"id", Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};

  Outcome evaluate(const Individual<Chain>& individual, double, RandomStream&, std::stop_token stop) const {
    while (individual.id == 2 && !stop.stop_requested()) std::this_thread::yield();
    if (individual.id == 2) return Failed{FailureKind::interrupted, "stopped"};
    return Measured{{static_cast<double>(individual.id)}, {}, 1};
  }
};

TEST(Search, AnInterruptionThatNobodyAskedForIsAFailure) {
  struct Interrupting : Waiting {
    Outcome evaluate(const Individual<Chain>& individual, double, RandomStream&, std::stop_token) const {
      if (individual.id % 3 == 2) return Failed{FailureKind::interrupted, "its own time is over"};
      return Measured{{static_cast<double>(individual.id)}, {}, 1};
    }
  };
  NoProposer<Chain> proposer;
  const Interrupting trainer;
  Search<Chain, NoProposer<Chain>, Interrupting, RandomSearch<Chain>, InlineExecutor, Ignore> search{
      {.seed = 1}, proposer, trainer, {.batch = 10}};
  const auto result = search.run({.evaluations = 30});
  EXPECT_EQ(result.reason, StopReason::evaluations);
  ASSERT_EQ(result.history.size(), 30u);
  for (const auto& entry : result.history) {
    const Failed* failed = entry.outcome.failed();
    EXPECT_EQ(failed ? failed->message : "", entry.id % 3 == 2 ? "its own time is over" : "");
  }
}

// A token of one's own: what ends a run need not be std::stop_token.
struct Flag {
  const bool& raised;
  bool stop_requested() const { return raised; }
};

// Raises the flag at the thirteenth individual.
struct Obedient : Waiting {
  template <StopToken Stop>
  Outcome evaluate(const Individual<Chain>& individual, double, RandomStream&, const Stop& stop) const {
    if (individual.id == 12) *raised = true;
    if (stop.stop_requested()) return Failed{FailureKind::interrupted, "stopped"};
    return Measured{{static_cast<double>(individual.id)}, {}, 1};
  }
  bool* raised;
};

TEST(Search, TheTrainerGetsTheRunsOwnTokenOfAnyType) {
  NoProposer<Chain> proposer;
  bool raised = false;
  Obedient trainer;
  trainer.raised = &raised;
  Search<Chain, NoProposer<Chain>, Obedient, RandomSearch<Chain>, InlineExecutor, Ignore> search{
      {.seed = 1}, proposer, trainer, {.batch = 10}};
  const auto result = search.run({.evaluations = 30}, NoObserver{}, Flag{raised});
  EXPECT_EQ(result.reason, StopReason::stopped);
  EXPECT_EQ(result.history.size(), 12u);
  // It is raised still, but a run without a token is not stopped.
  EXPECT_EQ(search.run({.evaluations = 30}).history.size(), 30u);
}

TEST(NeverStop, IsNeverRequestedAsAnyToken) {
  const std::stop_token token = NeverStop{};
  EXPECT_FALSE(token.stop_possible());
  EXPECT_FALSE(NeverStop{}.stop_requested());
  static_assert(!std::is_convertible_v<NeverStop, bool>);
  static_assert(!std::is_convertible_v<NeverStop, Flag>);  // whose flag?
}

TEST(Search, AStopRequestWhileTheLastIsEvaluatedChangesNothing) {
  NoProposer<Chain> proposer;
  const SumTrainer trainer;
  Search<Chain, NoProposer<Chain>, SumTrainer, GeneticAlgorithm<Chain>, InlineExecutor, Ignore> search{
      {.seed = 1}, proposer, trainer};
  std::stop_source source;
  Stopper stop_at_last{40, [](std::stop_source& stop) { stop.request_stop(); }, source};
  const auto result = search.run({.evaluations = 40}, stop_at_last, source.get_token());
  EXPECT_EQ(result.reason, StopReason::evaluations);
  EXPECT_EQ(result.history.size(), 40u);
}

TEST(Search, AStopRequestLosesNothingThatIsDone) {
  NoProposer<Chain> proposer;
  const Waiting trainer;
  Search<Chain, NoProposer<Chain>, Waiting, RandomSearch<Chain>> search{
      {.seed = 1}, proposer, trainer, {.batch = 10}, ThreadExecutor(2)};
  std::stop_source source;
  const auto result = search.run(
      {.evaluations = 100}, Stopper{8, [](std::stop_source& stop) { stop.request_stop(); }, source}, source.get_token());
  EXPECT_EQ(result.reason, StopReason::stopped);
  ASSERT_EQ(result.history.size(), 8u);
  EXPECT_EQ(result.evaluations, 8u);
  for (std::size_t place = 0; place < 8; ++place) EXPECT_EQ(result.history[place].id, place < 2 ? place : place + 1);
}

TEST(Interrupt, ASignalIsAStopRequest) {
  const Interrupt interrupt;
  NoProposer<Chain> proposer;
  const SumTrainer trainer{.dawdles = true};
  Search<Chain, NoProposer<Chain>, SumTrainer> search{{.seed = 1}, proposer, trainer};
  std::stop_source unused;
  const auto result = search.run({.evaluations = 100000, .seconds = 20},
                                 Stopper{25, [](std::stop_source&) { kill(getpid(), SIGINT); }, unused},
                                 interrupt.token());
  EXPECT_EQ(result.reason, StopReason::stopped);
  EXPECT_GE(result.evaluations, 24u);
}

}  // namespace search_test
