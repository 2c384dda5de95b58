// What every operator on genomes must give.
#pragma once

#include <gtest/gtest.h>

#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/tokens.hpp>

namespace gptnas_test {

/// Reading it as tokens and back gives the genome again, byte for byte: unused slots are zero.
template <class Genome>
testing::AssertionResult valid(const Genome& genome) {
  const auto tokens = gptnas::encode(genome);
  if (gptnas::Equal{}(gptnas::decode<Genome>(tokens), genome)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << gptnas::print(genome);
}

}  // namespace gptnas_test
