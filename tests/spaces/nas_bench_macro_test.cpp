#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>

#include <gptnas/concepts/space.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/spaces/nas_bench_macro.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

#include "../message_of.hpp"
#include "training.hpp"

namespace nas_bench_macro_test {

using gptnas::NasBenchMacro;
using gptnas_test::message_of;

constexpr gptnas::TaskShape cifar10{3, 32, 32, 10};

static_assert(gptnas::Space<NasBenchMacro>);
static_assert(gptnas::NumberedSpace<NasBenchMacro>, "a TabularTrainer takes it");

TEST(NasBenchMacro, Has6561Genomes) {
  static_assert(sizeof(NasBenchMacro::Genome) == 8);
  EXPECT_EQ(to_string(gptnas::cardinality<NasBenchMacro::Genome>()), "6561");
  EXPECT_EQ(NasBenchMacro::size, 6561u);
}

TEST(NasBenchMacro, NumbersAndNamesItsGenomes) {
  for (std::size_t index = 0; index < NasBenchMacro::size; ++index) {
    const auto genome = NasBenchMacro::genome(index);
    ASSERT_EQ(NasBenchMacro::index(genome), index);
    ASSERT_TRUE(gptnas::Equal{}(NasBenchMacro::from_arch_string(NasBenchMacro::arch_string(genome)), genome));
  }
  EXPECT_EQ(NasBenchMacro::index_of("00000012"), 5u);
  EXPECT_EQ(NasBenchMacro::arch_string(NasBenchMacro::genome(6560)), "22222222");
  EXPECT_EQ(NasBenchMacro::from_arch_string("01200000").layers[2].name(), "mb6_k5");
}

TEST(NasBenchMacro, RefusesOtherNumbersAndNames) {
  EXPECT_EQ(message_of([] { NasBenchMacro::genome(6561); }), "NasBenchMacro: number is 6561; expected below 6561");
  for (const char* digits : {"", "0120120", "012012012", "01201203", "-1201201", "0120 201"}) {
    EXPECT_EQ(message_of([&] { NasBenchMacro::from_arch_string(digits); }),
              "NasBenchMacro: arch string is \"" + std::string(digits) + "\"; expected eight digits from 0 to 2");
  }
}

std::string canonical(const std::string& digits) {
  return NasBenchMacro::arch_string(NasBenchMacro::canonical(NasBenchMacro::from_arch_string(digits)));
}

TEST(NasBenchMacro, MovesIdentitiesToTheEndOfTheirStage) {
  EXPECT_EQ(canonical("00001002"), "00010020");
  EXPECT_EQ(canonical("01201201"), "01210210");
  EXPECT_EQ(canonical("22222222"), "22222222");
  std::set<std::string> classes;
  for (std::size_t index = 0; index < NasBenchMacro::size; ++index) {
    const std::string digits = NasBenchMacro::arch_string(NasBenchMacro::genome(index));
    ASSERT_EQ(canonical(canonical(digits)), canonical(digits));
    classes.insert(canonical(digits));
  }
  EXPECT_EQ(classes.size(), 3969u);
}

// Counted layer by layer from the paper's description, by a program of its own.
TEST(NasBenchMacro, BuildsNetworksOfTheRightSize) {
  struct Case {
    const char* digits;
    std::size_t parameters, multiply_accumulates;
  };
  for (const Case& each :
       {Case{"00000000", 387882, 7713280}, Case{"22222222", 2932586, 105660928}, Case{"01201201", 1283434, 46109184},
        Case{"11111111", 1588874, 53246464}, Case{"20100000", 441002, 22159872}}) {
    const auto network = NasBenchMacro::build(NasBenchMacro::from_arch_string(each.digits), cifar10);
    EXPECT_EQ(network.parameters(), each.parameters) << each.digits;
    EXPECT_EQ(network.multiply_accumulates(), each.multiply_accumulates) << each.digits;
  }
}

TEST(NasBenchMacro, BuildsAll) {
  std::size_t parameters = 0, multiply_accumulates = 0;
  for (std::size_t index = 0; index < NasBenchMacro::size; ++index) {
    const auto genome = NasBenchMacro::genome(index);
    const auto network = NasBenchMacro::build(genome, cifar10);
    ASSERT_EQ(network.node(network.output()).shape, (gptnas::TensorShape{10, 1, 1}));
    const auto same = NasBenchMacro::build(NasBenchMacro::canonical(genome), cifar10);
    ASSERT_EQ(network.parameters(), same.parameters());
    parameters += network.parameters();
    multiply_accumulates += network.multiply_accumulates();
  }
  EXPECT_EQ(parameters, 10736730954u);
  EXPECT_EQ(multiply_accumulates, 364399409664u);
}

TEST(NasBenchMacro, Trains) {
  const auto genome = NasBenchMacro::from_arch_string("01201201");
  EXPECT_TRUE(gptnas_test::trains(NasBenchMacro::build(genome, {1, 28, 28, 10})));
  EXPECT_TRUE(gptnas_test::trains(NasBenchMacro::build(genome, {3, 9, 5, 2})));
}

}  // namespace nas_bench_macro_test
