// Genomes of different shapes, on which the laws of every genome are tested.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <gptnas/genome/reflection.hpp>

namespace shapes {

using gptnas::Choice;
using gptnas::Repeat;
using gptnas::Sequence;

enum class Op : std::uint8_t { conv, depthwise, max_pool, identity };

struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block,
    (Choice<Op::conv, Op::depthwise, Op::max_pool, Op::identity>, op),
    (Choice<3, 5>, kernel),
    (Choice<16, 32, 64>, width));
};

// Genes alone.
struct Flat {
  BOOST_HANA_DEFINE_STRUCT(Flat,
    (Choice<Op::conv, Op::identity>, op),
    (Choice<-1, 0, 1>, shift),
    (Choice<false, true>, norm));
};

// A fixed number of equal genes.
struct Cell {
  BOOST_HANA_DEFINE_STRUCT(Cell, (Repeat<Choice<0, 1, 2, 3, 4>, 6>, edges));
};

// A variable number of components.
struct Chain {
  BOOST_HANA_DEFINE_STRUCT(Chain, (Sequence<Block, 3, 10>, blocks));
};

struct Stage {
  BOOST_HANA_DEFINE_STRUCT(Stage, (Sequence<Block, 0, 3>, blocks), (Choice<1, 2>, stride));
};

// Sequences in a sequence, all of which may be empty; one component type in two places.
struct Nested {
  BOOST_HANA_DEFINE_STRUCT(Nested,
    (Sequence<Stage, 0, 4>, stages),
    (Repeat<Block, 2>, tail),
    (Choice<false, true>, flag));
};

struct Group {
  BOOST_HANA_DEFINE_STRUCT(Group, (Choice<1, 2>, stride), (Sequence<Choice<Op::conv, Op::identity>, 1, 2>, ops));
};

// Small enough to be enumerated, with sequences of at least one item inside another.
struct Small {
  BOOST_HANA_DEFINE_STRUCT(Small, (Sequence<Group, 1, 2>, groups), (Choice<false, true>, norm));
};

// No struct at all: three sequences in one another, whose tokens are ENDs alone where they are empty.
using Bare = Sequence<Sequence<Sequence<Choice<7, 9>, 0, 1>, 0, 2>, 0, 2>;

struct Layer {
  BOOST_HANA_DEFINE_STRUCT(Layer, (Repeat<Choice<1, 2, 4, 8>, 5>, factors), (Sequence<Block, 0, 1>, extra));
};

// Many more genomes than 2^64.
struct Large {
  BOOST_HANA_DEFINE_STRUCT(Large, (Repeat<Layer, 40>, layers));
};

using All = testing::Types<Flat, Cell, Chain, Nested, Small, Bare, Large>;

// What a shape has, counted by hand.
struct Facts {
  std::size_t genes;      // at most
  std::size_t sequences;  // at most
  std::size_t vocabulary;
  std::string_view cardinality;
};

template <class Genome>
inline constexpr Facts facts{};
template <>
inline constexpr Facts facts<Flat>{3, 0, 1 + 7, "12"};
template <>
inline constexpr Facts facts<Cell>{6, 0, 1 + 5, "15625"};
template <>  // 24^3 + ... + 24^10
inline constexpr Facts facts<Chain>{30, 1, 1 + 1 + 9, "66160049702400"};
template <>  // with s = 2 (1 + 24 + 24^2 + 24^3) stages, (1 + s + s^2 + s^3 + s^4) 24^2 2
inline constexpr Facts facts<Nested>{47, 5, 1 + 1 + 2 + 1 + 2 + 9, "798088040458820756352"};
template <>  // with 2 (2 + 4) = 12 groups, (12 + 144) 2
inline constexpr Facts facts<Small>{7, 3, 1 + 1 + 2 + 2 + 1 + 2, "312"};
template <>  // 1 + 2 = 3, then 1 + 3 + 9 = 13, then 1 + 13 + 169
inline constexpr Facts facts<Bare>{4, 7, 1 + 3 + 2, "183"};
template <>  // (4^5 (1 + 24))^40
inline constexpr Facts facts<Large>{
    320, 40, 1 + 4 + 1 + 9,
    "21359870359209100823950217061695521146027045223566527699470416078222197257806405500229620869365760000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000"};

}  // namespace shapes
