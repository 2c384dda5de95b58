#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/gene_mutation.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/sample.hpp>

#include "../chi_square.hpp"
#include "../message_of.hpp"
#include "shapes.hpp"

namespace sample_test {

using gptnas::RandomStream;
using gptnas_test::chi_square;
using gptnas_test::chi_square_limit;

TEST(Sample, IsUniformOverGenomesOfFixedLength) {
  RandomStream random(1);
  std::vector<std::size_t> counts(12);
  for (int draw = 0; draw < 60000; ++draw) {
    const auto genome = gptnas::sample<shapes::Flat>(random);
    ++counts.at((genome.op.index() * 3 + genome.shift.index()) * 2 + genome.norm.index());
  }
  EXPECT_LT(chi_square(counts), chi_square_limit(11));
}

TEST(Sample, IsUniformOverLengths) {
  RandomStream random(2);
  std::vector<std::size_t> outer(5), inner(4);
  for (int draw = 0; draw < 40000; ++draw) {
    const auto genome = gptnas::sample<shapes::Nested>(random);
    ++outer.at(genome.stages.size());
    for (const auto& stage : genome.stages) ++inner.at(stage.blocks.size());
  }
  EXPECT_LT(chi_square(outer), chi_square_limit(4));
  EXPECT_LT(chi_square(inner), chi_square_limit(3));
}

TEST(Sample, IsUniformOverTheValuesOfEveryGene) {
  RandomStream random(3);
  std::array<std::vector<std::size_t>, 10> ops;
  for (auto& counts : ops) counts.resize(4);
  for (int draw = 0; draw < 40000; ++draw) {
    const auto genome = gptnas::sample<shapes::Chain>(random);
    for (std::size_t block = 0; block < genome.blocks.size(); ++block) ++ops[block][genome.blocks[block].op.index()];
  }
  for (const auto& counts : ops) EXPECT_LT(chi_square(counts), chi_square_limit(3));
}

TEST(Sample, IsTheSameForTheSameStream) {
  RandomStream first(4), second(4);
  for (int draw = 0; draw < 100; ++draw) {
    EXPECT_TRUE(gptnas::Equal{}(gptnas::sample<shapes::Nested>(first), gptnas::sample<shapes::Nested>(second)));
  }
}

// Most genes have one value.
struct Rigid {
  BOOST_HANA_DEFINE_STRUCT(Rigid, (gptnas::Repeat<gptnas::Choice<0>, 9>, fixed), (gptnas::Choice<0, 1>, free));
};
struct RigidItems {
  BOOST_HANA_DEFINE_STRUCT(RigidItems, (gptnas::Sequence<Rigid, 1, 3>, items));
};

TEST(Genes, OfOneValueCannotChange) {
  EXPECT_EQ(gptnas::gene_sites(Rigid{}).size(), 10u);
  EXPECT_EQ(gptnas::changeable_gene_sites(Rigid{}).size(), 1u);
  EXPECT_EQ(gptnas::changeable_gene_sites(Rigid{})[0].offset, 9u);
  EXPECT_EQ(gptnas::changeable_gene_sites(RigidItems{{{Rigid{}, Rigid{}}}}).size(), 2u);
}

TEST(Genes, OfOneValueTakeNoPartInAMutationOfOneOnAverage) {
  RandomStream random(5);
  int changed = 0;
  for (int draw = 0; draw < 10000; ++draw) {
    RigidItems genome{{{Rigid{}, Rigid{}}}};
    gptnas::GeneMutation{}.mutate(genome, random);
    for (const Rigid& item : genome.items) changed += item.free;
  }
  EXPECT_NEAR(changed / 1e4, 1, 4 * std::sqrt(0.5 / 1e4));
}

TEST(Genes, RefusalsNameTheNumber) {
  shapes::Flat genome;
  using gptnas_test::message_of;
  EXPECT_EQ(message_of([&] { gptnas::gene_value(genome, 3); }), "gene_value: gene is 3; expected below 3");
  EXPECT_EQ(message_of([&] { gptnas::set_gene_value(genome, 7, 0); }), "set_gene_value: gene is 7; expected below 3");
  EXPECT_EQ(message_of([&] { gptnas::set_gene_value(genome, 1, 3); }), "set_gene_value: value is 3; expected below 3");
}

}  // namespace sample_test
