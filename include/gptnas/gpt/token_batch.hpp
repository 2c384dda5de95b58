// Token sequences, laid one after the other for a GPT.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>

namespace gptnas {

/// Rows of a batch, whole sequences, as spans into it.
struct TokenRows {
  std::span<const std::int32_t> tokens, positions, targets;  // (N)
  double share;       ///< of a target in the loss: 1 / targets of the whole batch; 0 if it has none
  std::size_t first;  ///< number of the first row within the whole batch
};

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
    ignored_ = 0;
  }

  /// Adds a sequence t0 ... tn to learn from: each token but the last is an input, the one after it its target.
  ///
  /// @param sequence  integers, with `size()` and `[]`. If it has `is_target(index)`, tokens of which that is false are
  ///   inputs alone.
  /// @throws std::invalid_argument if it is shorter than 2 tokens or longer than the context and one, or if a token is
  ///   not in the vocabulary; the batch is then as before.
  template <class Sequence>
  void add(const Sequence& sequence) {
    const std::size_t size = sequence.size();
    if (size < 2 || size > Size::context + 1) {
      throw invalid_value("TokenBatch::add: tokens of the sequence", size, joined({"2 to ", Size::context + 1}));
    }
    for (std::size_t i = 0; i < size; ++i) check_token("TokenBatch::add: token", sequence[i]);
    for (std::size_t i = 0; i + 1 < size; ++i) {
      tokens_.push_back(static_cast<std::int32_t>(sequence[i]));
      positions_.push_back(static_cast<std::int32_t>(i));
      targets_.push_back(static_cast<std::int32_t>(sequence[i + 1]));
      if constexpr (requires { sequence.is_target(i); }) {
        if (!sequence.is_target(i + 1)) ignore(rows() - 1);
      }
    }
  }

  /// Takes the target of a row out of the loss.
  void ignore(std::size_t row) {
    ignored_ += targets_.at(row) != ignored_target;
    targets_[row] = ignored_target;
  }

  std::size_t rows() const { return tokens_.size(); }

  /// Rows of which the target is in the loss.
  std::size_t targets() const { return rows() - ignored_; }

  /// The rows from `first` to before `end`, both of which start a sequence or are the number of rows.
  TokenRows part(std::size_t first, std::size_t end) const {
    const auto of = [&](const std::vector<std::int32_t>& all) { return std::span(all).subspan(first, end - first); };
    return {of(tokens_), of(positions_), of(targets_), targets() == 0 ? 0 : 1 / static_cast<double>(targets()), first};
  }
  operator TokenRows() const { return part(0, rows()); }

  /// The last row up to `row` at which a sequence starts, or which is the number of rows.
  std::size_t start_before(std::size_t row) const {
    while (row != rows() && positions_[row] != 0) --row;
    return row;
  }

  /// @throws std::invalid_argument if the token is not in the vocabulary.
  template <class Token>
  static void check_token(const char* name, Token token) {
    if (token < Token{} || static_cast<std::size_t>(token) >= Size::vocabulary) {
      throw invalid_value(name, token, joined({"0 to ", Size::vocabulary - 1, ", the vocabulary"}));
    }
  }

 private:
  std::vector<std::int32_t> tokens_, positions_, targets_;
  std::size_t ignored_ = 0;  // targets
};

}  // namespace gptnas
