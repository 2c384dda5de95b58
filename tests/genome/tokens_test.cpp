#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/tokens.hpp>

#include "shapes.hpp"

namespace tokens_test {

using gptnas::Choice;
using gptnas::Repeat;
using gptnas::Sequence;
using gptnas::Token;
using shapes::Block;
using shapes::Op;

struct Net {
  BOOST_HANA_DEFINE_STRUCT(Net, (Sequence<Block, 1, 2>, body), (Choice<10, 20>, width), (Block, head));
};

// The ids: 1 END of the body; 2, 3 width; then those of a block: 4 to 7 op, 8 and 9 kernel, 10 to 12 width.
constexpr Net net{{{Op::max_pool, 5, 64}}, 20, {Op::conv, 3, 32}};
constexpr std::array<Token, 8> net_tokens{6, 9, 12, 1, 3, 4, 8, 11};

constexpr bool encodes_as_expected() {
  const auto tokens = gptnas::encode(net);
  if (tokens.size() != net_tokens.size()) return false;
  for (std::size_t index = 0; index < net_tokens.size(); ++index) {
    if (tokens[index] != net_tokens[index]) return false;
  }
  return true;
}

static_assert(gptnas::vocabulary_size<Net> == 13);
static_assert(encodes_as_expected());
static_assert(gptnas::Equal{}(gptnas::decode<Net>(net_tokens), net));

constexpr std::size_t state_after(std::initializer_list<Token> tokens) {
  std::size_t state = 0;
  for (const Token token : tokens) state = gptnas::grammar<Net>.next[state][token];
  return state;
}

constexpr bool allows_exactly(std::size_t state, std::initializer_list<Token> tokens) {
  std::array<bool, gptnas::vocabulary_size<Net>> expected{};
  for (const Token token : tokens) expected[token] = true;
  return gptnas::grammar<Net>.allowed[state] == expected;
}

// A block first: the body holds at least one. Then END or another one; after the second, END alone.
static_assert(allows_exactly(0, {4, 5, 6, 7}));
static_assert(allows_exactly(state_after({6}), {8, 9}));
static_assert(allows_exactly(state_after({6, 9}), {10, 11, 12}));
static_assert(allows_exactly(state_after({6, 9, 12}), {1, 4, 5, 6, 7}));
static_assert(allows_exactly(state_after({6, 9, 12, 4, 8, 10}), {1}));
static_assert(allows_exactly(state_after({6, 9, 12, 1}), {2, 3}));
static_assert(allows_exactly(state_after({6, 9, 12, 4, 8, 10, 1}), {2, 3}));
static_assert(allows_exactly(state_after({6, 9, 12, 1, 3}), {4, 5, 6, 7}));  // a block's ids are the same elsewhere
static_assert(allows_exactly(state_after({6, 9, 12, 1, 3, 4, 8, 11}), {}));
static_assert(state_after({6, 9, 12, 1, 3, 4, 8, 11}) == gptnas::grammar<Net>.final_state);

template <class Genome>
std::string refusal(std::vector<Token> tokens) {
  try {
    gptnas::decode<Genome>(tokens);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no exception";
}

TEST(Tokens, NestedEmptySequencesEndByDifferentTokens) {
  using Inner = Sequence<Choice<1, 2>, 0, 2>;
  using Outer = Sequence<Inner, 0, 2>;  // the ids: 1 END of the outer, 2 END of the inner, 3 and 4 the gene
  const auto decoded_size = [](std::vector<Token> tokens) { return gptnas::decode<Outer>(tokens).size(); };
  EXPECT_EQ(decoded_size({1}), 0u);
  EXPECT_EQ(decoded_size({2, 1}), 1u);
  EXPECT_EQ(decoded_size({2, 2, 1}), 2u);
  EXPECT_EQ(decoded_size({3, 4, 2, 2, 1}), 2u);
  EXPECT_EQ(refusal<Outer>({2, 2, 2}), "decode: token 2 at position 2; expected one of 1");
  EXPECT_EQ(refusal<Outer>({3, 1}), "decode: token 1 at position 1; expected one of 2, 3, 4");
}

TEST(Tokens, RefusalsNameThePositionAndWhatWasExpected) {
  EXPECT_EQ(refusal<Net>({}), "decode: the end at position 0; expected one of 4, 5, 6, 7");
  EXPECT_EQ(refusal<Net>({1}), "decode: token 1 at position 0; expected one of 4, 5, 6, 7");
  EXPECT_EQ(refusal<Net>({6, 9, 12}), "decode: the end at position 3; expected one of 1, 4, 5, 6, 7");
  EXPECT_EQ(refusal<Net>({6, 9, 12, 9}), "decode: token 9 at position 3; expected one of 1, 4, 5, 6, 7");
  EXPECT_EQ(refusal<Net>({6, 9, 12, 4, 8, 10, 4}), "decode: token 4 at position 6; expected one of 1");
  EXPECT_EQ(refusal<Net>({6, 9, 12, 1, 3, 4, 8}), "decode: the end at position 7; expected one of 10, 11, 12");
  EXPECT_EQ(refusal<Net>({6, 9, 12, 1, 3, 4, 8, 11, 1}), "decode: token 1 at position 8; expected the end");
  EXPECT_EQ(refusal<Net>({0}), "decode: token 0 at position 0; expected one of 4, 5, 6, 7");
  EXPECT_EQ(refusal<Net>({6, 65535}), "decode: token 65535 at position 1; expected one of 8, 9");
}

}  // namespace tokens_test
