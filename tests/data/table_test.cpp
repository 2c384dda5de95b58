#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/data/table.hpp>

#include "../temporary_folder.hpp"

namespace table_test {

using gptnas::Table;
using gptnas_test::TemporaryFolder;
using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

Texts texts(const Table& table, std::string_view name) {
  const gptnas::TextColumn column = table.texts(name);
  Texts copies;
  for (std::size_t row = 0; row < column.size(); ++row) copies.emplace_back(column[row]);
  return copies;
}

Numbers numbers(const Table& table, std::string_view name) {
  const std::span<const double> column = table.numbers(name);
  return {column.begin(), column.end()};
}

// What is said of the file of this content, or of the table of it.
template <class Call>
std::string refusal(std::string_view content, Call call) {
  const TemporaryFolder folder;
  return folder.refusal([&] { call(Table(folder.write("table.csv", content))); });
}
std::string refusal(std::string_view content) {
  return refusal(content, [](const Table&) {});
}

TEST(TableOfCsv, IsReadByColumns) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "name,accuracy,loss\na,91.5,1e-3\nb,-2,0\n"));
  EXPECT_EQ(table.path(), (folder.path() / "table.csv").string());
  EXPECT_EQ(table.rows(), 2u);
  EXPECT_EQ(texts(table, "name"), (Texts{"a", "b"}));
  EXPECT_EQ(numbers(table, "accuracy"), (Numbers{91.5, -2}));
  EXPECT_EQ(numbers(table, "loss"), (Numbers{0.001, 0}));
}

TEST(TableOfCsv, KeepsTheTextsOfNumbers) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "key\n007\n1e3\n-0\n"));
  EXPECT_EQ(texts(table, "key"), (Texts{"007", "1e3", "-0"}));
  EXPECT_EQ(numbers(table, "key"), (Numbers{7, 1000, 0}));
}

TEST(TableOfCsv, MayEndItsLinesAsOnWindowsOrNotAtAll) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "name,value\r\na,1\r\nb,2"));
  EXPECT_EQ(numbers(table, "value"), (Numbers{1, 2}));
  EXPECT_EQ(texts(table, "name"), (Texts{"a", "b"}));
}

TEST(TableOfCsv, NamesItsColumns) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "name,,blocks[0].kernel\na,b,c\n"));
  EXPECT_EQ(table.names(), (std::vector<std::string_view>{"name", "", "blocks[0].kernel"}));
}

TEST(TableOfCsv, MayBeginWithAByteOrderMark) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "\xEF\xBB\xBFname,value\na,1\n"));
  EXPECT_EQ(texts(table, "name"), Texts{"a"});
  EXPECT_EQ(refusal("\xEF\xBB\xBF"), "table.csv: is empty; expected a line of column names");
}

TEST(TableOfCsv, MayHaveSpacesAroundItsFields) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "name , value\n a b,\t1.5 \n , 2\n"));
  EXPECT_EQ(table.names(), (std::vector<std::string_view>{"name", "value"}));
  EXPECT_EQ(texts(table, "name"), (Texts{"a b", ""}));
  EXPECT_EQ(numbers(table, "value"), (Numbers{1.5, 2}));
}

TEST(TableOfCsv, MayHaveQuotesAroundItsFields) {
  const TemporaryFolder folder;
  const Table table(
      folder.write("table.csv", "\"name\",\"top 1, %\" , \"\"\r\n\"a\",\"91.5\",\" x, y \"\r\nb, \"92\",\"\"\r\n"));
  EXPECT_EQ(table.names(), (std::vector<std::string_view>{"name", "top 1, %", ""}));
  EXPECT_EQ(texts(table, "name"), (Texts{"a", "b"}));
  EXPECT_EQ(numbers(table, "top 1, %"), (Numbers{91.5, 92}));
  EXPECT_EQ(texts(table, ""), (Texts{" x, y ", ""}));
}

TEST(TableOfCsv, MayHaveQuotesWithinItsFields) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "size,a\n3\",x\"y\"z\n"));
  EXPECT_EQ(texts(table, "size"), Texts{"3\""});
  EXPECT_EQ(texts(table, "a"), Texts{"x\"y\"z"});
}

TEST(TableOfCsv, MayHaveDoubledQuotesWithinQuotes) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "\"top \"\"1\"\"\",json,\"\"\"\"\n"
                                              "\"\"\"2\"\"\" , \"{\"\"a, b\"\": [\"\"c\"\"]}\",\"\"\"\"\"\"\n"
                                              "3,4,5\r\n"));
  EXPECT_EQ(table.names(), (std::vector<std::string_view>{"top \"1\"", "json", "\""}));
  EXPECT_EQ(texts(table, "top \"1\""), (Texts{"\"2\"", "3"}));
  EXPECT_EQ(texts(table, "json"), (Texts{"{\"a, b\": [\"c\"]}", "4"}));
  EXPECT_EQ(texts(table, "\""), (Texts{"\"\"", "5"}));
}

TEST(TableOfCsv, IsRefusedWhereAQuoteDoesNotEndItsField) {
  const std::string problem =
      "a field begins with a quote; expected one at its end as well, and those between doubled";
  for (const std::string field : {"\"", "\"a", "\"a\"b", "\"\"a\"\"", "\"\"\"", "\"a\"\",2", "\"a\nb\"", " \"a,2"}) {
    EXPECT_EQ(refusal("a,b\n1,2\n" + field + ",2\n"), "table.csv: line 3: " + problem);
  }
  EXPECT_EQ(refusal("a,\"b\n1,2\n"), "table.csv: line 1: " + problem);
  EXPECT_EQ(refusal("a,b\n\"1,2\"\n"), "table.csv: line 2: 1 fields; expected 2");
}

TEST(TableOfCsv, MayHaveNoRows) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "name,value\n"));
  EXPECT_EQ(table.rows(), 0u);
  EXPECT_EQ(table.numbers("value").size(), 0u);
  EXPECT_EQ(table.texts("value").size(), 0u);
}

TEST(TableOfCsv, MayHaveEmptyFields) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "a,b,c\n,,\n,x,\n"));
  EXPECT_EQ(texts(table, "a"), (Texts{"", ""}));
  EXPECT_EQ(texts(table, "b"), (Texts{"", "x"}));
  EXPECT_EQ(texts(table, "c"), (Texts{"", ""}));
}

TEST(TableOfCsv, KeepsItsContentWhenMoved) {
  const TemporaryFolder folder;
  Table table(folder.write("table.csv", "name\nabc\n"));
  const auto names = table.texts("name");
  const Table moved = std::move(table);
  EXPECT_EQ(names[0], "abc");
  EXPECT_EQ(moved.texts("name")[0], "abc");
}

TEST(TableOfCsv, IsRefusedWhereItIsMissingOrNoText) {
  const TemporaryFolder folder;
  EXPECT_EQ(folder.refusal([&] { Table table(folder.path() / "none.csv"); }), "none.csv: is missing; expected a file");
  std::filesystem::create_directory(folder.path() / "inside");
  EXPECT_EQ(folder.refusal([&] { Table table(folder.path() / "inside"); }), "inside: is no regular file; expected one");
  EXPECT_EQ(refusal(""), "table.csv: is empty; expected a line of column names");
  EXPECT_EQ(refusal(std::string_view("a,b\n1,\0\n", 9)), "table.csv: at byte 6: a byte is 0; expected text");
}

TEST(TableOfCsv, IsRefusedWhereARowHasAnotherNumberOfFields) {
  EXPECT_EQ(refusal("a,b\n1,2\n3\n"), "table.csv: line 3: 1 fields; expected 2");
  EXPECT_EQ(refusal("a,b\n1,2,3\n"), "table.csv: line 2: 3 fields; expected 2");
  EXPECT_EQ(refusal("a,b\n\n1,2\n"), "table.csv: line 2: 1 fields; expected 2");
}

TEST(TableOfCsv, MayEndInBlankLines) {
  const TemporaryFolder folder;
  for (const char* const end : {"\n", "\r\n", "\n\n", "\r\n\r\n\r\n"}) {
    EXPECT_EQ(Table(folder.write("table.csv", "a,b\n1,2\n3,4" + std::string(end))).rows(), 2u);
  }
  // Of a single column an empty line is a row.
  EXPECT_EQ(texts(Table(folder.write("table.csv", "a\n1\n\n")), "a"), (Texts{"1", ""}));
}

TEST(TableOfCsv, IsRefusedWhereTwoColumnsHaveOneName) {
  EXPECT_EQ(refusal("a,b,a\n1,2,3\n"), "table.csv: line 1: two columns have the name \"a\"; expected different names");
}

TEST(TableOfCsv, IsRefusedWhereItHasTooManyColumns) {
  std::string names = "0";
  for (int column = 1; column < 4096; ++column) names.append(",").append(std::to_string(column));
  EXPECT_EQ(refusal(names), "no exception");
  EXPECT_EQ(refusal(names + ",x"), "table.csv: line 1: 4097 columns; expected at most 4096");
}

TEST(TableOfCsv, IsRefusedWhereAColumnIsMissing) {
  const std::string expected = "table.csv: has no column \"c\"; the columns are a, b";
  EXPECT_EQ(refusal("a,b\n1,2\n", [](const Table& table) { table.texts("c"); }), expected);
  EXPECT_EQ(refusal("a,b\n1,2\n", [](const Table& table) { table.numbers("c"); }), expected);
  for (const std::string names : {"a;b", "a\tb"}) {
    EXPECT_EQ(refusal(names + "\n1;2\n", [](const Table& table) { table.texts("a"); }),
              "table.csv: has no column \"a\"; the columns are " + names + "; columns are separated by commas");
  }
  EXPECT_EQ(refusal("a;b\n1,5;2\n", [](const Table&) {}),
            "table.csv: line 2: 2 fields; expected 1; columns are separated by commas");
}

TEST(TableOfCsv, IsRefusedWhereANumberIsNone) {
  for (const std::string text : {"nan", "inf", "-inf", "", "x", "1x", "1e999", "0x10", "+", "+-1", "++1", "-+1"}) {
    EXPECT_EQ(refusal("a,b\n1,2\n" + text + ",2\n", [](const Table& table) { table.numbers("a"); }),
              "table.csv: line 3: a is \"" + text + "\"; expected a finite number");
  }
}

#if defined(GPTNAS_WITH_ZLIB)
TEST(TableOfCsv, IsReadFromGzip) {
  const TemporaryFolder folder;
  std::string content = "value\n";
  for (int row = 0; row < 10000; ++row) content += std::to_string(row * row % 7919) + "\n";
  const std::filesystem::path path = folder.write_gzip("table.csv.gz", content);
  const Table table(path);
  ASSERT_EQ(table.rows(), 10000u);
  EXPECT_EQ(table.numbers("value")[100], 10000 % 7919);

  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_NE(folder.refusal([&] { Table cut(path); }).find("damaged or cut off"), std::string::npos);
}
#endif

}  // namespace table_test
