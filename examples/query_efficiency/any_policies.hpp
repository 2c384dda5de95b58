// Proposers and rankers of any type in one, so that a search is compiled for each strategy instead of for each arm.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include <gptnas/concepts/proposer.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>

namespace query_efficiency {

namespace nas = gptnas;

// A proposer; copies share it.
template <class Space>
class AnyProposer {
 public:
  using Genome = typename Space::Genome;

  template <class Proposer>
    requires(!std::same_as<Proposer, AnyProposer>)
  explicit AnyProposer(Proposer proposer) {
    const auto shared = std::make_shared<Proposer>(std::move(proposer));
    propose_ = [shared](nas::RandomStream& random) { return shared->propose(random); };
    reconstruct_ = [shared](Genome& genome, double progress, nas::RandomStream& random) {
      shared->reconstruct(genome, progress, random);
    };
    reconstruct_all_ = [shared](std::span<Genome> genomes, double progress, nas::RandomStream& random) {
      if constexpr (nas::PoolProposer<Proposer, Space>) {
        shared->reconstruct(genomes, progress, random);
      } else {
        for (Genome& genome : genomes) shared->reconstruct(genome, progress, random);
      }
    };
    observe_ = [shared](const nas::Individual<Space>& individual, std::span<const double> fitness) {
      shared->observe(individual, fitness);
    };
  }

  Genome propose(nas::RandomStream& random) { return propose_(random); }
  void reconstruct(Genome& genome, double progress, nas::RandomStream& random) {
    reconstruct_(genome, progress, random);
  }
  void reconstruct(std::span<Genome> genomes, double progress, nas::RandomStream& random) {
    reconstruct_all_(genomes, progress, random);
  }
  void observe(const nas::Individual<Space>& individual, std::span<const double> fitness) {
    observe_(individual, fitness);
  }

 private:
  std::function<Genome(nas::RandomStream& random)> propose_;
  std::function<void(Genome& genome, double progress, nas::RandomStream& random)> reconstruct_;
  std::function<void(std::span<Genome> genomes, double progress, nas::RandomStream& random)> reconstruct_all_;
  std::function<void(const nas::Individual<Space>& individual, std::span<const double> fitness)> observe_;
};

// A ranker; copies share it.
template <class Space>
class AnyRanker {
 public:
  using Genome = typename Space::Genome;

  template <class Ranker>
    requires(!std::same_as<Ranker, AnyRanker>)
  explicit AnyRanker(Ranker ranker) {
    const auto shared = std::make_shared<Ranker>(std::move(ranker));
    pool_ = [shared] { return shared->pool(); };
    score_ = [shared](std::span<const Genome> genomes, std::span<double> scores) { shared->score(genomes, scores); };
    observe_ = [shared](const nas::Individual<Space>& individual, std::span<const double> fitness) {
      shared->observe(individual, fitness);
    };
    spent_ = [shared] {
      if constexpr (requires { shared->spent(); }) {
        return shared->spent();
      } else {
        return 0.0;
      }
    };
  }

  std::size_t pool() const { return pool_(); }
  void score(std::span<const Genome> genomes, std::span<double> scores) { score_(genomes, scores); }
  void observe(const nas::Individual<Space>& individual, std::span<const double> fitness) {
    observe_(individual, fitness);
  }
  double spent() const { return spent_(); }

 private:
  std::function<std::size_t()> pool_;
  std::function<void(std::span<const Genome> genomes, std::span<double> scores)> score_;
  std::function<void(const nas::Individual<Space>& individual, std::span<const double> fitness)> observe_;
  std::function<double()> spent_;
};

}  // namespace query_efficiency
