#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/write_file.hpp>

namespace {

namespace fs = std::filesystem;

// An empty folder for one test.
class WriteFile : public testing::Test {
 protected:
  WriteFile() { fs::create_directories(folder); }
  ~WriteFile() override { fs::remove_all(folder); }

  static std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  const fs::path folder = fs::path(testing::TempDir()) /
                          (std::string("gptnas_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(WriteFile, WritesAndReplaces) {
  gptnas::write_file(folder / "a", std::string_view("first\0", 6));
  EXPECT_EQ(content_of(folder / "a"), std::string("first\0", 6));
  gptnas::write_file(folder / "a", "second");
  EXPECT_EQ(content_of(folder / "a"), "second");
  EXPECT_EQ(files(), 1u);
}

TEST_F(WriteFile, RefusesAFolderThatIsMissing) {
  const fs::path path = folder / "missing" / "a";
  try {
    gptnas::write_file(path, "content");
    FAIL() << "no exception";
  } catch (const gptnas::FileError& error) {
    EXPECT_EQ(error.what(), path.string() + ": cannot be written; expected a writable folder");
  }
  EXPECT_EQ(files(), 0u);
}

TEST_F(WriteFile, LeavesNoPartialFileWhereItCannotReplace) {
  fs::create_directories(folder / "a" / "full");
  EXPECT_THROW(gptnas::write_file(folder / "a", "content"), gptnas::FileError);
  EXPECT_EQ(files(), 1u);
  EXPECT_TRUE(fs::is_directory(folder / "a"));
}

}  // namespace
