// Proposers and rankers of any type in one, so that a search is compiled for each strategy instead of for each arm.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include <gptnas/concepts/proposer.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>

namespace query_efficiency {

namespace nas = gptnas;

// Learns from what was measured.
template <class Space>
using Observe = std::function<void(const nas::Individual<Space>& individual, std::span<const double> fitness)>;

// A proposer, for offspring alone: it fills the initial population at random, so that all arms share it. A copy learns
// with it.
template <class Space>
struct AnyProposer {
  using Genome = typename Space::Genome;

  Genome propose(nas::RandomStream& random) { return nas::sample<Genome>(random); }
  void reconstruct(Genome& genome, double progress, nas::RandomStream& random) {
    reconstruct_one(genome, progress, random);
  }
  void reconstruct(std::span<Genome> genomes, double progress, nas::RandomStream& random) {
    reconstruct_all(genomes, progress, random);
  }

  std::function<void(Genome& genome, double progress, nas::RandomStream& random)> reconstruct_one;
  std::function<void(std::span<Genome> genomes, double progress, nas::RandomStream& random)> reconstruct_all;
  Observe<Space> observe;
  std::function<nas::GptProposerTimes()> times;  // no calls, unless it is a GPT's
};

template <class Space, class Proposer>
AnyProposer<Space> any_proposer(Proposer proposer) {
  using Genome = typename Space::Genome;
  const auto shared = std::make_shared<Proposer>(std::move(proposer));
  return {.reconstruct_one = [shared](Genome& genome, double progress,
                                      nas::RandomStream& random) { shared->reconstruct(genome, progress, random); },
          .reconstruct_all =
              [shared](std::span<Genome> genomes, double progress, nas::RandomStream& random) {
                if constexpr (nas::PoolProposer<Proposer, Space>) {
                  shared->reconstruct(genomes, progress, random);
                } else {
                  for (Genome& genome : genomes) shared->reconstruct(genome, progress, random);
                }
              },
          .observe = [shared](const auto& individual, auto fitness) { shared->observe(individual, fitness); },
          .times =
              [shared] {
                if constexpr (requires { shared->times(); }) {
                  return shared->times();
                } else {
                  return nas::GptProposerTimes{};
                }
              }};
}

// A ranker. A copy learns with it.
template <class Space>
struct AnyRanker {
  using Genome = typename Space::Genome;

  std::function<std::size_t()> pool;
  std::function<void(std::span<const Genome> genomes, std::span<double> scores)> score;
  Observe<Space> observe;
  std::function<double()> spent;
};

template <class Space, class Ranker>
AnyRanker<Space> any_ranker(Ranker ranker) {
  const auto shared = std::make_shared<Ranker>(std::move(ranker));
  return {.pool = [shared] { return shared->pool(); },
          .score = [shared](auto genomes, auto scores) { shared->score(genomes, scores); },
          .observe = [shared](const auto& individual, auto fitness) { shared->observe(individual, fitness); },
          .spent =
              [shared] {
                if constexpr (requires { shared->spent(); }) {
                  return shared->spent();
                } else {
                  return 0.0;
                }
              }};
}

}  // namespace query_efficiency
