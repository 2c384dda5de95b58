// The TFRecord format, without TensorFlow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <gptnas/core/crc32c.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/little_endian.hpp>
#include <gptnas/data/file_bytes.hpp>
#include <gptnas/data/read_file.hpp>

namespace gptnas {

/// The CRC-32C of bytes as TFRecord stores it: turned right by 15 bits, plus a constant.
constexpr std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

/// Reads a TFRecord file record by record: for each its length (8 bytes), the length's masked CRC-32C (4), the data,
/// the data's masked CRC-32C (4), all lowest byte first.
///
/// It copies nothing: records are views of the mapped file. Complexity: O(bytes), 1 to 3 GB/s, no memory of its own.
class TfRecordReader {
 public:
  /// @throws FileError if the file cannot be read.
  explicit TfRecordReader(const std::string& path) : TfRecordReader(read_file(path), path) {}

  /// The same for a file's content that is in memory. @param path  what errors name.
  TfRecordReader(FileBytes content, std::string path) : path_(std::move(path)), content_(std::move(content)) {}

  /// Goes to the next record; false at the end of the file.
  ///
  /// @throws FileError if the file ends within the record or a checksum is wrong, with the place.
  bool next() {
    const std::string_view file = content_.view();
    if (end_ == file.size()) return false;
    start_ = end_;
    ++number_;
    const std::string_view rest = file.substr(start_);
    if (rest.size() < 12) refuse(rest.size(), "the file ends; expected a length and its checksum, 12 bytes");
    check(0, "length", rest.substr(0, 8), rest.substr(8, 4));
    const auto length = little_endian<std::uint64_t>(rest);
    if (rest.size() - 12 < 4 || length > rest.size() - 16) {
      refuse(0, joined({"the length is ", length, ", and ", rest.size() - 12,
                        " bytes follow; expected as many data and a checksum of 4 bytes"}));
    }
    record_ = rest.substr(12, static_cast<std::size_t>(length));
    check(12, "data", record_, rest.substr(12 + record_.size(), 4));
    end_ = start_ + 16 + record_.size();
    return true;
  }

  /// The data of the record, valid as long as the reader or the one that it was moved to.
  std::string_view record() const { return record_; }

  /// @throws FileError always: the place of the record's data and what is wrong with it.
  [[noreturn]] void refuse(const std::string& problem) const { refuse(12, problem); }

 private:
  [[noreturn]] void refuse(std::size_t place, const std::string& problem) const {
    throw FileError(path_, start_ + place, joined({"record ", number_, ": ", problem}));
  }

  void check(std::size_t place, const std::string& what, std::string_view bytes, std::string_view checksum) const {
    const std::uint32_t found = masked_crc32c(bytes), expected = little_endian<std::uint32_t>(checksum);
    if (found == expected) return;
    refuse(place, joined({"the ", what, " has the masked CRC-32C ", found, "; expected ", expected}));
  }

  std::string path_;
  FileBytes content_;
  std::size_t start_ = 0, end_ = 0;  // of the record
  std::size_t number_ = 0;           // of the record, from 1
  std::string_view record_;
};

}  // namespace gptnas
