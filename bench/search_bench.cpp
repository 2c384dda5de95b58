// Whole runs where an evaluation costs next to nothing, each beside the plain loop that does the same without the library.
// items_per_second counts evaluations.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include <gptnas/evolution/one_gene_mutation.hpp>
#include <gptnas/evolution/regularized_evolution.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

#include "hidden_target.hpp"

namespace {

using namespace gptnas;

constexpr std::size_t evolution_evaluations = 1'000'000;

template <class Evaluations>
void count_evaluations(benchmark::State& state, Evaluations evaluations) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(evaluations));
}

/// The generator of the plain loops (Marsaglia, "Xorshift RNGs", 2003).
struct Xorshift {
  std::uint64_t word = 88172645463325252;

  std::uint32_t below(std::uint32_t bound) {
    word ^= word << 13;
    word ^= word >> 7;
    word ^= word << 17;
    return static_cast<std::uint32_t>((word >> 32) * bound >> 32);
  }
};

void genetic_algorithm(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(hidden_target::search(1));
  count_evaluations(state, hidden_target::evaluations);
}
BENCHMARK(genetic_algorithm)->Unit(benchmark::kMillisecond);

/// The same with arrays: one elite, crossover of nine in ten, a draw a gene.
void plain_genetic_algorithm(benchmark::State& state) {
  using namespace hidden_target;
  struct Member {
    std::array<std::uint8_t, genes> values;
    int fitness;
  };
  for (auto _ : state) {
    Xorshift random;
    std::array<std::uint8_t, genes> target;
    for (std::uint8_t& value : target) value = static_cast<std::uint8_t>(random.below(values));
    const auto evaluate = [&](Member& member) {
      member.fitness = 0;
      for (std::size_t i = 0; i < genes; ++i) member.fitness += member.values[i] == target[i];
    };
    const auto less = [](const Member& first, const Member& second) { return first.fitness < second.fitness; };
    std::vector<Member> members(population), offspring(population);
    for (Member& member : members) {
      for (std::uint8_t& value : member.values) value = static_cast<std::uint8_t>(random.below(values));
      evaluate(member);
    }
    const auto select = [&]() -> const Member& {
      std::size_t winner = random.below(population);
      for (int drawn = 1; drawn < 3; ++drawn) {
        const std::size_t competitor = random.below(population);
        if (less(members[winner], members[competitor])) winner = competitor;
      }
      return members[winner];
    };
    for (std::size_t generation = 0; generation < generations; ++generation) {
      for (Member& child : offspring) {
        child = select();
        if (random.below(10) != 0) {
          const Member& other = select();
          for (std::size_t i = 0; i < genes; ++i) {
            if (random.below(2) != 0) child.values[i] = other.values[i];
          }
        }
        for (std::uint8_t& value : child.values) {
          if (random.below(genes) == 0) value = static_cast<std::uint8_t>((value + 1 + random.below(values - 1)) % values);
        }
        evaluate(child);
      }
      *std::min_element(offspring.begin(), offspring.end(), less) =
          *std::max_element(members.begin(), members.end(), less);
      members.swap(offspring);
    }
    benchmark::DoNotOptimize(members);
  }
  count_evaluations(state, evaluations);
}
BENCHMARK(plain_genetic_algorithm)->Unit(benchmark::kMillisecond);

using TableTrainer = TabularTrainer<NasBench201>;

/// The table of NAS-Bench-201, or nothing where it is absent.
std::unique_ptr<const TableTrainer> nas_bench_201(benchmark::State& state) {
  const std::filesystem::path path = GPTNAS_DATA_DIR "/nas_bench_201.csv.gz";
  if (!std::filesystem::exists(path)) {
    state.SkipWithError("nas_bench_201.csv.gz is absent; set GPTNAS_DATA_DIR");
    return nullptr;
  }
  return std::make_unique<TableTrainer>(Table(path), "ops", "c10_valid_200", "c10_test_200");
}

/// Population 50, tournaments of 10 different ones, one gene mutated; the best is kept.
void regularized_evolution(benchmark::State& state) {
  using Strategy = RegularizedEvolution<NasBench201, DistinctTournament<10>, OneGeneMutation>;
  const auto trainer = nas_bench_201(state);
  if (!trainer) return;
  NoProposer<NasBench201> proposer;
  for (auto _ : state) {
    Search<NasBench201, NoProposer<NasBench201>, TableTrainer, Strategy, InlineExecutor, Ignore> search{
        {.seed = 1, .keep = 1}, proposer, *trainer, Strategy{{.population = 50}}};
    benchmark::DoNotOptimize(search.run({.evaluations = evolution_evaluations}));
  }
  count_evaluations(state, evolution_evaluations);
}
BENCHMARK(regularized_evolution)->Unit(benchmark::kMillisecond);

/// The same with arrays.
void plain_regularized_evolution(benchmark::State& state) {
  const auto trainer = nas_bench_201(state);
  if (!trainer) return;
  std::vector<double> table(NasBench201::size);
  RandomStream unused(1);
  for (std::size_t index = 0; index < table.size(); ++index) {
    const Individual<NasBench201> individual{.genome = NasBench201::genome(index)};
    table[index] = trainer->evaluate(individual, 1, unused, {}).measured()->objectives[0];
  }
  struct Member {
    std::array<std::uint8_t, 6> edges;
    double fitness;
  };
  for (auto _ : state) {
    Xorshift random;
    const auto evaluate = [&](Member& member) {
      std::size_t index = 0;
      for (const std::uint8_t edge : member.edges) index = 5 * index + edge;
      member.fitness = table[index];
    };
    std::array<Member, 50> ring;
    for (Member& member : ring) {
      for (std::uint8_t& edge : member.edges) edge = static_cast<std::uint8_t>(random.below(5));
      evaluate(member);
    }
    double best = 0;
    for (std::size_t done = ring.size(), oldest = 0; done < evolution_evaluations; ++done) {
      std::uint64_t drawn = 0;
      const Member* parent = nullptr;
      for (int count = 0; count < 10;) {
        const std::uint32_t place = random.below(50);
        if ((drawn >> place & 1) != 0) continue;
        drawn |= std::uint64_t{1} << place;
        if (parent == nullptr || ring[place].fitness > parent->fitness) parent = &ring[place];
        ++count;
      }
      Member child = *parent;
      std::uint8_t& edge = child.edges[random.below(6)];
      edge = static_cast<std::uint8_t>((edge + 1 + random.below(4)) % 5);
      evaluate(child);
      best = std::max(best, child.fitness);
      ring[oldest] = child;
      oldest = oldest == 49 ? 0 : oldest + 1;
    }
    benchmark::DoNotOptimize(best);
  }
  count_evaluations(state, evolution_evaluations);
}
BENCHMARK(plain_regularized_evolution)->Unit(benchmark::kMillisecond);

}  // namespace
