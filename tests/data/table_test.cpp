#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if defined(GPTNAS_WITH_ZLIB)
#include <zlib.h>
#endif

#include <gptnas/core/errors.hpp>
#include <gptnas/data/table.hpp>

namespace {

namespace fs = std::filesystem;
using gptnas::Table;

class TableFile : public testing::Test {
 protected:
  TableFile() { fs::create_directories(folder_); }
  ~TableFile() override { fs::remove_all(folder_); }

  fs::path write(std::string_view content) const {
    std::ofstream(path_, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
    return path_;
  }

  // What is said of the path when the call fails.
  template <class Call>
  std::string refusal(Call call, const std::string& file = "table.csv") const {
    try {
      call();
    } catch (const gptnas::FileError& error) {
      const std::string message = error.what(), place = (folder_ / file).string() + ": ";
      return message.starts_with(place) ? message.substr(place.size()) : "another path: " + message;
    }
    return "no exception";
  }

  const fs::path folder_ =
      fs::path(testing::TempDir()) /
      (std::string("gptnas_table_") + testing::UnitTest::GetInstance()->current_test_info()->name());
  const fs::path path_ = folder_ / "table.csv";
};

TEST_F(TableFile, IsReadByColumns) {
  const Table table(write("name,accuracy,loss\na,91.5,1e-3\nb,-2,0\n"));
  EXPECT_EQ(table.path(), path_);
  EXPECT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.texts("name"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(table.numbers("accuracy"), (std::vector<double>{91.5, -2}));
  EXPECT_EQ(table.numbers("loss"), (std::vector<double>{0.001, 0}));
}

TEST_F(TableFile, MayEndItsLinesAsOnWindowsOrNotAtAll) {
  const Table table(write("name,value\r\na,1\r\nb,2"));
  EXPECT_EQ(table.numbers("value"), (std::vector<double>{1, 2}));
  EXPECT_EQ(table.texts("name"), (std::vector<std::string_view>{"a", "b"}));
}

TEST_F(TableFile, MayHaveNoRows) {
  const Table table(write("name,value\n"));
  EXPECT_EQ(table.rows(), 0u);
  EXPECT_TRUE(table.numbers("value").empty());
}

TEST_F(TableFile, KeepsItsContentWhenMoved) {
  Table table(write("name\nabc\n"));
  const auto names = table.texts("name");
  const Table moved = std::move(table);
  EXPECT_EQ(names[0], "abc");
  EXPECT_EQ(moved.texts("name")[0], "abc");
}

TEST_F(TableFile, IsRefusedWhereItIsMissingOrEmpty) {
  EXPECT_EQ(refusal([&] { Table table(path_); }), "is missing; expected a file");
  EXPECT_EQ(refusal([&] { Table table(write("")); }), "is empty; expected a line of column names");
}

TEST_F(TableFile, IsRefusedWhereARowHasAnotherNumberOfFields) {
  EXPECT_EQ(refusal([&] { Table table(write("a,b\n1,2\n3\n")); }), "line 3: 1 fields; expected 2");
  EXPECT_EQ(refusal([&] { Table table(write("a,b\n1,2,3\n")); }), "line 2: 3 fields; expected 2");
  EXPECT_EQ(refusal([&] { Table table(write("a,b\n\n1,2\n")); }), "line 2: 1 fields; expected 2");
}

TEST_F(TableFile, IsRefusedWhereAColumnIsMissing) {
  const Table table(write("a,b\n1,2\n"));
  EXPECT_EQ(refusal([&] { table.texts("c"); }), "has no column \"c\"; the columns are a, b");
  EXPECT_EQ(refusal([&] { table.numbers("c"); }), "has no column \"c\"; the columns are a, b");
}

TEST_F(TableFile, IsRefusedWhereANumberIsNone) {
  for (const std::string text : {"nan", "inf", "-inf", "", "x", "1x", " 1", "1e999", "0x10"}) {
    const Table table(write("a,b\n1,2\n" + text + ",2\n"));
    EXPECT_EQ(refusal([&] { table.numbers("a"); }), "line 3: a is \"" + text + "\"; expected a finite number");
  }
}

#if defined(GPTNAS_WITH_ZLIB)
TEST_F(TableFile, IsReadFromGzip) {
  const fs::path path = folder_ / "table.csv.gz";
  std::string content = "value\n";
  for (int row = 0; row < 10000; ++row) content += std::to_string(row * row % 7919) + "\n";
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  const auto values = Table(path).numbers("value");
  ASSERT_EQ(values.size(), 10000u);
  EXPECT_EQ(values[100], 10000 % 7919);

  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_NE(refusal([&] { Table table(path); }, "table.csv.gz").find("damaged or cut off"), std::string::npos);
}
#endif

}  // namespace
