// Compressed files.
#include <gtest/gtest.h>

#if defined(GPTNAS_WITH_ZLIB)

#include <cstddef>
#include <string>
#include <string_view>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/data/read_file.hpp>

#include "../temporary_folder.hpp"

namespace read_file_test {

using gptnas_test::TemporaryFolder;

// The bytes of a compressed file of this content.
std::string compressed(std::string_view content) {
  const TemporaryFolder folder;
  return folder.content(folder.write_gzip("content.gz", content).filename());
}

// What is read of a file of these bytes.
std::string content(const std::string& bytes) {
  const TemporaryFolder folder;
  return std::string(gptnas::read_file(folder.write("a.gz", bytes)).view());
}

std::string refusal(const std::string& bytes) {
  const TemporaryFolder folder;
  return folder.refusal([&] { gptnas::read_file(folder.write("a.gz", bytes)); });
}

std::string damaged(std::size_t place, const std::string& cause) {
  return "a.gz: at byte " + std::to_string(place) + ": the compressed data is damaged or cut off (" + cause +
         "); expected a whole gzip file";
}

// Sizes around those of a step, and bytes that are hard and easy to compress.
TEST(CompressedFile, IsReadWhole) {
  gptnas::RandomStream random(1);
  for (const std::size_t size : {0u, 1u, (1u << 20) - 1, 1u << 20, (1u << 20) + 1, 3000000u}) {
    std::string noise(size, '\0');
    for (char& byte : noise) byte = static_cast<char>(random.below(256));
    const std::string zeros(size, '\0');
    EXPECT_TRUE(content(compressed(noise)) == noise) << size;
    EXPECT_TRUE(content(compressed(zeros)) == zeros) << size;
  }
}

TEST(CompressedFile, MayHaveSeveralMembers) {
  const std::string text(2000000, 'x'), first = compressed("first\n"), second = compressed(text), none = compressed("");
  EXPECT_EQ(content(first + first), "first\nfirst\n");
  EXPECT_TRUE(content(none + first + second + none + first) == "first\n" + text + "first\n");
}

TEST(CompressedFile, IsRefusedWhereALaterMemberIsDamaged) {
  const std::string first = compressed("first\n");
  std::string second = compressed("second\n");
  second[0] = 'x';
  EXPECT_EQ(refusal(first + second), damaged(first.size() + 2, "incorrect header check"));
  second = compressed("second\n");
  second[second.size() - 8] = static_cast<char>(second[second.size() - 8] ^ 1);
  EXPECT_NE(refusal(first + second).find("damaged or cut off (incorrect data check)"), std::string::npos);
}

TEST(CompressedFile, IsRefusedWhereSomethingElseIsBehindIt) {
  const std::string whole = compressed("content");
  EXPECT_EQ(refusal(whole + "garbage"), damaged(whole.size() + 2, "incorrect header check"));
  EXPECT_EQ(refusal(whole + std::string(512, '\0')), damaged(whole.size() + 2, "incorrect header check"));
}

TEST(CompressedFile, IsRefusedWhereItEndsEarly) {
  const std::string whole = compressed("content");
  for (std::size_t size = 2; size < whole.size(); ++size) {
    EXPECT_EQ(refusal(whole.substr(0, size)), damaged(size, "unexpected end of file"));
    EXPECT_EQ(refusal(whole + whole.substr(0, size)), damaged(whole.size() + size, "unexpected end of file"));
  }
}

TEST(CompressedFile, IsRefusedWhereItIsNone) {
  for (const std::string bytes : {"", "\x1f", "content", "\x1e\x8b"}) {
    EXPECT_EQ(refusal(bytes), "a.gz: at byte 0: is not compressed; expected a gzip file");
  }
  const TemporaryFolder folder;
  EXPECT_EQ(folder.refusal([&] { gptnas::read_file(folder.path() / "none.gz"); }),
            "none.gz: is missing; expected a file");
}

}  // namespace read_file_test

#endif
