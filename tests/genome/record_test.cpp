#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/record.hpp>
#include <gptnas/genome/sample.hpp>

#include "../message_of.hpp"
#include "shapes.hpp"

namespace record_test {

using gptnas::from_json;
using gptnas::to_json;
using nlohmann::ordered_json;
using shapes::Op;

template <class Genome>
class GenomeRecord : public testing::Test {};
using Shapes = testing::Types<shapes::Flat, shapes::Cell, shapes::Chain, shapes::Nested, shapes::Small, shapes::Bare>;
TYPED_TEST_SUITE(GenomeRecord, Shapes);

TYPED_TEST(GenomeRecord, RoundTripThroughText) {
  gptnas::RandomStream random(1);
  for (int draw = 0; draw < 500; ++draw) {
    const auto genome = gptnas::sample<TypeParam>(random);
    const auto again = from_json<TypeParam>(ordered_json::parse(to_json(genome).dump()));
    ASSERT_TRUE(gptnas::Equal{}(again, genome)) << gptnas::print(genome);
  }
}

TEST(Record, IsAsDocumented) {
  const shapes::Nested genome{{{{{Op::max_pool, 5, 64}}, 2}}, {}, true};
  EXPECT_EQ(to_json(genome).dump(),
            R"({"stages":[{"blocks":[{"op":"max_pool","kernel":5,"width":64}],"stride":2}],)"
            R"("tail":[{"op":"conv","kernel":3,"width":16},{"op":"conv","kernel":3,"width":16}],"flag":true})");
}

TEST(Record, MembersMayStandInAnyOrder) {
  const auto genome = from_json<shapes::Flat>(ordered_json::parse(R"({"norm":true,"shift":-1,"op":"identity"})"));
  EXPECT_TRUE(gptnas::Equal{}(genome, shapes::Flat{Op::identity, -1, true}));
}

// The message for a record that differs from a right one in the value at a place.
std::string refusal(const char* place, ordered_json value) {
  ordered_json record = to_json(shapes::Nested{{{{{Op::conv, 3, 16}}, 1}}, {}, false});
  record[ordered_json::json_pointer(place)] = std::move(value);
  try {
    from_json<shapes::Nested>(record);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no exception";
}

TEST(Record, RefusesUnknownChoices) {
  EXPECT_EQ(refusal("/stages/0/blocks/0/op", "convolution"),
            "genome record: at /stages/0/blocks/0/op: \"convolution\" is none of conv, depthwise, max_pool, identity");
  EXPECT_EQ(refusal("/tail/1/kernel", 4), "genome record: at /tail/1/kernel: 4 is none of 3, 5");
  EXPECT_EQ(refusal("/flag", "true"), "genome record: at /flag: \"true\" is none of false, true");
}

TEST(Record, RefusesOtherTypes) {
  EXPECT_EQ(refusal("/tail/1/kernel", "3"), "genome record: at /tail/1/kernel: \"3\" is none of 3, 5");
  EXPECT_EQ(refusal("/tail/1/kernel", 3.0), "genome record: at /tail/1/kernel: 3.0 is none of 3, 5");
  EXPECT_EQ(refusal("/tail/1/kernel", 3.5), "genome record: at /tail/1/kernel: 3.5 is none of 3, 5");
  EXPECT_EQ(refusal("/tail/1/op", 0),
            "genome record: at /tail/1/op: 0 is none of conv, depthwise, max_pool, identity");
  EXPECT_EQ(refusal("/flag", 1), "genome record: at /flag: 1 is none of false, true");
  EXPECT_EQ(refusal("/flag", nullptr), "genome record: at /flag: null is none of false, true");
  EXPECT_EQ(refusal("/stages/0", ordered_json::array()),
            "genome record: at /stages/0: expected an object, found array");
  EXPECT_EQ(refusal("/stages", ordered_json::object()), "genome record: at /stages: expected an array, found object");
  EXPECT_EQ(refusal("", 5), "genome record: at /: expected an object, found number");
}

TEST(Record, RefusesANumberThatIsAnotherOneWithASign) {
  using Gene = gptnas::Choice<-1, 1>;
  const std::uint64_t largest = ~std::uint64_t{0};
  EXPECT_EQ(gptnas_test::message_of([&] { from_json<gptnas::Repeat<Gene, 1>>(ordered_json{largest}); }),
            "genome record: at /0: 18446744073709551615 is none of -1, 1");
}

TEST(Record, RefusesWhatCannotBeShown) {
  const std::string expected = " is none of conv, depthwise, max_pool, identity";
  EXPECT_EQ(refusal("/tail/1/op", ordered_json::object()), "genome record: at /tail/1/op: an object" + expected);
  EXPECT_EQ(refusal("/tail/1/op", "\xFF"), "genome record: at /tail/1/op: \"\xEF\xBF\xBD\"" + expected);
  constexpr std::size_t depth = 1'000'000;  // deeper than the stack allows a recursion
  EXPECT_EQ(refusal("/tail/1/op", ordered_json::parse(std::string(depth, '[') + std::string(depth, ']'))),
            "genome record: at /tail/1/op: an array" + expected);
}

TEST(Record, RefusesMembersThatAreMissingOrTooMany) {
  EXPECT_EQ(refusal("/tail/0", {{"op", "conv"}, {"width", 16}}),
            "genome record: at /tail/0: member \"kernel\" is missing");
  EXPECT_EQ(refusal("/stages/0/depth", 2), "genome record: at /stages/0: member \"depth\" is unknown");
  EXPECT_EQ(refusal("/name", "net"), "genome record: at /: member \"name\" is unknown");
}

TEST(Record, RefusesWrongLengths) {
  const ordered_json block = to_json(shapes::Block{}), stage = to_json(shapes::Stage{});
  EXPECT_EQ(refusal("/tail", ordered_json::array({block})), "genome record: at /tail: 1 items; expected 2");
  EXPECT_EQ(refusal("/tail", {block, block, block}), "genome record: at /tail: 3 items; expected 2");
  EXPECT_EQ(refusal("/stages", {stage, stage, stage, stage, stage}),
            "genome record: at /stages: 5 items; expected 0 to 4");
}

// A cell is its operations and edges.
struct WithCell {
  using CellType = gptnas::Cell<4, 3, 1, 2>;
  BOOST_HANA_DEFINE_STRUCT(WithCell, (CellType, cell));
};

TEST(Record, HoldsCells) {
  const WithCell genome{WithCell::CellType({1, 2}, {{0, 1}, {1, 2}, {2, 3}})};
  const auto record = gptnas::to_json(genome);
  EXPECT_EQ(record.dump(), R"({"cell":{"operations":[1,2],"edges":[[0,1],[1,2],[2,3]]}})");
  EXPECT_TRUE(gptnas::Equal{}(gptnas::from_json<WithCell>(record), genome));
}

TEST(Record, RefusesWhatIsNoCell) {
  const auto refused = [](const char* text) {
    return gptnas_test::message_of([&] { gptnas::from_json<WithCell>(ordered_json::parse(text)); });
  };
  const std::string at = "genome record: at /cell";
  EXPECT_EQ(refused(R"({"cell":[]})"), at + ": expected an object with the arrays \"operations\" and \"edges\"");
  EXPECT_EQ(refused(R"({"cell":{"operations":[1,2],"edges":7}})"),
            at + ": expected an object with the arrays \"operations\" and \"edges\"");
  EXPECT_EQ(refused(R"({"cell":{"operations":[1,3],"edges":[[0,3]]}})"), at + "/operations/1: 3 is none of 1, 2");
  EXPECT_EQ(refused(R"({"cell":{"operations":[1,2],"edges":[[0,-3]]}})"), at + "/edges/0: an array is no pair of vertices");
  EXPECT_EQ(refused(R"({"cell":{"operations":[1,2],"edges":[[3,0]]}})"),
            at + ": Cell: an edge from 3 to 0; expected one from a lower to a higher vertex, both below 4");
}

}  // namespace record_test
