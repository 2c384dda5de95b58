// What proposers and rankers are worth on their own, without a search.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/thread_executor.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/ngram_proposer.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>
#include <gptnas/study/kendall.hpp>
#include <gptnas/study/top_precision.hpp>

#include "run.hpp"

namespace query_efficiency {

// Of 1,000 samples, as shares: the mean of ten draws from each of ten proposers, which learn from a corpus of their own;
// a genome is another if its key is.
struct SampleQuality {
  std::string proposer;
  double valid, unique, novel;  // novel: not in the corpus
};

// How well a ranker that has seen so many labels orders 500 other random genomes, all of different keys.
struct RankQuality {
  double tau;        // Kendall's, of scores and labels
  double precision;  // of its best 50: the share of them that is among the best 50
};

inline constexpr std::size_t label_counts[] = {10, 25, 50, 100, 200};

struct NamedRanker {
  std::string name;
  bool by_gpt;
  std::function<RankQuality(std::size_t labels, std::uint64_t seed)> quality;
};

template <class Space>
std::vector<typename Space::Genome> random_genomes(std::size_t count, std::uint64_t seed) {
  nas::RandomStream random(seed, 0, nas::Purpose::sample);
  std::vector<typename Space::Genome> genomes;
  for (std::size_t i = 0; i < count; ++i) genomes.push_back(nas::sample<typename Space::Genome>(random));
  return genomes;
}

// The first ones of as many different keys.
template <class Space>
std::vector<typename Space::Genome> different_genomes(std::size_t count, std::uint64_t seed) {
  nas::RandomStream random(seed, 0, nas::Purpose::sample);
  std::vector<typename Space::Genome> genomes;
  std::unordered_set<typename Space::Genome, nas::Hash, nas::Equal> keys;
  while (genomes.size() < count) {
    const auto genome = nas::sample<typename Space::Genome>(random);
    if (keys.insert(nas::canonical_of<Space>(genome)).second) genomes.push_back(genome);
  }
  return genomes;
}

// @param make_proposer  makes a proposer of a corpus and a seed.
template <class Space, class MakeProposer>
SampleQuality sample_quality(std::string name, MakeProposer make_proposer) {
  constexpr std::size_t proposers = 10, draws = 10, count = 1000;
  using Keys = std::unordered_set<typename Space::Genome, nas::Hash, nas::Equal>;
  std::atomic<std::size_t> valid = 0, unique = 0, novel = 0;
  nas::ThreadExecutor().for_each(proposers, [&](std::size_t index) {
    const std::uint64_t seed = index + 1;
    const auto corpus = random_genomes<Space>(2000, seed);
    Keys known;
    for (const auto& genome : corpus) known.insert(nas::canonical_of<Space>(genome));
    auto proposer = make_proposer(corpus, seed);
    nas::RandomStream random(seed);
    for (std::size_t draw = 0; draw < draws; ++draw) {
      Keys seen;
      for (std::size_t i = 0; i < count; ++i) {
        const auto genome = proposer.propose(random);
        const auto key = nas::canonical_of<Space>(genome);
        valid += nas::is_valid(genome);
        unique += seen.insert(key).second;
        novel += !known.contains(key);
      }
    }
  });
  const auto share = [](std::size_t part) { return static_cast<double>(part) / (proposers * draws * count); };
  return {std::move(name), share(valid), share(unique), share(novel)};
}

// The n-gram model and the GPT learn from the same unlabelled genomes, and are asked for samples as likely as they find
// them; uniform samples show what the space allows.
template <class Space>
std::vector<SampleQuality> sample_qualities() {
  using Corpus = std::vector<typename Space::Genome>;
  const auto uniform = [](const Corpus&, std::uint64_t) { return nas::UniformProposer<Space>(); };
  const auto ngram = [](const Corpus& corpus, std::uint64_t) {
    nas::NGramProposer<Space> proposer({.elites = {.most = corpus.size()}});
    const double label[] = {1};
    for (const auto& genome : corpus) proposer.observe({.genome = genome}, label);
    return proposer;
  };
  const auto gpt = [](const Corpus& corpus, std::uint64_t seed) {
    return nas::GptProposer<Space>({.seed = seed, .sampling = {}}, corpus);
  };
  return {sample_quality<Space>("uniform", uniform), sample_quality<Space>("n-gram", ngram),
          sample_quality<Space>("GPT", gpt)};
}

// @param make_ranker  makes a ranker for a seed.
template <class Space, class MakeRanker>
NamedRanker named_ranker(std::string name, bool by_gpt, const SharedBenchmark<Space>& benchmark,
                         MakeRanker make_ranker) {
  return {std::move(name), by_gpt, [=](std::size_t labels, std::uint64_t seed) {
            constexpr std::size_t others = 500, top = 50;
            const auto genomes = different_genomes<Space>(labels + others, seed);
            nas::RandomStream random(seed);
            auto ranker = make_ranker(seed);
            std::vector<double> values, scores(others);
            for (std::size_t i = 0; i < genomes.size(); ++i) {
              const nas::Individual<Space> individual{.id = i, .genome = genomes[i]};
              const double label[] = {benchmark->trainer.evaluate(individual, 1, random, {}).measured()->objectives[0]};
              if (i < labels) {
                ranker.observe(individual, label);
              } else {
                values.push_back(label[0]);
              }
            }
            ranker.score(std::span(genomes).subspan(labels), std::span(scores));
            return RankQuality{nas::kendall_tau(scores, values), nas::top_precision(scores, values, top)};
          }};
}

}  // namespace query_efficiency
