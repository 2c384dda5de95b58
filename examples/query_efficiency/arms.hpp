// What is compared: ways to propose, by ways to choose among proposals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/evolution/distinct_tournament.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/evolution/local_search.hpp>
#include <gptnas/evolution/mu_plus_lambda.hpp>
#include <gptnas/evolution/no_mutation.hpp>
#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/random_search.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/proposers/ensemble_ranker.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/infilling.hpp>
#include <gptnas/proposers/likelihood_ratio_ranker.hpp>
#include <gptnas/proposers/ngram_proposer.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/no_ranker.hpp>
#include <gptnas/proposers/quality_conditioned.hpp>
#include <gptnas/proposers/successive_halving_ranker.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>
#include <gptnas/trainers/fidelity_trainer.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

#include "any_policies.hpp"
#include "quality.hpp"
#include "run.hpp"

namespace query_efficiency {

// All arms that propose do it alike: a parent out of the five best is copied, and the proposer changes the copy.
template <class Space, class Mutation = nas::NoMutation>
auto five_best() {
  using Strategy = nas::GeneticAlgorithm<Space, nas::Tournament<2>, nas::UniformCrossover, Mutation, nas::MuPlusLambda>;
  return Strategy{{.population = 5, .initial = initial, .offspring = 1, .crossover_rate = 0}};
}

template <class Space, class MakeProposer, class MakeStrategy, class MakeRanker>
Arm arm(const SharedBenchmark<Space>& benchmark, std::string name, MakeProposer proposer, MakeStrategy strategy,
        MakeRanker ranker) {
  return {std::move(name), [=](std::uint64_t seed) {
            return run(*benchmark, seed, any_proposer<Space>(proposer(seed)), strategy(),
                       any_ranker<Space>(ranker(seed)));
          }};
}

inline constexpr auto no_ranker = [](std::uint64_t) { return nas::NoRanker(); };

// All of them predict so many components again: the GPT's default, but for its bold proposals.
inline constexpr nas::Elimination elimination = nas::GptProposerOptions{}.elimination;

// What reads genomes is pre-trained once a seed, for all arms: a copy learns on its own. That is no part of a query.
template <class Policy>
class Pretrained {
 public:
  explicit Pretrained(std::function<Policy(std::uint64_t seed)> make) : state_(std::make_shared<State>()) {
    state_->make = std::move(make);
  }

  // From several threads, each with seeds of its own.
  Policy operator()(std::uint64_t seed) const {
    {
      const std::lock_guard lock(state_->mutex);
      if (const auto found = state_->known.find(seed); found != state_->known.end()) return found->second;
    }
    Policy policy = state_->make(seed);
    const std::lock_guard lock(state_->mutex);
    return state_->known.emplace(seed, std::move(policy)).first->second;
  }

 private:
  struct State {
    std::function<Policy(std::uint64_t seed)> make;
    std::map<std::uint64_t, Policy> known;
    std::mutex mutex;
  };
  std::shared_ptr<State> state_;
};

template <class Space, class Conditioning = nas::Unconditioned, class Order = nas::Infilling>
using GptOf = typename nas::GptProposer<Space, nas::EigenBackend<float>, Conditioning, Order>::GptType;

template <class Space>
nas::GenomeGptOptions seeded(const nas::GptProposerOptions& options, std::uint64_t seed) {
  nas::GenomeGptOptions result = options.gpt<typename Space::Genome>();
  result.seed = seed;
  return result;
}

// GPTs that have read random genomes.
template <class Space, class Conditioning = nas::Unconditioned, class Order = nas::Infilling>
auto pretrained(const nas::GptProposerOptions& options = {}) {
  using Gpt = GptOf<Space, Conditioning, Order>;
  return Pretrained<Gpt>([options](std::uint64_t seed) { return Gpt(seeded<Space>(options, seed)); });
}

// GPTs that have read others.
//
// @param corpus  gives them for a seed.
template <class Space, class Corpus>
auto pretrained_on(Corpus corpus) {
  using Gpt = GptOf<Space>;
  return Pretrained<Gpt>([corpus](std::uint64_t seed) { return Gpt(seeded<Space>({}, seed), corpus(seed)); });
}

// Proposers that begin with such GPTs, each with a copy.
//
// @param options  which components are predicted again, and how they are drawn.
template <class Space, class Gpt>
auto proposer_by(const Pretrained<Gpt>& gpts, const nas::GptProposerOptions& options = {}) {
  using Proposer =
      nas::GptProposer<Space, nas::EigenBackend<float>, typename Gpt::ConditioningType, typename Gpt::OrderType>;
  return [=](std::uint64_t seed) { return Proposer(options, gpts(seed)); };
}

template <class Space>
auto likelihood_ratio() {
  return Pretrained<nas::LikelihoodRatioRanker<Space>>([](std::uint64_t seed) {
    nas::LikelihoodRatioRankerOptions options{.pool = 300};  // as the others have
    options.gpt.seed = seed;
    return nas::LikelihoodRatioRanker<Space>(options);
  });
}

template <class Space>
auto ensemble() {
  return Pretrained<nas::EnsembleRanker<Space>>(
      [](std::uint64_t seed) { return nas::EnsembleRanker<Space>(nas::EnsembleRankerOptions{.gpt = {.seed = seed}}); });
}

// A table's accuracies after 12 epochs, which cost so much of a query, and after 200.
template <class Space>
using Fidelities = nas::FidelityTrainer<nas::TabularTrainer<Space>>;
inline constexpr double twelve_epochs = 12.0 / 200;

// Rankers that measure the best of the candidates by another ranker after 12 epochs.
template <class Space, class First>
auto halving(std::shared_ptr<const Fidelities<Space>> trainer, std::size_t candidates, First first) {
  return [=](std::uint64_t seed) {
    return nas::SuccessiveHalvingRanker<Space, Fidelities<Space>, First>(
        *trainer, {.rungs = {{candidates, twelve_epochs}}, .initial = initial, .seed = seed}, first);
  };
}

// Calls `visit` with each ranker of the factorial: its name, whether a GPT ranks, and what makes it for a seed.
template <class Space, class MakeRanker, class Visit>
void for_each_ranker(MakeRanker gaussian_process, Visit visit) {
  visit("likelihood", true, likelihood_ratio<Space>());
  visit("ensemble", true, ensemble<Space>());
  visit(default_ranker, false, gaussian_process);
}

// The four ways to propose, with one way to choose.
//
// @param gpt  makes a GPT for a seed.
template <class Space, class MakeGpt, class MakeRanker>
void add_proposers(std::vector<Arm>& arms, const SharedBenchmark<Space>& benchmark, const std::string& ranker_name,
                   bool ranker_by_gpt, MakeGpt gpt, MakeRanker ranker) {
  const auto add = [&](const std::string& name, auto proposer, auto strategy) {
    arms.push_back(arm(benchmark, arm_name(name, ranker_name), proposer, strategy, ranker));
    arms.back().ranker_by_gpt = ranker_by_gpt;
  };
  add(
      "mutation", [](std::uint64_t) { return nas::NoProposer<Space>(); }, five_best<Space, nas::GeneMutation>);
  add(
      "uniform", [](std::uint64_t) { return nas::UniformProposer<Space>{elimination}; }, five_best<Space>);
  add(
      "n-gram", [](std::uint64_t) { return nas::NGramProposer<Space>({.elimination = elimination}); },
      five_best<Space>);
  add("GPT", gpt, five_best<Space>);
}

// The rankers of the factorial, each on its own.
template <class Space, class MakeRanker>
std::vector<NamedRanker> named_rankers(const SharedBenchmark<Space>& benchmark, MakeRanker gaussian_process) {
  std::vector<NamedRanker> rankers;
  for_each_ranker<Space>(gaussian_process, [&](const char* name, bool by_gpt, auto ranker) {
    rankers.push_back(named_ranker(name, by_gpt, benchmark, ranker));
  });
  return rankers;
}

// The searches without a proposer.
template <class Space>
void add_searches(std::vector<Arm>& arms, const SharedBenchmark<Space>& benchmark) {
  using Regularized = nas::RegularizedEvolution<Space, nas::DistinctTournament<3>, nas::OneGeneMutation>;
  const auto add = [&](const std::string& name, auto strategy) {
    const auto no_proposer = [](std::uint64_t) { return nas::NoProposer<Space>(); };
    arms.push_back(arm(benchmark, name, no_proposer, strategy, no_ranker));
  };
  add("random search", [] { return nas::RandomSearch<Space>(); });
  add("local search", [] { return nas::LocalSearch<Space>({.initial = initial}); });
  add("regularized evolution", [] { return Regularized({.population = initial}); });
  add("genetic algorithm", [] { return nas::GeneticAlgorithm<Space>({.population = initial}); });
}

// The searches without a proposer, and the factorial of proposers and rankers.
//
// @param gpt               makes a proposer for a seed.
// @param gaussian_process  makes a ranker for a seed.
template <class Space, class MakeGpt, class MakeRanker>
std::vector<Arm> main_arms(const SharedBenchmark<Space>& benchmark, MakeGpt gpt, MakeRanker gaussian_process) {
  std::vector<Arm> arms;
  add_searches(arms, benchmark);
  add_proposers(arms, benchmark, "", false, gpt, no_ranker);
  for_each_ranker<Space>(gaussian_process, [&](const char* name, bool by_gpt, auto ranker) {
    add_proposers(arms, benchmark, name, by_gpt, gpt, ranker);
  });
  return arms;
}

// The GPT with one of its parts changed or missing: how many components it predicts again, and what it learns from.
//
// @param gpts  those of the main arms.
template <class Space, class MakeRanker>
std::vector<Arm> ablation_arms(const SharedBenchmark<Space>& benchmark, const Pretrained<GptOf<Space>>& gpts,
                               MakeRanker gaussian_process) {
  std::vector<Arm> arms;
  const auto add_rate = [&](const std::string& name, const nas::Elimination& rate) {
    const auto proposer = proposer_by<Space>(gpts, {.elimination = rate});
    arms.push_back(arm(benchmark, "GPT, rate " + name, proposer, five_best<Space>, no_ranker));
  };
  for (const int tenths : {0, 2, 4, 6, 8}) {
    const double rate = tenths / 10.0;
    add_rate("0." + std::to_string(tenths), {.initial_rate = rate, .final_rate = rate});
  }
  add_rate("0.4 to 0", {.initial_rate = 0.4, .final_rate = 0});  // the paper's

  const auto add = [&](const std::string& name, const auto& others) {
    const auto proposer = proposer_by<Space>(others);
    arms.push_back(arm(benchmark, "GPT" + name, proposer, five_best<Space>, no_ranker));
    arms.push_back(arm(benchmark, "GPT + GP" + name, proposer, five_best<Space>, gaussian_process));
  };
  using Quality = nas::QualityConditioned<>;
  add(", left to right", pretrained<Space, nas::Unconditioned, nas::LeftToRight>());
  add(", quality", pretrained<Space, Quality>());
  add(", left to right, quality", pretrained<Space, Quality, nas::LeftToRight>());
  add(", no pre-training", pretrained<Space>({.pretraining_steps = 0}));
  add(", no lessons", pretrained<Space>({.lesson_steps_per_token = 0}));
  return arms;
}

}  // namespace query_efficiency
