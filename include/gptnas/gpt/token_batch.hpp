// Token sequences, laid one after the other for a GPT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/errors.hpp>

namespace gptnas {

/// A batch of token sequences of any lengths, packed without padding: one row a token.
///
/// @tparam Size  a `GptSize`.
template <class Size>
class TokenBatch {
 public:
  /// @param rows  rows that it can hold without allocating.
  explicit TokenBatch(std::size_t rows) {
    tokens_.reserve(rows);
    positions_.reserve(rows);
    targets_.reserve(rows);
  }

  void clear() {
    tokens_.clear();
    positions_.clear();
    targets_.clear();
  }

  /// Adds a sequence t0 ... tn to learn from: each token but the last is an input, the one after it its target.
  ///
  /// @param sequence  integers, with `size()` and `[]`.
  /// @throws std::invalid_argument if it is shorter than 2 tokens or longer than the context and one, or if a token is
  ///   not in the vocabulary; the batch is then as before.
  template <class Sequence>
  void add(const Sequence& sequence) {
    const std::size_t size = sequence.size();
    if (size < 2 || size > Size::context + 1) {
      throw invalid_value("TokenBatch::add: tokens of the sequence", size, "2 to " + std::to_string(Size::context + 1));
    }
    for (std::size_t i = 0; i < size; ++i) check_token("TokenBatch::add: token", sequence[i]);
    for (std::size_t i = 0; i + 1 < size; ++i) {
      tokens_.push_back(static_cast<std::int32_t>(sequence[i]));
      positions_.push_back(static_cast<std::int32_t>(i));
      targets_.push_back(static_cast<std::int32_t>(sequence[i + 1]));
    }
  }

  /// Takes the target of a row out of the loss.
  void ignore(std::size_t row) { targets_.at(row) = ignored_target; }

  std::size_t rows() const { return tokens_.size(); }
  const std::vector<std::int32_t>& tokens() const { return tokens_; }
  const std::vector<std::int32_t>& positions() const { return positions_; }
  const std::vector<std::int32_t>& targets() const { return targets_; }

  /// @throws std::invalid_argument if the token is not in the vocabulary.
  template <class Token>
  static void check_token(const char* name, Token token) {
    if (token < Token{} || static_cast<std::size_t>(token) >= Size::vocabulary) {
      throw invalid_value(name, token, "0 to " + std::to_string(Size::vocabulary - 1) + ", the vocabulary");
    }
  }

 private:
  std::vector<std::int32_t> tokens_, positions_, targets_;
};

}  // namespace gptnas
