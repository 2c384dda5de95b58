#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/data/base64.hpp>

#include "../message_of.hpp"
#include "nas_bench_101_files.hpp"

namespace base64_test {

using gptnas::decode_base64;

std::string refusal(const std::string& text) {
  return gptnas_test::message_of([&] { decode_base64(text); });
}

// RFC 4648, section 10.
TEST(Base64, HasTheVectorsOfRfc4648) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64("Zm9v\nYmE=\r\n"), "fooba");
}

TEST(Base64, IsTheInverseOfEncoding) {
  gptnas::RandomStream random(1);
  std::string bytes;
  for (int size = 0; size < 300; ++size) {
    ASSERT_EQ(decode_base64(gptnas_test::base64(bytes)), bytes);
    bytes += static_cast<char>(random.below(256));
  }
}

TEST(Base64, SaysWhatIsWrong) {
  EXPECT_EQ(refusal("Zm9v!mFy"), "base64: at character 4: expected a letter, a digit, '+', '/' or '='");
  EXPECT_EQ(refusal("Zm9v-mFy"), "base64: at character 4: expected a letter, a digit, '+', '/' or '='");
  EXPECT_EQ(refusal("Zm9vY==="), "base64: at character 5: a '='; expected it last in a group");
  EXPECT_EQ(refusal("Zm9v="), "base64: at character 4: a '='; expected it last in a group");
  EXPECT_EQ(refusal("Zg==="), "base64: at character 4: a '='; expected it last in a group");
  EXPECT_EQ(refusal("Zg=v"), "base64: at character 3: a character follows '='; expected the end");
  EXPECT_EQ(refusal("Zg==Zg=="), "base64: at character 4: a character follows '='; expected the end");
  const std::string cut_off = "the text ends within a group; expected four characters a group";
  EXPECT_EQ(refusal("Zm9vYg"), "base64: at character 6: " + cut_off);
  EXPECT_EQ(refusal("Zg="), "base64: at character 3: " + cut_off);
}

}  // namespace base64_test
