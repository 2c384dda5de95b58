#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gptnas/data/tfrecord.hpp>

#include "../temporary_folder.hpp"
#include "nas_bench_101_files.hpp"

namespace tfrecord_test {

using gptnas::TfRecordReader;
using gptnas_test::little_endian_bytes;
using gptnas_test::TemporaryFolder;
using gptnas_test::tfrecord;

std::vector<std::string> records(const std::string& path) {
  std::vector<std::string> all;
  for (TfRecordReader reader(path); reader.next();) all.emplace_back(reader.record());
  return all;
}

// What is said of a file of this content.
std::string refusal(const std::string& content) {
  const TemporaryFolder folder;
  return folder.refusal([&] { records(folder.write("a", content)); });
}

// The bytes of an empty record as TensorFlow writes it: 0 (8 times), 29 03 98 07, d8 ea 82 a2.
TEST(TfRecord, IsMaskedAsInTensorFlow) {
  EXPECT_EQ(gptnas::masked_crc32c(""), 0xA282EAD8u);
  EXPECT_EQ(gptnas::masked_crc32c(std::string(8, '\0')), 0x07980329u);
}

TEST(TfRecord, ReadsWhatWasWritten) {
  const TemporaryFolder folder;
  const std::string binary("\0\n\xFF", 3), large(100'000, 'x');
  EXPECT_EQ(records(folder.write("empty", "")), (std::vector<std::string>{}));
  EXPECT_EQ(records(folder.write("a", tfrecord("abc") + tfrecord("") + tfrecord(binary) + tfrecord(large))),
            (std::vector<std::string>{"abc", "", binary, large}));
}

#if defined(GPTNAS_WITH_ZLIB)
TEST(TfRecord, MayBeCompressed) {
  const TemporaryFolder folder;
  EXPECT_EQ(records(folder.write_gzip("a.gz", tfrecord("abc"))), (std::vector<std::string>{"abc"}));
}
#endif

TEST(TfRecord, SaysWhichPartIsDamaged) {
  const std::string first = tfrecord("abc"), file = first + tfrecord("defgh");
  const auto damaged = [&](std::size_t place) {
    std::string content = file;
    content[place] = static_cast<char>(content[place] ^ 1);
    return refusal(content);
  };
  const auto expected = [](const char* what, const std::string& bytes, const std::string& right) {
    return std::string("the ") + what + " has the masked CRC-32C " + std::to_string(gptnas::masked_crc32c(bytes)) +
           "; expected " + right;
  };
  const std::string five = little_endian_bytes(std::uint64_t{5}), four = little_endian_bytes(std::uint64_t{4});
  const auto crc = [](const std::string& bytes) { return gptnas::masked_crc32c(bytes); };
  EXPECT_EQ(damaged(19), "a: at byte 19: record 2: " + expected("length", four, std::to_string(crc(five))));
  EXPECT_EQ(damaged(27), "a: at byte 19: record 2: " + expected("length", five, std::to_string(crc(five) ^ 1)));
  EXPECT_EQ(damaged(31), "a: at byte 31: record 2: " + expected("data", "eefgh", std::to_string(crc("defgh"))));
  EXPECT_EQ(damaged(36), "a: at byte 31: record 2: " + expected("data", "defgh", std::to_string(crc("defgh") ^ 1)));
  for (std::size_t place = 0; place < file.size(); ++place) ASSERT_NE(damaged(place), "no exception") << place;
}

TEST(TfRecord, SaysWhereItIsCutOff) {
  const std::string first = tfrecord("abc"), second = tfrecord("defgh");
  for (std::size_t size = 1; size < second.size(); ++size) {
    const std::string said = refusal(first + second.substr(0, size));
    if (size < 12) {
      EXPECT_EQ(said, "a: at byte " + std::to_string(19 + size) +
                          ": record 2: the file ends; expected a length and its checksum, 12 bytes");
    } else {
      EXPECT_EQ(said, "a: at byte 19: record 2: the length is 5, and " + std::to_string(size - 12) +
                          " bytes follow; expected as many data and a checksum of 4 bytes");
    }
  }
}

TEST(TfRecord, RefusesALengthBeyondTheFile) {
  for (const std::uint64_t length : {std::uint64_t{6}, std::uint64_t{1} << 62, ~std::uint64_t{0}, ~std::uint64_t{15}}) {
    const std::string bytes = little_endian_bytes(length);
    EXPECT_EQ(refusal(bytes + little_endian_bytes(gptnas::masked_crc32c(bytes)) + "abcdefghi"),
              "a: at byte 0: record 1: the length is " + std::to_string(length) +
                  ", and 9 bytes follow; expected as many data and a checksum of 4 bytes");
  }
}

}  // namespace tfrecord_test
