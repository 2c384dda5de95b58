#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <gptnas/data/protobuf.hpp>

#include "../message_of.hpp"
#include "nas_bench_101_files.hpp"

namespace protobuf_test {

using gptnas::ProtobufReader;
using gptnas_test::bytes_field;
using gptnas_test::double_field;
using gptnas_test::integer_field;
using gptnas_test::varint;
using namespace std::string_literals;

// What is said of the message when all of its fields are read.
std::string refusal(std::string_view message) {
  return gptnas_test::message_of([&] {
    for (ProtobufReader reader(message); reader.next();) continue;
  });
}

TEST(Protobuf, ReadsTheExamplesOfItsDocumentation) {
  ProtobufReader number("\x08\x96\x01");
  ASSERT_TRUE(number.next());
  EXPECT_EQ(number.field(), 1u);
  EXPECT_EQ(number.integer(), 150u);
  EXPECT_FALSE(number.next());
  ProtobufReader outer("\x1a\x03\x08\x96\x01");
  ASSERT_TRUE(outer.next());
  EXPECT_EQ(outer.field(), 3u);
  ProtobufReader inner = outer.message();
  ASSERT_TRUE(inner.next());
  EXPECT_EQ(inner.integer(), 150u);
  EXPECT_FALSE(inner.next());
  EXPECT_FALSE(outer.next());
  EXPECT_FALSE(ProtobufReader("").next());
}

TEST(Protobuf, ReadsWhatWasWrittenAndSkipsTheRest) {
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  const std::string message = integer_field(1, largest) + varint(9 << 3 | 5) + "abcd" + bytes_field(7, "xyz") +
                              double_field(536870911, -0.125) + integer_field(2, 0);
  ProtobufReader reader(message);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.integer(), largest);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field(), 9u);
  ASSERT_TRUE(reader.next());
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.field(), 536870911u);
  EXPECT_EQ(reader.real(), -0.125);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.integer(), 0u);
  EXPECT_FALSE(reader.next());
}

TEST(Protobuf, SaysWhatIsWrong) {
  const std::string ones(9, '\xFF');
  EXPECT_EQ(refusal("\x08\x96"), "protobuf: at byte 1: a varint is cut off; expected its last byte");
  EXPECT_EQ(refusal("\x88"), "protobuf: at byte 0: a varint is cut off; expected its last byte");
  EXPECT_EQ(refusal("\x08"s + ones + "\x01"), "no exception");
  const std::string too_long =
      "protobuf: at byte 1: a varint is too long; expected at most 64 bits in at most 10 bytes";
  EXPECT_EQ(refusal("\x08"s + ones + "\x02"), too_long);
  EXPECT_EQ(refusal("\x08"s + std::string(10, '\x80') + "\x01"), too_long);
  EXPECT_EQ(refusal("\x09"s + std::string(7, 'x')),
            "protobuf: at byte 1: field 1 has 8 bytes; expected at most the 7 that are left");
  EXPECT_EQ(refusal("\x0D"s + std::string(3, 'x')),
            "protobuf: at byte 1: field 1 has 4 bytes; expected at most the 3 that are left");
  EXPECT_EQ(refusal("\x0A\x05"s + std::string(4, 'x')),
            "protobuf: at byte 2: field 1 has 5 bytes; expected at most the 4 that are left");
  EXPECT_EQ(refusal("\x0A"s + ones + "\x01"),
            "protobuf: at byte 11: field 1 has 18446744073709551615 bytes; expected at most the 0 that are left");
  EXPECT_EQ(refusal("\0x"s), "protobuf: at byte 0: the field is 0; expected 1 to 536870911");
  EXPECT_EQ(refusal(varint(std::uint64_t{1} << 32) + "x"),
            "protobuf: at byte 0: the field is 536870912; expected 1 to 536870911");
  for (const int type : {3, 4, 6, 7}) {
    EXPECT_EQ(refusal(varint(5 << 3 | static_cast<unsigned>(type))),
              "protobuf: at byte 0: the wire type of field 5 is " + std::to_string(type) + "; expected 0, 1, 2 or 5");
  }
}

TEST(Protobuf, SaysWhichWireTypeItExpects) {
  const std::string inner = integer_field(4, 7), message = bytes_field(1, inner);
  ProtobufReader reader(message);
  reader.next();
  EXPECT_EQ(gptnas_test::message_of([&] { reader.integer(); }),
            "protobuf: at byte 0: the wire type of field 1 is 2; expected 0");
  ProtobufReader nested = reader.message();
  nested.next();
  EXPECT_EQ(gptnas_test::message_of([&] { nested.real(); }),
            "protobuf: at byte 2: the wire type of field 4 is 0; expected 1");
  EXPECT_EQ(gptnas_test::message_of([&] { nested.message(); }),
            "protobuf: at byte 2: the wire type of field 4 is 0; expected 2");
  EXPECT_EQ(gptnas_test::message_of([&] { nested.refuse("no"); }), "protobuf: at byte 2: no");
}

}  // namespace protobuf_test
