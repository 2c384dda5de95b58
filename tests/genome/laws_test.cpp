// The laws that every genome type keeps, whatever its shape.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/genome/tokens.hpp>

#include "shapes.hpp"

namespace laws_test {

namespace nas = gptnas;
using nas::RandomStream;
using nas::Token;

constexpr int samples = 100000;

template <class Genome>
std::span<const Token> view(const nas::TokenSequence<Genome>& tokens) {
  return {tokens.data(), tokens.size()};
}

// The state that the grammar is in after the tokens, or no_state.
template <class Genome>
std::size_t state_after(std::span<const Token> tokens) {
  const auto& grammar = nas::grammar<Genome>;
  std::size_t state = 0;
  for (const Token token : tokens) {
    if (token >= grammar.vocabulary || !grammar.allowed[state][token]) return grammar.no_state;
    state = grammar.next[state][token];
  }
  return state;
}

template <class Genome>
bool decodes(std::span<const Token> tokens) {
  try {
    nas::decode<Genome>(tokens);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

// Calls visit(tokens) for every sequence of tokens that the grammar accepts.
template <class Genome, class Visit>
void for_each_accepted(std::vector<Token>& tokens, std::size_t state, const Visit& visit) {
  const auto& grammar = nas::grammar<Genome>;
  if (state == grammar.final_state) return visit(tokens);
  for (std::size_t token = 0; token < grammar.vocabulary; ++token) {
    if (!grammar.allowed[state][token]) continue;
    tokens.push_back(static_cast<Token>(token));
    for_each_accepted<Genome>(tokens, grammar.next[state][token], visit);
    tokens.pop_back();
  }
}

template <class Genome>
class GenomeLaws : public testing::Test {};
TYPED_TEST_SUITE(GenomeLaws, shapes::All);

TYPED_TEST(GenomeLaws, OneByteAGeneAndOneALength) {
  constexpr const shapes::Facts& facts = shapes::facts<TypeParam>;
  static_assert(std::is_trivially_copyable_v<TypeParam>);
  static_assert(sizeof(TypeParam) == facts.genes + facts.sequences);
  static_assert(nas::Layout<TypeParam>::max_tokens == facts.genes + facts.sequences);
  static_assert(nas::layout<TypeParam>.fixed_length == (facts.sequences == 0));
}

TYPED_TEST(GenomeLaws, AsManyGenomesAndTokensAsCountedByHand) {
  EXPECT_EQ(to_string(nas::cardinality<TypeParam>()), shapes::facts<TypeParam>.cardinality);
  EXPECT_EQ(nas::vocabulary_size<TypeParam>, shapes::facts<TypeParam>.vocabulary);
}

TYPED_TEST(GenomeLaws, DefaultIsAGenome) {
  constexpr TypeParam fresh{};
  constexpr auto tokens = nas::encode(fresh);
  static_assert(nas::Equal{}(nas::decode<TypeParam>(tokens), fresh));
  for (std::size_t gene = 0; gene < nas::gene_count(fresh); ++gene) EXPECT_EQ(nas::gene_value(fresh, gene), 0u);
}

TYPED_TEST(GenomeLaws, RoundTripThroughTokens) {
  RandomStream random(1);
  for (int draw = 0; draw < samples; ++draw) {
    const auto genome = nas::sample<TypeParam>(random);
    const auto tokens = nas::encode(genome);
    ASSERT_LE(tokens.size(), nas::Layout<TypeParam>::max_tokens);
    ASSERT_EQ(state_after<TypeParam>(view<TypeParam>(tokens)), nas::grammar<TypeParam>.final_state);
    ASSERT_TRUE(nas::Equal{}(nas::decode<TypeParam>(tokens), genome)) << nas::print(genome);
  }
}

TYPED_TEST(GenomeLaws, StartTokenIsNeverAllowed) {
  for (const auto& allowed : nas::grammar<TypeParam>.allowed) EXPECT_FALSE(allowed[nas::start_token]);
}

TYPED_TEST(GenomeLaws, MaskSaysWhereATokenLeads) {
  const auto& grammar = nas::grammar<TypeParam>;
  for (std::size_t state = 0; state < grammar.states; ++state) {
    std::size_t choices = 0;
    for (std::size_t token = 0; token < grammar.vocabulary; ++token) {
      EXPECT_EQ(grammar.allowed[state][token], grammar.next[state][token] != grammar.no_state);
      if (!grammar.allowed[state][token]) continue;
      ++choices;
      EXPECT_GT(grammar.next[state][token], state);  // so that reading ends
      EXPECT_LE(grammar.next[state][token], grammar.final_state);
    }
    EXPECT_EQ(choices == 0, state == grammar.final_state);  // there are no dead ends
  }
}

TYPED_TEST(GenomeLaws, WhatTheGrammarRefusesDecodeRefuses) {
  RandomStream random(2);
  int refused = 0;
  for (int draw = 0; draw < 2000; ++draw) {
    const auto right = nas::encode(nas::sample<TypeParam>(random));
    std::vector<Token> tokens(right.begin(), right.end());
    const std::size_t place = random.below(static_cast<std::uint32_t>(tokens.size() + 1));
    const auto token = static_cast<Token>(random.below(nas::vocabulary_size<TypeParam> + 1));
    const auto at = tokens.begin() + static_cast<std::ptrdiff_t>(place);
    switch (random.below(4)) {
      case 0: tokens.insert(at, token); break;
      case 1: tokens.resize(place); break;
      case 2: if (place < tokens.size()) tokens.erase(at); break;
      default: if (place < tokens.size()) tokens[place] = token; break;
    }
    const bool accepted = state_after<TypeParam>(tokens) == nas::grammar<TypeParam>.final_state;
    ASSERT_EQ(decodes<TypeParam>(tokens), accepted);
    refused += !accepted;
  }
  EXPECT_GT(refused, 500);
}

TYPED_TEST(GenomeLaws, EqualGenomesHaveEqualHashes) {
  RandomStream random(3);
  for (int draw = 0; draw < 10000; ++draw) {
    const auto genome = nas::sample<TypeParam>(random);
    auto other = nas::decode<TypeParam>(nas::encode(genome));
    ASSERT_EQ(nas::Hash{}(other), nas::Hash{}(genome));
    if (nas::gene_count(genome) == 0) continue;
    const std::size_t gene = random.below(static_cast<std::uint32_t>(nas::gene_count(genome)));
    const std::size_t value = nas::gene_value(genome, gene);
    nas::set_gene_value(other, gene, value == 0 ? 1 : value - 1);
    ASSERT_FALSE(nas::Equal{}(other, genome));
    ASSERT_NE(nas::Hash{}(other), nas::Hash{}(genome));
  }
}

TYPED_TEST(GenomeLaws, HashesOfDifferentGenomesDiffer) {
  RandomStream random(4);
  std::unordered_set<TypeParam, nas::Hash, nas::Equal> genomes;
  std::unordered_set<std::size_t> hashes, low_bits;
  for (int draw = 0; draw < samples; ++draw) {
    const auto genome = nas::sample<TypeParam>(random);
    if (!genomes.insert(genome).second) continue;
    hashes.insert(nas::Hash{}(genome));
    low_bits.insert(nas::Hash{}(genome) & 0xFFFFF);
  }
  EXPECT_EQ(hashes.size(), genomes.size());
  // Of n random keys in m = 2^20 places, about n^2 / 2m meet another.
  const double count = static_cast<double>(genomes.size());
  EXPECT_GT(static_cast<double>(low_bits.size()), count - count * count / (1 << 20) - 10);
}

TYPED_TEST(GenomeLaws, GenesAreReadAndSet) {
  static_assert(std::is_reference_v<decltype(nas::gene_sites(TypeParam{}))> == nas::layout<TypeParam>.fixed_length,
                "a table that is made at compile time is not copied");
  RandomStream random(5);
  for (int draw = 0; draw < 200; ++draw) {
    auto genome = nas::sample<TypeParam>(random);
    const auto sites = nas::gene_sites(genome);
    ASSERT_EQ(sites.size(), nas::gene_count(genome));
    for (std::size_t gene = 0; gene < sites.size(); ++gene) {
      auto tokens = nas::encode(genome);
      for (std::size_t value = 0; value < sites[gene].cardinality; ++value) {
        nas::set_gene_value(genome, gene, value);
        ASSERT_EQ(nas::gene_value(genome, gene), value);
      }
      const auto changed = nas::encode(genome);
      ASSERT_EQ(changed.size(), tokens.size());  // the shape is as before, and so are the other genes
      ASSERT_LE(std::inner_product(tokens.begin(), tokens.end(), changed.begin(), 0, std::plus<>(), std::not_equal_to<>()),
                1);
    }
  }
}

TYPED_TEST(GenomeLaws, GenesThatAreNotThereAreRefused) {
  TypeParam genome{};
  const std::size_t count = nas::gene_count(genome);
  EXPECT_THROW(nas::gene_value(genome, count), std::invalid_argument);
  EXPECT_THROW(nas::set_gene_value(genome, count, 0), std::invalid_argument);
  if (count > 0) {
    EXPECT_THROW(nas::set_gene_value(genome, 0, nas::gene_sites(genome)[0].cardinality), std::invalid_argument);
    EXPECT_TRUE(nas::Equal{}(genome, TypeParam{}));
  }
}

TYPED_TEST(GenomeLaws, ComponentsCoverTheGenesOnce) {
  std::vector<int> covered(nas::Layout<TypeParam>::steps);
  for (const nas::ComponentSite& component : nas::layout<TypeParam>.components) {
    EXPECT_LT(component.begin, component.end);
    EXPECT_TRUE(nas::layout<TypeParam>.instructions[component.begin].begins_component);
    for (std::size_t step = component.begin; step < component.end; ++step) ++covered[step];
  }
  for (std::size_t step = 0; step < covered.size(); ++step) {
    EXPECT_LE(covered[step], 1);
    if (nas::layout<TypeParam>.instructions[step].kind == nas::Instruction::Kind::gene) {
      EXPECT_EQ(covered[step], 1);
    }
  }
}

// Of the small shapes, every genome is visited.
template <class Genome>
class SmallGenomeLaws : public testing::Test {};
using SmallShapes = testing::Types<shapes::Flat, shapes::Cell, shapes::Small, shapes::Bare>;
TYPED_TEST_SUITE(SmallGenomeLaws, SmallShapes);

TYPED_TEST(SmallGenomeLaws, GrammarAcceptsEveryGenomeOnce) {
  std::unordered_set<TypeParam, nas::Hash, nas::Equal> genomes;
  std::size_t sequences = 0;
  std::vector<Token> prefix;
  for_each_accepted<TypeParam>(prefix, 0, [&](const std::vector<Token>& tokens) {
    ++sequences;
    const auto genome = nas::decode<TypeParam>(tokens);
    genomes.insert(genome);
    const auto again = nas::encode(genome);
    ASSERT_TRUE(std::equal(again.begin(), again.end(), tokens.begin(), tokens.end())) << nas::print(genome);
  });
  EXPECT_EQ(std::to_string(sequences), shapes::facts<TypeParam>.cardinality);
  EXPECT_EQ(genomes.size(), sequences);
}

TYPED_TEST(SmallGenomeLaws, SampleReachesEveryGenome) {
  std::unordered_set<TypeParam, nas::Hash, nas::Equal> genomes;
  RandomStream random(6);
  for (int draw = 0; draw < 400000; ++draw) genomes.insert(nas::sample<TypeParam>(random));
  EXPECT_EQ(std::to_string(genomes.size()), shapes::facts<TypeParam>.cardinality);
}

TEST(Grammar, DecodeAcceptsNothingElse) {
  // Tried with all sequences of up to six tokens.
  using Tiny = nas::Sequence<nas::Sequence<nas::Choice<1, 2>, 0, 1>, 1, 2>;
  static_assert(nas::vocabulary_size<Tiny> == 5 && nas::Layout<Tiny>::max_tokens == 5);
  std::size_t accepted = 0;
  std::vector<Token> tokens;
  const auto extend = [&](const auto& self) -> void {
    accepted += decodes<Tiny>(tokens);
    if (tokens.size() == 6) return;
    for (Token token = 0; token < 6; ++token) {  // 5 is outside the vocabulary
      tokens.push_back(token);
      self(self);
      tokens.pop_back();
    }
  };
  extend(extend);
  EXPECT_EQ(accepted, 3u + 3 * 3);
}

}  // namespace laws_test
