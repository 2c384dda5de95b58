#include <gptnas/gpt/safetensors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/little_endian.hpp>
#include <gptnas/core/write_file.hpp>

#include "../message_of.hpp"
#include "../temporary_folder.hpp"

namespace safetensors_test {

using namespace gptnas;
using gptnas_test::message_of;
using Shape = std::vector<std::uint64_t>;

std::string little_endian_64(std::uint64_t value) {
  std::string bytes(8, '\0');
  put_little_endian(std::span(bytes), value);
  return bytes;
}

std::string file_of(std::string_view header, std::string_view data = "") {
  return little_endian_64(header.size()).append(header).append(data);
}

Safetensors read(const std::string& file) {
  return Safetensors(FileBytes(std::vector<char>(file.begin(), file.end())), "file");
}

/// What is said of a file of 16 bytes of data.
std::string refusal(std::string_view header, std::size_t bytes = 16) {
  return message_of<FileError>([&] { read(file_of(header, std::string(bytes, 'x'))); });
}

TEST(Safetensors, ReadsWhatTheFormatSays) {
  const Safetensors file = read(file_of(
      R"({"b":{"dtype":"F32","shape":[1,2],"data_offsets":[3,11]},"__metadata__":{"format":"pt"},)"
      R"("a":{"shape":[3],"data_offsets":[0,3],"dtype":"U8"},"none":{"dtype":"F64","shape":[0,7],"data_offsets":[3,3]},)"
      R"("scalar":{"dtype":"F64","shape":[],"data_offsets":[11,19]}}     )",
      std::string_view("abc\0\0\x80\x3f\0\0\0\xc0\0\0\0\0\0\0\xe0\x3f", 19)));
  EXPECT_EQ(file.metadata(), (SafetensorsMetadata{{"format", "pt"}}));
  ASSERT_EQ(file.tensors().size(), 4u);
  EXPECT_EQ(file.tensors()[0].name, "a");
  EXPECT_EQ(file.tensors()[0].dtype, "U8");
  EXPECT_EQ(file.tensors()[0].shape, Shape{3});
  EXPECT_EQ(file.tensors()[0].bytes, "abc");
  EXPECT_EQ(file.tensors()[1].name, "none");
  EXPECT_EQ(file.tensors()[1].shape, (Shape{0, 7}));
  EXPECT_EQ(file.values<float>(file.tensors()[1]), std::vector<float>());
  EXPECT_EQ(file.tensors()[2].shape, (Shape{1, 2}));
  EXPECT_EQ(file.values<float>(file.tensors()[2]), (std::vector<float>{1, -2}));
  EXPECT_EQ(file.values<double>(file.tensors()[2]), (std::vector<double>{1, -2}));
  EXPECT_EQ(file.tensors()[3].shape, Shape());
  EXPECT_EQ(file.values<double>(file.tensors()[3]), std::vector<double>{0.5});
  EXPECT_TRUE(read(file_of("{}")).tensors().empty());
}

TEST(Safetensors, KnowsEveryTypeOfTheFormat) {
  const auto bytes_of_four = [](const std::string& type, std::size_t bytes) {
    const std::string end = std::to_string(bytes);
    return refusal(R"({"x":{"dtype":")" + type + R"(","shape":[2,2],"data_offsets":[0,)" + end + "]}}", bytes);
  };
  for (const char* type : {"F4"}) EXPECT_EQ(bytes_of_four(type, 2), "no exception") << type;
  for (const char* type : {"F6_E2M3", "F6_E3M2"}) EXPECT_EQ(bytes_of_four(type, 3), "no exception") << type;
  for (const char* type : {"BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"}) {
    EXPECT_EQ(bytes_of_four(type, 4), "no exception") << type;
  }
  for (const char* type : {"F16", "BF16", "I16", "U16"}) EXPECT_EQ(bytes_of_four(type, 8), "no exception") << type;
  for (const char* type : {"F32", "I32", "U32"}) EXPECT_EQ(bytes_of_four(type, 16), "no exception") << type;
  for (const char* type : {"F64", "I64", "U64", "C64"}) EXPECT_EQ(bytes_of_four(type, 32), "no exception") << type;
  EXPECT_EQ(refusal(R"({"x":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}})", 1),
            "file: tensor \"x\": data_offsets are [0,1], 1 bytes; expected 12 bits for the shape [3] of F4");
}

TEST(Safetensors, RefusesAHeaderThatIsCutOffOrLies) {
  const auto said = [](const std::string& file) { return message_of<FileError>([&] { read(file); }); };
  EXPECT_EQ(said(""), "file: at byte 0: the file has 0 bytes; expected the length of a header, 8 bytes");
  EXPECT_EQ(said("1234567"), "file: at byte 0: the file has 7 bytes; expected the length of a header, 8 bytes");
  EXPECT_EQ(said(little_endian_64(100'000'001) + "{}"),
            "file: at byte 0: the header has 100000001 bytes; expected at most 100000000");
  EXPECT_EQ(said(std::string(8, '\xff') + "{}"),
            "file: at byte 0: the header has 18446744073709551615 bytes; expected at most 100000000");
  EXPECT_EQ(said(little_endian_64(3) + "{}"),
            "file: at byte 0: the header has 3 bytes, and 2 follow; expected the whole header");
}

TEST(Safetensors, RefusesAHeaderThatIsNoObject) {
  EXPECT_EQ(refusal(""), "file: at byte 8: the header does not begin with \"{\"; expected a JSON object");
  EXPECT_EQ(refusal("[]"), "file: at byte 8: the header does not begin with \"{\"; expected a JSON object");
  EXPECT_EQ(refusal(" {}"), "file: at byte 8: the header does not begin with \"{\"; expected a JSON object");
  EXPECT_EQ(refusal("{\"x\":"), "file: at byte 13: the header breaks off or has no JSON here; expected a JSON object");
  EXPECT_EQ(refusal("{} {}"), "file: at byte 11: the header breaks off or has no JSON here; expected a JSON object");
  EXPECT_EQ(refusal("{\"\xff\":1}"),
            "file: at byte 10: the header breaks off or has no JSON here; expected a JSON object");
  EXPECT_EQ(refusal({"{}\0}", 4}), "file: at byte 10: the header has a zero byte; expected JSON");
  EXPECT_EQ(refusal("{\"x\":1e999}"),
            "file: at byte 8: the header has a number that is too large; expected at most 18446744073709551615");
  const char* const nested =
      "file: at byte 8: the header has an object or array within a tensor's dtype, shape or data_offsets; expected "
      "none";
  EXPECT_EQ(refusal(R"({"x":{"dtype":{}}})"), nested);
  EXPECT_EQ(refusal(R"({"x":{"shape":[[]]}})"), nested);
  EXPECT_EQ(refusal(R"({"x":[{}]})"), nested);
  EXPECT_EQ(refusal("{\"x\":" + std::string(1'000'000, '[')), nested);
  EXPECT_EQ(refusal("{\"x\":" + std::string(1'000'000, '{')),
            "file: at byte 14: the header breaks off or has no JSON here; expected a JSON object");
}

TEST(Safetensors, RefusesNamesThatComeTwice) {
  const std::string tensor = R"("x":{"dtype":"U8","shape":[8],"data_offsets":[)";
  EXPECT_EQ(refusal("{" + tensor + "0,8]}," + tensor + "8,16]}}"),
            "file: at byte 8: the header has \"x\" twice in one object; expected it once");
  EXPECT_EQ(refusal(R"({"x":{"dtype":"U8","shape":[8],"dtype":"U8"}})"),
            "file: at byte 8: the header has \"dtype\" twice in one object; expected it once");
  EXPECT_EQ(refusal(R"({"__metadata__":{"a":"1","\u0061":"2"}})"),
            "file: at byte 8: the header has \"a\" twice in one object; expected it once");
}

TEST(Safetensors, RefusesMetadataThatAreNoTexts) {
  EXPECT_EQ(refusal(R"({"__metadata__":["pt"]})"), "file: at byte 8: \"__metadata__\" is [\"pt\"]; expected an object");
  EXPECT_EQ(refusal(R"({"__metadata__":{"layers":2}})"), "file: at byte 8: metadata \"layers\" is 2; expected a text");
}

TEST(Safetensors, RefusesATensorThatIsNotOne) {
  const std::string expected = "; expected an object of dtype, shape and data_offsets";
  EXPECT_EQ(refusal(R"({"x":7})"), "file: tensor \"x\": is 7" + expected);
  EXPECT_EQ(refusal(R"({"x":{"dtype":"F32","shape":[4]}})"),
            "file: tensor \"x\": is {\"dtype\":\"F32\",\"shape\":[4]}" + expected);
  EXPECT_EQ(refusal(R"({"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"d":0}})"),
            "file: tensor \"x\": is {\"d\":0,\"data_offsets\":[0,16],\"dtype\":\"F32\",\"shape\":[4]}" + expected);
  EXPECT_EQ(refusal(R"({"x":{"dtype":"F32","shape":[4],"offsets":[0,16]}})"),
            "file: tensor \"x\": is {\"dtype\":\"F32\",\"offsets\":[0,16],\"shape\":[4]}" + expected);
  EXPECT_EQ(refusal("{\"new\\nline \xc3\xa9\":\"" + std::string(100, 'a') + "\"}"),
            "file: tensor \"new\\nline \\u00e9\": is \"" + std::string(76, 'a') + "..." + expected);
}

TEST(Safetensors, RefusesAnUnknownDtype) {
  const std::string expected =
      "; expected one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2, F8_E4M3FNUZ, F8_E5M2FNUZ, F8_E8M0, F6_E2M3, F6_E3M2, "
      "F4, "
      "C64, I64, I32, I16, I8, U64, U32, U16, U8, BOOL";
  for (const std::string dtype : {"\"F31\"", "\"f32\"", "\"\"", "32", "null"}) {
    EXPECT_EQ(refusal(R"({"x":{"dtype":)" + dtype + R"(,"shape":[4],"data_offsets":[0,16]}})"),
              "file: tensor \"x\": dtype is " + dtype + expected);
  }
}

TEST(Safetensors, RefusesShapesThatDoNotFit) {
  const auto said = [](const std::string& shape) {
    return refusal(R"({"x":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,16]}})");
  };
  for (const std::string shape : {"[-4]", "[4.0]", "[\"4\"]", "4", "[18446744073709551616]"}) {
    const std::string shown = shape.starts_with("[1844") ? "[1.8446744073709552e+19]" : shape;
    EXPECT_EQ(said(shape), "file: tensor \"x\": shape is " + shown + "; expected an array of sizes from 0 on");
  }
  const auto bytes = [](const std::string& shape, const std::string& bits) {
    return "file: tensor \"x\": data_offsets are [0,16], 16 bytes; expected " + bits + " bits for the shape " + shape +
           " of F32";
  };
  EXPECT_EQ(said("[3]"), bytes("[3]", "96"));
  EXPECT_EQ(said("[2,3]"), bytes("[2,3]", "192"));
  EXPECT_EQ(said("[]"), bytes("[]", "32"));
  EXPECT_EQ(said("[0]"), bytes("[0]", "0"));
  // Products that are 16 bytes, or 128 bits, modulo 2^64.
  for (const std::string shape : {"[4294967296,4294967300]", "[4611686018427387908]", "[576460752303423492]",
                                  "[18446744073709551615,18446744073709551615,4]"}) {
    EXPECT_EQ(said(shape), "file: tensor \"x\": shape is " + shape + "; expected fewer elements, less than 2^64 bits");
  }
}

TEST(Safetensors, RefusesOffsetsOutsideOfTheData) {
  const auto said = [](const std::string& offsets) {
    return refusal(R"({"x":{"dtype":"F32","shape":[4],"data_offsets":)" + offsets + "}}");
  };
  for (const std::string offsets : {"[16,0]", "[4,20]", "[0,17]", "[18446744073709551600,18446744073709551615]",
                                    "[-16,0]", "[0.0,16.0]", "[0]", "[0,8,16]", "[]", "16"}) {
    EXPECT_EQ(said(offsets), "file: tensor \"x\": data_offsets are " + offsets +
                                 "; expected begin and end within the 16 bytes of data");
  }
}

TEST(Safetensors, RefusesDataThatOverlapOrHaveHoles) {
  const auto said = [](const std::string& first, const std::string& second) {
    return refusal(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":)" + first +
                   R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + second + "}}");
  };
  EXPECT_EQ(said("[0,8]", "[4,8]"), "file: tensor \"b\": its data begin at 4; expected 8, where those before it end");
  EXPECT_EQ(said("[4,12]", "[0,4]"), "file: at byte 126: 4 bytes of data belong to no tensor; expected the file's end");
  EXPECT_EQ(said("[0,8]", "[12,16]"),
            "file: tensor \"b\": its data begin at 12; expected 8, where those before it end");
  EXPECT_EQ(said("[8,16]", "[4,8]"), "file: tensor \"b\": its data begin at 4; expected 0, where those before it end");
  EXPECT_EQ(refusal("{}"), "file: at byte 10: 16 bytes of data belong to no tensor; expected the file's end");
  // An empty tensor overlaps, too, if it lies within another one.
  EXPECT_EQ(refusal(R"({"a":{"dtype":"U8","shape":[16],"data_offsets":[0,16]},)"
                    R"("b":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}})"),
            "file: tensor \"b\": its data begin at 4; expected 16, where those before it end");
}

TEST(Safetensors, RefusesElementsThatAreNoFloat) {
  const auto said = [](const std::string& dtype, const std::string& data) {
    return message_of<FileError>([&] {
      const Safetensors file = read(file_of(
          R"({"x":{"dtype":")" + dtype + R"(","shape":[2],"data_offsets":[0,)" + std::to_string(data.size()) + "]}}",
          data));
      file.values<float>(file.tensors()[0]);
    });
  };
  for (const std::string dtype : {"F16", "BF16", "I16"}) {
    EXPECT_EQ(said(dtype, "1234"), "file: tensor \"x\": dtype is \"" + dtype + "\"; expected \"F32\" or \"F64\"");
  }
  const auto doubles = [](double first, double second) {
    return joined({little_endian_64(std::bit_cast<std::uint64_t>(first)),
                   little_endian_64(std::bit_cast<std::uint64_t>(second))});
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(said("F64", doubles(1, -1e300)),
            "file: tensor \"x\": element 1 is -1e+300; expected a number that a float can hold");
  EXPECT_EQ(said("F64", doubles(-infinity, std::numeric_limits<double>::quiet_NaN())), "no exception");
}

template <class Scalar>
class SafetensorsOf : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(SafetensorsOf, Scalars);

TYPED_TEST(SafetensorsOf, WhatIsWrittenIsReadBitForBit) {
  using Limits = std::numeric_limits<TypeParam>;
  std::vector<TypeParam> values{0, Limits::max(), Limits::lowest(), Limits::denorm_min(), Limits::infinity(), 1};
  values.insert(values.begin(), -values[0]);
  const std::vector<NamedTensor> tensors{
      {"last", {2, 2}, 3, 4}, {"\xc3\xa9\"\n", {3}, 0, 3}, {"none", {0, 5}, 7, 0}, {"again", {}, 1, 1}};
  const SafetensorsMetadata metadata{{"format", "pt"}, {"\xe2\x82\xac", "\\"}};
  const std::string content = to_safetensors(tensors, std::span<const TypeParam>(values), metadata);
  EXPECT_EQ(little_endian<std::uint64_t>(content) % 8, 0u);

  const gptnas_test::TemporaryFolder folder;
  const std::string path = folder.path() / "a.safetensors";
  write_file(path, content);
  const Safetensors file(path);
  EXPECT_EQ(file.metadata(), metadata);
  ASSERT_EQ(file.tensors().size(), tensors.size());
  for (const NamedTensor& expected : tensors) {
    const auto tensor = std::ranges::find(file.tensors(), expected.name, &SafetensorsTensor::name);
    ASSERT_NE(tensor, file.tensors().end()) << expected.name;
    EXPECT_EQ(tensor->dtype, sizeof(TypeParam) == 4 ? "F32" : "F64");
    EXPECT_EQ(tensor->shape, Shape(expected.shape.begin(), expected.shape.end()));
    const auto read_values = file.template values<TypeParam>(*tensor);
    ASSERT_EQ(read_values.size(), expected.size);
    if (expected.size > 0) {
      EXPECT_EQ(std::memcmp(read_values.data(), values.data() + expected.offset, expected.size * sizeof(TypeParam)), 0);
    }
  }
}

TEST(Safetensors, WritesNothingThatItWouldNotRead) {
  const std::vector<float> values(4);
  const auto said = [&](const std::vector<NamedTensor>& tensors, const SafetensorsMetadata& metadata = {}) {
    return message_of([&] { to_safetensors(tensors, std::span<const float>(values), metadata); });
  };
  EXPECT_EQ(said({}), "no exception");
  EXPECT_EQ(said({{"x", {4}, 0, 4}, {"x", {4}, 0, 4}}),
            "to_safetensors: name of a tensor is \"x\"; expected a name of its own");
  EXPECT_EQ(said({{"__metadata__", {4}, 0, 4}}),
            "to_safetensors: name of a tensor is \"__metadata__\"; expected a name of its own");
  const auto elements = [](const char* number, const char* shape) {
    return std::string("to_safetensors: elements of x is ") + number + "; expected as many as its shape " + shape +
           " has, within the values";
  };
  EXPECT_EQ(said({{"x", {3}, 0, 4}}), elements("4", "[3]"));
  EXPECT_EQ(said({{"x", {4}, 1, 4}}), elements("4", "[4]"));
  EXPECT_EQ(said({{"x", {1}, 5, 1}}), elements("1", "[1]"));
  EXPECT_EQ(said({{"x", {1ull << 63, 2, 0}, 0, 0}}), elements("0", "[9223372036854775808,2,0]"));
  EXPECT_EQ(said({{"\xff", {4}, 0, 4}}),
            "to_safetensors: a name or a text of the metadata is no UTF-8; expected UTF-8");
  EXPECT_EQ(said({}, {{"format", "\xff"}}),
            "to_safetensors: a name or a text of the metadata is no UTF-8; expected UTF-8");
  EXPECT_EQ(said({}, {{"x", std::string(100'000'000, 'x')}}),
            "to_safetensors: bytes of the header is 100000032; expected at most 100000000");
}

TEST(Safetensors, NamesAFileThatIsNotThere) {
  const gptnas_test::TemporaryFolder folder;
  EXPECT_EQ(folder.refusal([&] { Safetensors(folder.path() / "none.safetensors"); }),
            "none.safetensors: is missing; expected a file");
}

}  // namespace safetensors_test
