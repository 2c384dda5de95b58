// A grammar's tokens in a vocabulary that has others too.
#pragma once

#include <cstddef>

namespace gptnas::detail {

/// What a grammar allows, of any token: one that it does not know is not legal.
template <class Mask>
struct LegalTokens {
  const Mask& legal;
  bool operator[](std::size_t token) const { return token < legal.size() && legal[token]; }
};
template <class Mask>
LegalTokens(const Mask&) -> LegalTokens<Mask>;

}  // namespace gptnas::detail
