#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/write_file.hpp>

#include "../temporary_folder.hpp"

namespace write_file_test {

namespace fs = std::filesystem;

using gptnas_test::TemporaryFolder;

TEST(WriteFile, WritesAndReplaces) {
  const TemporaryFolder folder;
  gptnas::write_file(folder.path() / "a", std::string_view("first\0", 6));
  EXPECT_EQ(folder.content("a"), std::string("first\0", 6));
  gptnas::write_file(folder.path() / "a", "second");
  EXPECT_EQ(folder.content("a"), "second");
  EXPECT_EQ(folder.files(), 1u);
}

TEST(WriteFile, RefusesAFolderThatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_EQ(folder.refusal([&] { gptnas::write_file(folder.path() / "missing" / "a", "content"); }),
            "missing/a: cannot be written; expected a writable folder");
  EXPECT_EQ(folder.files(), 0u);
}

TEST(WriteFile, LeavesNoPartialFileWhereItCannotReplace) {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "a" / "full");
  EXPECT_EQ(folder.refusal([&] { gptnas::write_file(folder.path() / "a", "content"); }),
            "a: cannot be replaced; expected a file or a free name");
  EXPECT_EQ(folder.files(), 1u);
  EXPECT_TRUE(fs::is_directory(folder.path() / "a"));
}

TEST(WriteFile, FollowsLinks) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "inside");
  folder.write("inside/a", "old");
  fs::create_symlink("inside/a", folder.path() / "link");
  fs::create_symlink(folder.path() / "link", folder.path() / "link of link");
  fs::create_symlink("inside/b", folder.path() / "link to nothing");
  gptnas::write_file(folder.path() / "link of link", "new");
  gptnas::write_file(folder.path() / "link to nothing", "content");
  EXPECT_EQ(folder.content("inside/a"), "new");
  EXPECT_EQ(folder.content("inside/b"), "content");
  for (const char* const link : {"link", "link of link", "link to nothing"}) {
    EXPECT_TRUE(fs::is_symlink(folder.path() / link)) << link;
  }
  EXPECT_EQ(folder.files(), 4u);
}

TEST(WriteFile, KeepsThePermissionsOfAFileThatIsThere) {
  const TemporaryFolder folder;
  for (const fs::perms permissions : {fs::perms(0600), fs::perms(0640), fs::perms(0755), fs::perms(0444)}) {
    fs::permissions(folder.write("a", "old"), permissions);
    gptnas::write_file(folder.path() / "a", "new");
    EXPECT_EQ(fs::status(folder.path() / "a").permissions(), permissions);
    EXPECT_EQ(folder.content("a"), "new");
    fs::remove(folder.path() / "a");
  }
}

TEST(WriteFile, ReplacesNothingButFiles) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(folder.refusal([&] { gptnas::write_file(folder.path() / "pipe", "content"); }),
            "pipe: cannot be replaced; expected a file or a free name");
  EXPECT_TRUE(fs::is_fifo(folder.path() / "pipe"));
  EXPECT_EQ(folder.files(), 1u);
}

TEST(WriteFile, LeavesAnotherWritersPartAlone) {
  const TemporaryFolder folder;
  folder.write("a.partial0", "half of anoth");
  gptnas::write_file(folder.path() / "a", "content");
  EXPECT_EQ(folder.content("a"), "content");
  EXPECT_EQ(folder.content("a.partial0"), "half of anoth");
  EXPECT_EQ(folder.files(), 2u);
}

TEST(WriteFile, IsWholeWhereSeveralWriteAtOnce) {
  const TemporaryFolder folder;
  const auto text = [](std::size_t writer) { return std::string(100'000 + writer, static_cast<char>('a' + writer)); };
  std::vector<std::jthread> writers;
  for (std::size_t writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int repetition = 0; repetition < 20; ++repetition) {
        gptnas::write_file(folder.path() / "a", text(writer));
        const std::string content = folder.content("a");
        EXPECT_EQ(content, text(static_cast<std::size_t>(content.at(0) - 'a')));
      }
    });
  }
  writers.clear();
  EXPECT_EQ(folder.files(), 1u);
}

}  // namespace write_file_test
