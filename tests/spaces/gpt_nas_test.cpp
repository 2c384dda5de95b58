#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include <gptnas/concepts/space.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/spaces/gpt_nas.hpp>

#include "training.hpp"

namespace gpt_nas_test {

using gptnas::GptNas;
using gptnas::Network;
using gptnas::TaskShape;
using Kind = GptNas::Kind;

constexpr TaskShape cifar10{3, 32, 32, 10};

static_assert(gptnas::Space<GptNas>);

TEST(GptNas, HasSequencesOfTenToTwentyOfFifteenKinds) {
  static_assert(GptNas::KindGene::cardinality == 15);
  EXPECT_EQ(to_string(gptnas::cardinality<GptNas::Genome>()), "356277506794207119140625");
}

GptNas::Genome genome_of(std::initializer_list<Kind> kinds) {
  GptNas::Genome genome;
  genome.blocks.resize(std::max<std::size_t>(10, kinds.size()));
  for (GptNas::Block& block : genome.blocks) block.kind = Kind::relu;
  std::size_t index = 0;
  for (const Kind kind : kinds) genome.blocks[index++].kind = kind;
  return genome;
}

std::size_t least_resolution(const Network& network) {
  // Without the means of channels, which have one pixel.
  std::size_t least = 1000;
  for (const Network::Node& node : network.nodes()) {
    if (node.shape.pixels() > 1) least = std::min({least, node.shape.height, node.shape.width});
  }
  return least;
}

TEST(GptNas, BuildsItsKindsInTheirSizes) {
  GptNas::Genome genome;
  genome.blocks.resize(15);
  for (std::size_t kind = 0; kind < 15; ++kind) genome.blocks[kind].kind = GptNas::KindGene::at(kind);
  const auto network = GptNas::build(genome, cifar10);
  // Counted block by block from the papers' descriptions, by a program of its own.
  EXPECT_EQ(network.parameters(), 789558u);
  EXPECT_EQ(network.multiply_accumulates(), 42761216u);
}

TEST(GptNas, DoublesTheWidthWhereTheResolutionHalves) {
  const auto last_shape = [](std::initializer_list<Kind> kinds, const TaskShape& task) {
    const auto network = GptNas::build(genome_of(kinds), task);
    const auto& pool = network.node(network.node(network.output()).inputs.at(0));
    return network.node(pool.inputs.at(0)).shape;
  };
  EXPECT_EQ(last_shape({}, cifar10), (gptnas::TensorShape{3, 32, 32}));
  EXPECT_EQ(last_shape({Kind::conv}, cifar10), (gptnas::TensorShape{32, 32, 32}));
  EXPECT_EQ(last_shape({Kind::stem}, cifar10), (gptnas::TensorShape{64, 16, 16}));
  EXPECT_EQ(last_shape({Kind::stem, Kind::max_pool}, cifar10), (gptnas::TensorShape{64, 8, 8}));
  EXPECT_EQ(last_shape({Kind::stem, Kind::max_pool, Kind::basic_block}, cifar10), (gptnas::TensorShape{128, 8, 8}));
  EXPECT_EQ(last_shape({Kind::stem, Kind::average_pool, Kind::stem, Kind::stem, Kind::max_pool}, cifar10),
            (gptnas::TensorShape{256, 4, 4}));
  EXPECT_EQ(last_shape({Kind::stem, Kind::stem, Kind::stem}, {1, 28, 28, 10}), (gptnas::TensorShape{128, 7, 7}));
}

TEST(GptNas, BuildsEveryPairOfKinds) {
  for (const Kind first : GptNas::KindGene::values) {
    for (const Kind second : GptNas::KindGene::values) {
      for (const TaskShape& task : {cifar10, TaskShape{1, 28, 28, 10}, TaskShape{2, 1, 3, 4}}) {
        const auto network = GptNas::build(genome_of({first, second, first, second}), task);
        ASSERT_EQ(network.node(network.output()).shape, (gptnas::TensorShape{task.classes, 1, 1}));
      }
    }
  }
}

TEST(GptNas, BuildsAnyGenomeForAnyTask) {
  gptnas::RandomStream random(1);
  for (const TaskShape& task :
       {cifar10, TaskShape{1, 28, 28, 10}, TaskShape{3, 64, 64, 200}, TaskShape{3, 17, 31, 2}}) {
    for (int i = 0; i < 300; ++i) {
      const auto genome = gptnas::sample<GptNas::Genome>(random);
      const auto network = GptNas::build(genome, task);
      ASSERT_EQ(network.node(network.output()).shape, (gptnas::TensorShape{task.classes, 1, 1}));
      ASSERT_GE(least_resolution(network), 4u) << gptnas::print(genome);
    }
  }
}

TEST(GptNas, Trains) {
  gptnas::RandomStream random(2);
  for (int i = 0; i < 5; ++i) {
    const auto genome = gptnas::sample<GptNas::Genome>(random);
    EXPECT_TRUE(gptnas_test::trains(GptNas::build(genome, {1, 14, 12, 10}))) << gptnas::print(genome);
  }
}

}  // namespace gpt_nas_test
