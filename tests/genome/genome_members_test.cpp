#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/genome_members.hpp>

#include "shapes.hpp"

namespace genome_members_test {

using gptnas::Choice;
using gptnas::genome_members;
using Names = std::vector<std::string>;

template <class Genome>
Names paths() {
  Names paths;
  for (const auto& member : genome_members<Genome>()) paths.push_back(member.path);
  return paths;
}

template <class Genome>
class MembersTest : public testing::Test {};
TYPED_TEST_SUITE(MembersTest, shapes::All);

TYPED_TEST(MembersTest, AreWhatTheInstructionsRead) {
  const auto all = genome_members<TypeParam>();
  ASSERT_EQ(all.size(), gptnas::Layout<TypeParam>::steps);
  for (std::size_t index = 0; index < all.size(); ++index) {
    const gptnas::Instruction& instruction = gptnas::layout<TypeParam>.instructions[index];
    EXPECT_EQ(all[index].values.size(), instruction.cardinality) << all[index].path;
    EXPECT_EQ(all[index].values.empty(), all[index].path.ends_with("size")) << all[index].path;
  }
}

TEST(Members, AreCalledAsInCpp) {
  EXPECT_EQ(paths<shapes::Flat>(), (Names{"op", "shift", "norm"}));
  EXPECT_EQ(paths<shapes::Cell>(), (Names{"edges[0]", "edges[1]", "edges[2]", "edges[3]", "edges[4]", "edges[5]"}));
  EXPECT_EQ(paths<shapes::Small>(),
            (Names{"groups.size", "groups[0].stride", "groups[0].ops.size", "groups[0].ops[0]", "groups[0].ops.size",
                   "groups[0].ops[1]", "groups[0].ops.size", "groups.size", "groups[1].stride", "groups[1].ops.size",
                   "groups[1].ops[0]", "groups[1].ops.size", "groups[1].ops[1]", "groups[1].ops.size", "groups.size",
                   "norm"}));
}

TEST(Members, OfAGenomeThatIsNoStructBeginWithTheirIndex) {
  EXPECT_EQ((paths<gptnas::Sequence<Choice<7, 9>, 0, 1>>()), (Names{"size", "[0]", "size"}));
  EXPECT_EQ((paths<gptnas::Repeat<shapes::Flat, 1>>()), (Names{"[0].op", "[0].shift", "[0].norm"}));
  EXPECT_EQ((paths<Choice<7, 9>>()), Names{"value"});
}

TEST(Members, OfACellAreItsVerticesAndEdges) {
  using Cell = gptnas::Cell<3, 3, shapes::Op::conv, shapes::Op::max_pool>;
  EXPECT_EQ(paths<Cell>(), (Names{"operation[1]", "edge[0][1]", "edge[0][2]", "edge[1][2]"}));
  EXPECT_EQ(genome_members<Cell>()[0].values, (Names{"conv", "max_pool"}));
  EXPECT_EQ(genome_members<Cell>()[1].values, (Names{"false", "true"}));
}

TEST(Members, HaveTheValuesAsPrinted) {
  const auto all = genome_members<shapes::Flat>();
  EXPECT_EQ(all[0].values, (Names{"conv", "identity"}));
  EXPECT_EQ(all[1].values, (Names{"-1", "0", "1"}));
  EXPECT_EQ(all[2].values, (Names{"false", "true"}));
}

}  // namespace genome_members_test
