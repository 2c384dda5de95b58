// Files of one test.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#if defined(GPTNAS_WITH_ZLIB)
#include <zlib.h>
#endif

#include <gptnas/core/errors.hpp>

#include "message_of.hpp"

namespace gptnas_test {

/// An empty folder, named after the test that is running, which goes with this object.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::path(testing::TempDir()) / ("gptnas_" + name())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

  /// Names in the folder.
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
  }

  std::filesystem::path write(const std::string& file, std::string_view content) const {
    std::ofstream(path_ / file, std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
    return path_ / file;
  }
  std::filesystem::path write(const std::string& file, std::span<const std::uint8_t> content) const {
    return write(file, std::string_view(reinterpret_cast<const char*>(content.data()), content.size()));
  }

#if defined(GPTNAS_WITH_ZLIB)
  std::filesystem::path write_gzip(const std::string& file, std::string_view content) const {
    const gzFile stream = gzopen((path_ / file).c_str(), "wb");
    gzwrite(stream, content.data(), static_cast<unsigned>(content.size()));
    gzclose(stream);
    return path_ / file;
  }
#endif

  std::string content(const std::string& file) const {
    std::ifstream stream(path_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  /// What is said of a file here when the call refuses it: the message, from the file's name in the folder on.
  template <class Call>
  std::string refusal(Call call) const {
    const std::string message = message_of<gptnas::FileError>(call), place = path_.string() + "/";
    return message.starts_with(place) ? message.substr(place.size()) : message;
  }

 private:
  static std::string name() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    return std::string(test->test_suite_name()) + "_" + test->name();
  }

  std::filesystem::path path_;
};

}  // namespace gptnas_test
