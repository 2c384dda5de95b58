// What probability a GPT gives to sequences.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/gpt/gpt_sampler.hpp>
#include <gptnas/gpt/side_by_side.hpp>
#include <gptnas/gpt/token_batch.hpp>

namespace gptnas {

/// The natural logarithm of the softmax's denominator.
template <class Scalar>
double log_sum_exp(std::span<const Scalar> logits) {
  const auto largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double sum = 0;
  for (const Scalar logit : logits) sum += std::exp(static_cast<double>(logit) - largest);
  return largest + std::log(sum);
}

/// The natural logarithm of the probability that a model gives to each sequence t0 ... tn, given t0. The same bits for
/// any number of rows of the sampler, which loses what it had read.
///
/// @param sequences  with `size()`, and `[i]` a sequence of integers with `size()` and `[]`: 1 to context + 1 tokens.
///   One token has 0.
/// @throws std::invalid_argument if a sequence is empty or too long, or if a token is not in the vocabulary.
template <class Model, class Sequences>
std::vector<double> log_likelihoods(GptSampler<Model>& sampler, const Sequences& sequences) {
  using Sizes = typename Model::Sizes;
  using Sequence = std::remove_cvref_t<decltype(sequences[0])>;
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const std::size_t size = sequences[i].size();
    if (size == 0 || size > Sizes::context + 1) {
      throw invalid_value("log_likelihoods: tokens of a sequence", size, joined({"1 to ", Sizes::context + 1}));
    }
    for (std::size_t t = 0; t < size; ++t) TokenBatch<Sizes>::check_token("log_likelihoods: token", sequences[i][t]);
  }

  struct Reader {
    const Sequence* sequence;
    double* sum;
    std::size_t position = 0;

    bool done() const { return position + 1 == sequence->size(); }
    std::size_t token() const { return static_cast<std::size_t>((*sequence)[position]); }
    void read(GptSampler<Model>& reading, std::size_t row) {
      const std::span<const typename Model::Scalar> logits = reading.logits(row);
      ++position;
      *sum += static_cast<double>(logits[token()]) - log_sum_exp(logits);
    }
  };
  std::vector<double> sums(sequences.size());
  detail::run_side_by_side(sampler, sequences.size(), [&](std::size_t i) { return Reader{&sequences[i], &sums[i]}; });
  return sums;
}

}  // namespace gptnas
