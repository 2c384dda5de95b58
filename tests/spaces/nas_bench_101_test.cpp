#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>
#include <gptnas/spaces/nas_bench_101_table.hpp>

#include "../genome/relabelled.hpp"
#include "../message_of.hpp"
#include "../sanitized.hpp"

namespace nas_bench_101_test {

using gptnas::NasBench101;
using gptnas_test::message_of;
using CellType = NasBench101::CellType;
using Operations = std::vector<CellType::Operation>;

constexpr auto conv3x3 = NasBench101::Operation::conv3x3_bn_relu, conv1x1 = NasBench101::Operation::conv1x1_bn_relu,
               maxpool = NasBench101::Operation::maxpool3x3;

// An Inception-like cell.
const std::vector<std::uint8_t> inception{0, 1, 1, 1, 0, 1, 0,  //
                                          0, 0, 0, 0, 0, 0, 1,  //
                                          0, 0, 0, 0, 0, 0, 1,  //
                                          0, 0, 0, 0, 1, 0, 0,  //
                                          0, 0, 0, 0, 0, 0, 1,  //
                                          0, 0, 0, 0, 0, 0, 1,  //
                                          0, 0, 0, 0, 0, 0, 0};
const Operations inception_operations{conv1x1, conv3x3, conv3x3, conv3x3, maxpool};

TEST(NasBench101, IsTwentySixBytes) {
  static_assert(sizeof(NasBench101::Genome) == 26);
  static_assert(gptnas::Layout<NasBench101::Genome>::max_tokens == 26);
}

// Counted by brute force over all 2^21 adjacencies: those of at most nine edges with a path to the output, times 3^5.
TEST(NasBench101, CountsItsLabelledCells) {
  std::size_t graphs = 0;
  for (std::uint32_t bits = 0; bits < 1u << 21; ++bits) {
    if (std::popcount(bits) > 9) continue;
    std::uint32_t reached = 1;
    for (std::uint32_t to = 1, at = 0; to < 7; at += to++) {
      if (bits >> at & ((1u << to) - 1) & reached) reached |= 1u << to;
    }
    graphs += reached >> 6;
  }
  EXPECT_EQ(to_string(gptnas::cardinality<NasBench101::Genome>()), std::to_string(graphs * 243));
}

TEST(NasBench101, TakesDeadVerticesAway) {
  // Vertex 1 leads nowhere, vertex 3 comes from nowhere.
  const std::vector<std::uint8_t> matrix{0, 1, 1, 0, 0,  //
                                         0, 0, 0, 0, 0,  //
                                         0, 0, 0, 0, 1,  //
                                         0, 0, 0, 0, 1,  //
                                         0, 0, 0, 0, 0};
  const auto genome = NasBench101::genome(matrix, Operations{conv3x3, maxpool, conv1x1});
  EXPECT_TRUE(gptnas::Equal{}(genome.cell, CellType({maxpool, conv3x3, conv3x3, conv3x3, conv3x3}, {{0, 1}, {1, 6}})));
}

TEST(NasBench101, RefusesOtherModules) {
  const auto refusal = [](std::vector<std::uint8_t> matrix, const Operations& operations) {
    return message_of([&] { NasBench101::genome(matrix, operations); });
  };
  EXPECT_EQ(refusal(inception, Operations(6, conv3x3)), "NasBench101: vertices is 8; expected 2 to 7");
  EXPECT_EQ(refusal({0, 1, 0}, {}), "NasBench101: entries of the adjacency is 3; expected 4");
  EXPECT_EQ(refusal({0, 2, 0, 0}, {}), "NasBench101: adjacency from 0 to 1 is 2; expected 0 or 1");
  EXPECT_EQ(refusal({0, 1, 1, 0}, {}),
            "NasBench101: adjacency from 1 to 0 is 1; expected 0, as edges go to higher vertices");
  EXPECT_EQ(refusal({0, 0, 0, 0}, {}), "Cell: no path leads from the input to the output; expected one");
  std::vector<std::uint8_t> full(49);
  for (std::size_t from = 0; from < 7; ++from) {
    for (std::size_t to = from + 1; to < 7; ++to) full[from * 7 + to] = 1;
  }
  EXPECT_EQ(refusal(full, Operations(5, conv3x3)), "Cell: number of edges is 21; expected at most 9");
  EXPECT_EQ(message_of([] { NasBench101::operation("conv5x5"); }),
            "NasBench101: operation is \"conv5x5\"; expected conv3x3-bn-relu, conv1x1-bn-relu or maxpool3x3");
}

TEST(NasBench101, KnowsThePathsOfACell) {
  // Digits of base 4: 1 for a convolution of 3x3, 2 of 1x1, 3 for a pool.
  const auto genome = NasBench101::genome(inception, inception_operations);
  EXPECT_EQ(NasBench101::paths(genome), (std::vector<std::uint64_t>{1, 2, 3, 1 << 2 | 1}));
  EXPECT_EQ(NasBench101::paths({}), std::vector<std::uint64_t>{0});
}

TEST(NasBench101, CountsTheParametersOfTheNetwork) {
  gptnas::RandomStream random(2);
  for (int draw = 0; draw < 200; ++draw) {
    const auto genome = gptnas::sample<NasBench101::Genome>(random);
    ASSERT_EQ(NasBench101::parameters(genome, 7), NasBench101::build(genome, {3, 32, 32, 7}).parameters());
  }
}

// Of each isomorphism class the key, the hash and the canonical cell are one; checked on random relabellings.
TEST(NasBench101, NamesIsomorphicCellsAlike) {
  gptnas::RandomStream random(1);
  for (int draw = 0; draw < 300; ++draw) {
    const auto genome = gptnas::sample<NasBench101::Genome>(random);
    const NasBench101::Genome other{gptnas_test::relabelled(genome.cell, random)};
    ASSERT_EQ(NasBench101::key(genome), NasBench101::key(other));
    ASSERT_EQ(NasBench101::module_hash(genome), NasBench101::module_hash(other));
    ASSERT_EQ(NasBench101::paths(genome), NasBench101::paths(other));
    ASSERT_TRUE(gptnas::Equal{}(gptnas::canonical(genome), gptnas::canonical(other)));
    ASSERT_TRUE(gptnas::Equal{}(gptnas::canonical(genome), gptnas::canonical(gptnas::canonical(genome))));
    ASSERT_EQ(NasBench101::canonical_key(gptnas::canonical(genome)), NasBench101::key(genome));
    ASSERT_EQ(NasBench101::canonical_key(other) == NasBench101::key(other), gptnas::is_canonical(other.cell));
  }
}

#if defined(GPTNAS_WITH_ZLIB)
TEST(NasBench101, BuildsTheNetworksOfTheTable) {
  const std::filesystem::path path = GPTNAS_DATA_DIR "/nas_bench_101.csv.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent; set GPTNAS_DATA_DIR";
  const gptnas::Table table(path);
  const auto vertices = table.numbers("vertices"), parameters = table.numbers("params");
  const auto adjacency = table.texts("adj"), operations = table.texts("ops");
  ASSERT_EQ(table.rows(), 423624u);
  const std::size_t step = GPTNAS_SANITIZED ? 1000 : 1;
  std::vector<std::uint64_t> keys;
  std::string last_hash;
  for (std::size_t row = 0; row < table.rows(); row += step) {
    const auto genome =
        gptnas::nas_bench_101_cell(static_cast<std::size_t>(vertices[row]), adjacency[row], operations[row]);
    const auto network = NasBench101::build(genome, {3, 32, 32, 10});
    ASSERT_EQ(static_cast<double>(network.parameters()), parameters[row]) << row;
    ASSERT_EQ(NasBench101::parameters(genome), network.parameters()) << row;
    keys.push_back(NasBench101::key(genome));
    if (row % 1000 != 0) continue;
    const std::string hash = NasBench101::module_hash(genome);
    ASSERT_LT(last_hash, hash) << row;  // the rows are in the order of the hashes
    last_hash = hash;
  }
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}
#endif

}  // namespace nas_bench_101_test
