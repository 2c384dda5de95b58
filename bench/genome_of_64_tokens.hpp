// What the benchmarks of sampling on a GPU draw: as many tokens as GPT A's context, and its whole vocabulary.
#pragma once

#include <boost/hana/define_struct.hpp>

#include <gptnas/genome/reflection.hpp>
#include <gptnas/genome/tokens.hpp>

using Sixteen = gptnas::Choice<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>;
using Fifteen = gptnas::Choice<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14>;
struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block, (Sixteen, a), (Sixteen, b), (Sixteen, c), (Fifteen, d));
};
struct GenomeOf64Tokens {
  BOOST_HANA_DEFINE_STRUCT(GenomeOf64Tokens, (gptnas::Repeat<Block, 16>, blocks));
};
