// The control with a model that is no GPT.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/proposers/elimination.hpp>
#include <gptnas/proposers/elites.hpp>
#include <gptnas/proposers/left_to_right.hpp>

namespace gptnas {

/// Counts of token sequences up to a length, smoothed by interpolation (Witten and Bell, "The Zero-Frequency Problem",
/// 1991, in the form of Chen and Goodman, 1999): p(t | context) = (count + k p(t | shorter context)) / (total + k),
/// where k is the number of different tokens seen after the context. The shortest context is uniform over the legal
/// tokens.
///
/// @tparam Vocabulary  tokens.
/// @tparam Order       tokens a count covers, at least 1: the predicted one and Order - 1 before it.
template <std::size_t Vocabulary, std::size_t Order>
class NGram {
  static_assert(Order >= 1, "gptnas::NGram needs an order of at least 1; see docs/concepts.md#proposer");
  static_assert(
      [] {
        double counts = 1;
        for (std::size_t i = 0; i < Order; ++i) counts *= Vocabulary;
        return counts <= 1 << 26;
      }(),
      "gptnas::NGram keeps Vocabulary^Order counts, at most 2^26; take a smaller order; see docs/concepts.md#proposer");

 public:
  NGram() {
    std::size_t size = 1;
    for (auto& table : counts_) table.assign(size *= Vocabulary, 0);
  }

  /// Forgets all counts.
  void clear() {
    for (auto& table : counts_) std::fill(table.begin(), table.end(), 0.0f);
  }

  /// Counts every token of a sequence but the first, which is context only.
  template <class Sequence>
  void add(const Sequence& sequence) {
    reset();
    push(sequence[0]);
    for (std::size_t i = 1; i < sequence.size(); ++i) {
      for (std::size_t length = 0; length < Order; ++length) counts_[length][row(length) + sequence[i]] += 1;
      push(sequence[i]);
    }
  }

  void reset() { context_.fill(0); }

  /// `reset`, and `start_token`: what `left_to_right.hpp` calls it.
  void begin(RandomStream&) {
    reset();
    push(start_token);
  }

  /// Appends a token to the context.
  void push(std::size_t token) {
    for (std::size_t i = context_.size(); i-- > 1;) context_[i] = context_[i - 1];
    if (!context_.empty()) context_[0] = token;
  }

  /// Draws the next token among the legal ones. Complexity: O(Order Vocabulary).
  template <class Mask>
  std::size_t draw(const Mask& legal, RandomStream& random) const {
    std::array<double, Vocabulary> probability{};
    for (std::size_t token = 0; token < Vocabulary; ++token) probability[token] = legal[token] ? 1 : 0;
    normalize(probability);
    for (std::size_t length = 0; length < Order; ++length) {
      const float* counts = counts_[length].data() + row(length);
      double total = 0, kinds = 0;
      for (std::size_t token = 0; token < Vocabulary; ++token) {
        if (!legal[token] || counts[token] == 0) continue;
        total += static_cast<double>(counts[token]);
        kinds += 1;
      }
      if (total == 0) break;
      for (std::size_t token = 0; token < Vocabulary; ++token) {
        if (legal[token]) {
          probability[token] = (static_cast<double>(counts[token]) + kinds * probability[token]) / (total + kinds);
        }
      }
    }
    return random.categorical(std::span<const double>(probability));
  }

 private:
  static void normalize(std::array<double, Vocabulary>& probability) {
    double total = 0;
    for (const double value : probability) total += value;
    for (double& value : probability) value /= total;
  }

  // Where the counts after the last `length` tokens begin.
  std::size_t row(std::size_t length) const {
    std::size_t index = 0;
    for (std::size_t i = length; i-- > 0;) index = index * Vocabulary + context_[i];
    return index * Vocabulary;
  }

  std::array<std::vector<float>, Order> counts_;  // [length]: (Vocabulary^length, Vocabulary)
  std::array<std::size_t, Order - 1> context_{};  // last token first
};

struct NGramProposerOptions {
  Elimination elimination = {};
  EliteOptions elites = {};
};

/// Proposes by an n-gram model of the best genomes measured so far; before any is measured, uniformly.
///
/// @tparam Order  3 is a trigram.
template <class Space, std::size_t Order = 3>
class NGramProposer {
 public:
  using Genome = typename Space::Genome;

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit NGramProposer(const NGramProposerOptions& options = {}) : options_(options), elites_(options.elites) {
    options.elimination.check();
  }

  Genome propose(RandomStream& random) { return propose_left_to_right<Genome>(model(), random); }

  void reconstruct(Genome& genome, double progress, RandomStream& random) {
    reconstruct_left_to_right(genome, choose_components(genome, options_.elimination.rate(progress), random), model(),
                              random);
  }

  void observe(const Individual<Space>& individual, std::span<const double> fitness) {
    if (fitness.empty()) return;
    is_stale_ = elites_.add(individual.genome, fitness[0]) || is_stale_;
  }

 private:
  using Model = NGram<vocabulary_size<Genome>, Order>;

  // Counted anew when something was observed since.
  Model& model() {
    if (is_stale_) {
      model_.clear();
      for (const auto& sequence : elites_.sequences()) model_.add(sequence);
      is_stale_ = false;
    }
    return model_;
  }

  NGramProposerOptions options_;
  Elites<Genome> elites_;
  Model model_;
  bool is_stale_ = false;
};

}  // namespace gptnas
