// The grammar of all token sequences.
#pragma once

#include <array>
#include <cstddef>

namespace gptnas {

/// Allows every token, to the end of the context or up to an end token. A `TokenGrammar`.
template <std::size_t Vocabulary>
class AnyTokens {
 public:
  /// Sequences end with the context.
  AnyTokens() : AnyTokens(Vocabulary) {}
  /// Sequences end behind this token, too.
  explicit AnyTokens(std::size_t end_token) : end_token_(end_token) { legal_.fill(true); }

  const std::array<bool, Vocabulary>& legal() const { return legal_; }
  bool complete() const { return complete_; }
  void push(std::size_t token) {
    complete_ = token == end_token_;
    if (complete_) legal_.fill(false);
  }

 private:
  std::size_t end_token_;
  bool complete_ = false;
  std::array<bool, Vocabulary> legal_;
};

}  // namespace gptnas
