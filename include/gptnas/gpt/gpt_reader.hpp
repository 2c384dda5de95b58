// Reads whole sequences with a GPT.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/gpt/gpt.hpp>
#include <gptnas/gpt/log_likelihood.hpp>
#include <gptnas/gpt/token_batch.hpp>

namespace gptnas {

/// Runs a GPT over whole sequences, many at once: to weigh or to describe given ones, faster than token by token with a
/// `GptSampler`. The last bits may depend on what else is read. Holds the memory that this needs.
///
/// @tparam Model  a `Gpt`.
template <class Model>
class GptReader {
  using Sizes = typename Model::Sizes;
  using Scalar = typename Model::Scalar;
  using Activations = typename Model::Activations;

 public:
  /// @param rows  tokens that are read at once, at least the context: few stay in the processor's cache.
  /// @throws std::invalid_argument if they are fewer.
  explicit GptReader(std::size_t rows = std::max<std::size_t>(256, Sizes::context))
      : batch_(rows), activations_(checked(rows)) {}

  /// The natural logarithm of the probability that a model gives to each sequence t0 ... tn, given t0.
  ///
  /// @param sequences  with `size()`, and `[i]` a sequence for `TokenBatch::add`: 2 to context + 1 tokens.
  /// @throws std::invalid_argument if a sequence does not suit the model.
  template <class Sequences>
  std::vector<double> log_likelihoods(const Model& model, const Sequences& sequences) {
    std::vector<double> sums(sequences.size());
    read(model, sequences, [&](std::size_t first, std::size_t end) {
      const std::vector<Scalar>& logits = values(model, Activations::logits);  // (N,V)
      std::size_t row = 0;
      for (std::size_t i = first; i < end; ++i) {
        for (std::size_t t = 1; t < sequences[i].size(); ++t, ++row) {
          const auto of_row = std::span(logits).subspan(row * Sizes::vocabulary, Sizes::vocabulary);
          sums[i] += static_cast<double>(of_row[static_cast<std::size_t>(sequences[i][t])]) - log_sum_exp(of_row);
        }
      }
    });
    return sums;
  }

  /// The last hidden state of each input t0 ... tn-1: what the output layer gets.
  ///
  /// @param sequences  as above.
  /// @param visit      called as `visit(i, states)` for each sequence i, in order, with its states (n, C).
  /// @throws std::invalid_argument as above.
  template <class Sequences, class Visit>
  void visit_last_states(const Model& model, const Sequences& sequences, const Visit& visit) {
    constexpr std::size_t width = Sizes::width;
    read(model, sequences, [&](std::size_t first, std::size_t end) {
      const std::span<const Scalar> states = values(model, Activations::normalized, 2 * Sizes::layers);
      std::size_t row = 0;
      for (std::size_t i = first; i < end; ++i) {
        const std::size_t inputs = sequences[i].size() - 1;
        visit(i, states.subspan(row * width, inputs * width));
        row += inputs;
      }
    });
  }

 private:
  static std::size_t checked(std::size_t rows) {
    if (rows < Sizes::context) {
      throw invalid_value("GptReader: rows", rows, joined({"at least ", Sizes::context, ", the context"}));
    }
    return rows;
  }

  // Runs the sequences forward, as many as there is room for, and visits them: those from `first` to before `end`.
  template <class Sequences, class Visit>
  void read(const Model& model, const Sequences& sequences, const Visit& visit) {
    for (std::size_t first = 0, end = 0; first < sequences.size(); first = end) {
      batch_.clear();
      do {
        batch_.add(sequences[end]);
      } while (++end < sequences.size() && batch_.rows() + sequences[end].size() - 1 <= activations_.capacity());
      model.forward(batch_, activations_);
      visit(first, end);
    }
  }

  // A matrix of what the last batch left.
  const std::vector<Scalar>& values(const Model& model, const typename Activations::Field& field,
                                    std::size_t matrix = 0) {
    values_.resize(batch_.rows() * field.columns);
    model.backend().read(activations_.at(field, activations_.rows(), matrix), std::span(values_));
    return values_;
  }

  TokenBatch<Sizes> batch_;
  Activations activations_;
  std::vector<Scalar> values_;
};

}  // namespace gptnas
