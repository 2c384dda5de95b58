// What the blocks of docs/concepts.md take for granted.
#pragma once

#include <algorithm>
#include <cassert>
#include <compare>
#include <functional>
#include <iostream>
#include <numeric>
#include <stop_token>

#include <gptnas/gpt/gpt_checkpoint.hpp>
#include <gptnas/gpt/gpt_weights.hpp>
#include <gptnas/gptnas.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>
#include <gptnas/spaces/nas_bench_101_table.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/study/non_inferiority.hpp>
#include <gptnas/study/wilcoxon.hpp>

namespace nas = gptnas;

enum class Op : std::uint8_t { conv, pool };
struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block, (nas::Choice<Op::conv, Op::pool>, op), (nas::Choice<16, 32>, width));
};
struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (nas::Sequence<Block, 3, 10>, blocks));
};
using Cell = nas::Cell<5, 6, Op::conv, Op::pool>;
struct MySpace {
  using Genome = ::Genome;
};

// Any trainer.
struct Trainer {
  static constexpr std::array objectives{nas::Objective{"length", nas::Direction::maximize}};
  static constexpr std::array<std::string_view, 0> metrics{};
  nas::Outcome evaluate(const nas::Individual<MySpace>& individual, double, nas::RandomStream&, std::stop_token) const {
    return nas::Measured{{static_cast<double>(individual.genome.blocks.size())}, {}, 1};
  }
};
using Proposer = nas::NoProposer<MySpace>;
using Strategy = nas::GeneticAlgorithm<MySpace>;

inline Trainer trainer;
inline Proposer proposer;
inline nas::Search<MySpace, Proposer, Trainer, Strategy> search{{.seed = 1}, proposer, trainer};
