#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <variant>

#include <gptnas/concepts/space.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/default_mutation.hpp>
#include <gptnas/evolution/one_point_crossover.hpp>
#include <gptnas/evolution/uniform_crossover.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/spaces/mobilenet_v3.hpp>

#include "training.hpp"

namespace mobilenet_v3_test {

using gptnas::MobileNetV3;
using gptnas::Network;
using gptnas::TaskShape;
using Width = MobileNetV3::Width;

constexpr TaskShape cifar10{3, 32, 32, 10};

static_assert(gptnas::Space<MobileNetV3>);

TEST(MobileNetV3, HasThreeWidthsTimesOnceForAllsStages) {
  EXPECT_EQ(to_string(gptnas::cardinality<MobileNetV3::Stage::Layers>()), "7371");
  EXPECT_EQ(to_string(gptnas::cardinality<MobileNetV3::Genome>()), "5287353284695114061793");
}

// The same layers in every stage.
MobileNetV3::Genome genome_of(Width width, const MobileNetV3::Stage::Layers& layers) {
  MobileNetV3::Genome genome;
  for (MobileNetV3::Stage& stage : genome.stages) stage = {width, layers};
  return genome;
}

// Counted layer by layer by a program of its own.
TEST(MobileNetV3, BuildsNetworksOfTheRightSize) {
  const MobileNetV3::Layer least{3u, 3u}, most{7u, 6u};
  const auto small = MobileNetV3::build(genome_of(Width::narrow, {least, least}), cifar10);
  EXPECT_EQ(small.parameters(), 1598098u);
  EXPECT_EQ(small.multiply_accumulates(), 23445504u);
  const auto large = MobileNetV3::build(genome_of(Width::wide, {most, most, most, most}), cifar10);
  EXPECT_EQ(large.parameters(), 8585954u);
  EXPECT_EQ(large.multiply_accumulates(), 249772032u);
  const auto mixed = MobileNetV3::build(genome_of(Width::normal, {{5u, 4u}, {3u, 6u}, {7u, 3u}}), {1, 28, 28, 7});
  EXPECT_EQ(mixed.parameters(), 3640095u);
  EXPECT_EQ(mixed.multiply_accumulates(), 66351168u);
}

template <class Operation>
std::size_t count(const Network& network) {
  std::size_t count = 0;
  for (const Network::Node& node : network.nodes()) count += std::holds_alternative<Operation>(node.operation);
  return count;
}

TEST(MobileNetV3, HasGatesAndHardSwishWhereMobileNetV3HasThem) {
  const auto network = MobileNetV3::build(genome_of(Width::normal, {{}, {}, {}}), cifar10);
  EXPECT_EQ(count<gptnas::operations::Multiply>(network), 9u);           // in three stages
  EXPECT_EQ(count<gptnas::operations::HardSigmoid>(network), 9u);        // their gates
  EXPECT_EQ(count<gptnas::operations::HardSwish>(network), 3 + 2u * 9);  // stem, the last two, three stages
  EXPECT_EQ(count<gptnas::operations::Relu>(network), 1 + 2u * 6 + 9);   // first layer, two stages, the gates
}

TEST(MobileNetV3, BuildsAnyGenomeForAnyTask) {
  gptnas::RandomStream random(1);
  for (const TaskShape& task :
       {cifar10, TaskShape{1, 28, 28, 10}, TaskShape{3, 64, 48, 200}, TaskShape{2, 5, 1, 3}, TaskShape{1, 1, 1, 2}}) {
    for (int i = 0; i < 200; ++i) {
      const auto network = MobileNetV3::build(gptnas::sample<MobileNetV3::Genome>(random), task);
      ASSERT_EQ(network.node(network.output()).shape, (gptnas::TensorShape{task.classes, 1, 1}));
    }
  }
}

TEST(MobileNetV3, GrowsWithEveryGene) {
  gptnas::RandomStream random(2);
  for (int i = 0; i < 300; ++i) {
    const auto genome = gptnas::sample<MobileNetV3::Genome>(random);
    const std::size_t macs = MobileNetV3::build(genome, cifar10).multiply_accumulates();
    for (std::size_t stage = 0; stage < 5; ++stage) {
      const auto expect_more = [&](auto change) {
        auto larger = genome;
        if (change(larger.stages[stage])) {
          EXPECT_GT(MobileNetV3::build(larger, cifar10).multiply_accumulates(), macs) << gptnas::print(larger);
        }
      };
      expect_more([](MobileNetV3::Stage& each) {
        const bool changes = each.width != Width::wide;
        each.width = Width::wide;
        return changes;
      });
      expect_more([](MobileNetV3::Stage& each) {
        const bool changes = each.layers.size() < 4;
        if (changes) each.layers.push_back({});
        return changes;
      });
      expect_more([](MobileNetV3::Stage& each) {
        const bool changes = each.layers[1].kernel != 7u || each.layers[1].expansion != 6u;
        each.layers[1] = {7u, 6u};
        return changes;
      });
    }
  }
}

TEST(MobileNetV3, Trains) {
  gptnas::RandomStream random(3);
  for (int i = 0; i < 3; ++i) {
    const auto genome = gptnas::sample<MobileNetV3::Genome>(random);
    EXPECT_TRUE(gptnas_test::trains(MobileNetV3::build(genome, {1, 14, 12, 10}))) << gptnas::print(genome);
  }
}

// The cost that the constraint adds up is that of the network.
template <class Space>
void expect_the_networks_cost(const TaskShape& task) {
  using Constraint = typename Space::Genome::Constraint;
  gptnas::RandomStream random(3);
  for (int draw = 0; draw < 200; ++draw) {
    const auto genome = gptnas::sample<MobileNetV3::Genome>(random);
    auto state = Constraint::start();
    std::uint64_t cost = 0;
    for (const MobileNetV3::Stage& stage : genome.stages) {
      cost += Constraint::cost(state, stage);
      state = Constraint::step(state, stage);
    }
    ASSERT_EQ(cost, Space::build(genome, task).multiply_accumulates()) << gptnas::print(genome);
  }
}

TEST(MobileNetV3Within, CountsTheMultiplyAccumulatesOfTheNetwork) {
  expect_the_networks_cost<gptnas::MobileNetV3Within<100'000'000>>(cifar10);
  expect_the_networks_cost<gptnas::MobileNetV3Within<100'000'000, 1, 28, 7>>({1, 28, 28, 7});
}

// By the networks themselves, not by the constraint.
TEST(MobileNetV3Within, NetworksKeepToTheBound) {
  using Space = gptnas::MobileNetV3Within<60'000'000>;
  gptnas::RandomStream random(5);
  auto genome = gptnas::sample<Space::Genome>(random);
  std::uint64_t largest = 0;
  const auto check = [&](const Space::Genome& each) {
    const std::uint64_t cost = Space::build(each, cifar10).multiply_accumulates();
    largest = std::max(largest, cost);
    ASSERT_LE(cost, 60'000'000u) << gptnas::print(each);
  };
  for (int draw = 0; draw < 2000; ++draw) {
    const auto other = gptnas::sample<Space::Genome>(random);
    check(other);
    gptnas::DefaultMutation{}.mutate(genome, random);
    check(genome);
    check(gptnas::OnePointCrossover{}.cross(genome, other, random));
    check(gptnas::UniformCrossover{}.cross(genome, other, random));
  }
  EXPECT_GT(largest, 59'000'000u);
}

TEST(MobileNetV3Within, HasNothingBelowTheSmallestNetwork) {
  gptnas::RandomStream random(4);
  using Smallest = gptnas::MobileNetV3Within<23'445'504>;
  const auto genome = gptnas::sample<Smallest::Genome>(random);
  EXPECT_EQ(Smallest::build(genome, cifar10).multiply_accumulates(), 23445504u);
  EXPECT_EQ(to_string(gptnas::cardinality<Smallest::Genome>()), "1");
  using None = gptnas::MobileNetV3Within<23'445'503>;
  EXPECT_THROW(gptnas::sample<None::Genome>(random), std::logic_error);
}

}  // namespace mobilenet_v3_test
