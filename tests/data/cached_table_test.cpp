#include <gtest/gtest.h>

#include <sys/stat.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/crc32c.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/data/cached_table.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/data/table_image.hpp>

#include "../message_of.hpp"
#include "../temporary_folder.hpp"

namespace cached_table_test {

namespace fs = std::filesystem;
using gptnas::FileBytes;
using gptnas::Table;
using gptnas::TableColumn;
using gptnas::detail::ColumnHead;
using gptnas::detail::TableHead;
using gptnas_test::message_of;
using gptnas_test::TemporaryFolder;

Table in_memory(const std::vector<char>& image) { return Table(FileBytes(image), "image"); }

// Reads all that there is in the table of two columns below.
void read_all(const Table& table) {
  std::size_t size = 0;
  for (const std::string name : {"key", "value"}) {
    const gptnas::TextColumn texts = table.texts(name);
    for (std::size_t row = 0; row < texts.size(); ++row) size += std::string(texts[row]).size();
  }
  EXPECT_LT(size, 1000u);
  table.numbers("value");
}

std::string refusal(const std::vector<char>& image) {
  return message_of<gptnas::FileError>([&] { read_all(in_memory(image)); });
}

std::vector<char> small_image() { return gptnas::table_image(gptnas::parse_csv("key,value\na,1\nbcd,2.5\n", "")); }

TEST(TableImage, HoldsWhatItWasMadeOf) {
  gptnas::RandomStream random(1);
  for (int repetition = 0; repetition < 200; ++repetition) {
    std::vector<TableColumn> columns;
    const std::size_t rows = random.below(20);
    for (std::uint32_t i = 0, count = 1 + random.below(4); i < count; ++i) {
      TableColumn& column = columns.emplace_back(std::string(random.below(10), 'x') + std::to_string(i));
      const std::uint32_t kind = 1 + random.below(3);
      for (std::size_t row = 0; row < rows; ++row) {
        if (kind & 1) column.add(standard_normal(random));
        if (kind & 2) column.add(std::string_view("abcdefghijkl").substr(0, random.below(13)));
      }
    }
    const Table table = in_memory(gptnas::table_image(columns, {3, 4}));
    EXPECT_EQ(table.rows(), rows);
    EXPECT_EQ(table.source(), (gptnas::Fingerprint{3, 4}));
    for (const TableColumn& column : columns) {
      if (column.numbers.size() == rows) {
        const auto numbers = table.numbers(column.name);
        EXPECT_EQ(std::vector<double>(numbers.begin(), numbers.end()), column.numbers);
      }
      if (column.starts.size() == rows + 1) {
        const auto texts = table.texts(column.name);
        std::string characters;
        for (std::size_t row = 0; row < rows; ++row) {
          EXPECT_EQ(texts[row].size(), column.starts[row + 1] - column.starts[row]);
          characters += texts[row];
        }
        EXPECT_EQ(characters, column.characters);
      }
    }
  }
}

TEST(TableImage, SaysWhichColumnsHaveNoTextsOrNoNumbers) {
  std::vector<TableColumn> columns{TableColumn("numbers"), TableColumn("texts"), TableColumn("digits")};
  columns[0].add(1.0);
  columns[1].add("x");
  columns[2].add("1");
  const Table table = in_memory(gptnas::table_image(columns));
  const auto numbers = [&](std::string_view name) { return [&table, name] { table.numbers(name); }; };
  EXPECT_EQ(message_of<gptnas::FileError>([&] { table.texts("numbers"); }),
            "image: column \"numbers\" has numbers only; expected texts");
  EXPECT_EQ(message_of<gptnas::FileError>(numbers("texts")), "image: row 0: texts is \"x\"; expected a finite number");
  EXPECT_EQ(message_of<gptnas::FileError>(numbers("digits")),
            "image: column \"digits\" has texts only; expected numbers");
}

TEST(TableImage, RefusesColumnsThatDifferInRows) {
  std::vector<TableColumn> columns{TableColumn("a"), TableColumn("b")};
  EXPECT_EQ(message_of([&] { gptnas::table_image({}); }), "table_image: number of columns is 0; expected at least 1");
  columns[0].add(1.0);
  EXPECT_EQ(message_of([&] { gptnas::table_image(columns); }),
            "table_image: rows of column b is 0; expected 1, as in the others");
  columns[1].add(1.0);
  columns[1].add("x");
  columns[1].add("y");
  EXPECT_EQ(message_of([&] { gptnas::table_image(columns); }),
            "table_image: rows of column a is 1; expected 2, as in the others");
}

TEST(TableImage, NoticesEachBitThatIsDamaged) {
  const std::vector<char> image = small_image();
  EXPECT_EQ(refusal(image), "no exception");
  for (std::size_t bit = 0; bit < 8 * image.size(); ++bit) {
    std::vector<char> damaged = image;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    ASSERT_NE(refusal(damaged), "no exception") << "bit " << bit % 8 << " of byte " << bit / 8;
  }
}

TEST(TableImage, NoticesThatItIsCutOffOrTooLong) {
  const std::vector<char> image = small_image();
  for (std::size_t size = 0; size < image.size(); ++size) {
    ASSERT_NE(refusal({image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)}), "no exception") << size;
  }
  std::vector<char> longer = image;
  longer.push_back(0);
  EXPECT_EQ(refusal(longer), "image: at byte 32: the file has " + std::to_string(longer.size()) + " bytes; expected " +
                                 std::to_string(image.size()) + "; remove the file and make it anew");
  EXPECT_EQ(refusal({image.begin(), image.begin() + 40}),
            "image: at byte 40: the file ends; expected the head of a table, 72 bytes; "
            "remove the file and make it anew");
}

// An image whose head is changed by hand, with a right checksum after it.
template <class Change>
std::string refusal_of_change(Change change) {
  std::vector<char> image = small_image();
  TableHead head;
  std::vector<ColumnHead> columns(2);
  std::memcpy(&head, image.data(), sizeof head);
  std::memcpy(columns.data(), image.data() + sizeof head, 2 * sizeof(ColumnHead));
  change(head, columns);
  std::memcpy(image.data() + sizeof head, columns.data(), 2 * sizeof(ColumnHead));
  std::memcpy(image.data(), &head, sizeof head);
  if (head.head_size >= gptnas::detail::head_crc_start && head.head_size <= image.size()) {
    const std::size_t start = gptnas::detail::head_crc_start;
    head.head_crc = gptnas::crc32c({image.data() + start, head.head_size - start});
  }
  std::memcpy(image.data(), &head, sizeof head);
  return refusal(image);
}

TEST(TableImage, SaysWhatIsWrongWithItsHead) {
  const std::string advice = "; remove the file and make it anew";
  using Columns = std::vector<ColumnHead>;
  EXPECT_EQ(refusal_of_change([](TableHead& head, Columns&) { head.byte_order = 0x04030201; }),
            "image: at byte 8: the byte order is another machine's; expected this machine's" + advice);
  EXPECT_EQ(refusal_of_change([](TableHead& head, Columns&) { head.version = 3; }),
            "image: at byte 12: the version of the format is 3; expected 2" + advice);
  EXPECT_EQ(
      refusal_of_change([](TableHead& head, Columns&) { head.head_size = 71; }),
      "image: at byte 24: the head has 71 bytes; expected 72 to " + std::to_string(small_image().size()) + advice);
  std::vector<char> image = small_image();
  TableHead head;
  std::memcpy(&head, image.data(), sizeof head);
  image[gptnas::detail::head_crc_start - 8] = static_cast<char>(image[gptnas::detail::head_crc_start - 8] ^ 1);
  EXPECT_EQ(refusal(image), "image: at byte 16: the head has the CRC-32C " + std::to_string(head.head_crc) +
                                "; expected " + std::to_string(head.head_crc ^ 1) + advice);
}

TEST(TableImage, RefusesAHeadThatContradictsItself) {
  using Columns = std::vector<ColumnHead>;
  const std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
  const std::string expected = "image: at byte 24: the head contradicts itself; remove the file and make it anew";
  EXPECT_EQ(refusal_of_change([](TableHead&, Columns&) {}), "no exception");
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{3}, huge / 8, huge}) {
    EXPECT_EQ(refusal_of_change([&](TableHead& head, Columns&) { head.rows = value; }), expected) << value;
    EXPECT_EQ(refusal_of_change([&](TableHead& head, Columns&) { head.columns = value; }), expected) << value;
    EXPECT_EQ(refusal_of_change([&](TableHead&, Columns& columns) { columns[0].block = value; }), expected) << value;
    if (value < 8) continue;
    EXPECT_EQ(refusal_of_change([&](TableHead&, Columns& columns) { columns[1].name_size = value; }), expected);
    EXPECT_EQ(refusal_of_change([&](TableHead&, Columns& columns) { columns[1].characters = value; }), expected);
    EXPECT_EQ(refusal_of_change([&](TableHead&, Columns& columns) { columns[1].has_texts = value; }), expected);
    EXPECT_EQ(refusal_of_change([&](TableHead&, Columns& columns) { columns[1].has_numbers = value; }), expected);
  }
  EXPECT_EQ(refusal_of_change([&](TableHead&, Columns& columns) { columns[0].has_texts = 0; }), expected);
}

// A table whose block is changed by hand, with right checksums after it.
std::string refusal_of_value(std::size_t offset_in_value_block, const void* bytes) {
  std::vector<char> image = small_image();
  TableHead head;
  ColumnHead column;
  char* const place = image.data() + sizeof head + sizeof column;  // the head of the second column, "value"
  std::memcpy(&head, image.data(), sizeof head);
  std::memcpy(&column, place, sizeof column);
  std::memcpy(image.data() + column.block + offset_in_value_block, bytes, 8);
  const std::size_t size = gptnas::detail::block_size(column, head.rows), start = gptnas::detail::head_crc_start;
  column.block_crc = gptnas::crc32c({image.data() + column.block, size});
  std::memcpy(place, &column, sizeof column);
  head.head_crc = gptnas::crc32c({image.data() + start, head.head_size - start});
  std::memcpy(image.data(), &head, sizeof head);
  return refusal(image);
}

TEST(TableImage, RefusesABlockThatIsNone) {
  const std::string place = "image: at byte 208: column \"value\" is damaged: ";
  const std::string advice = "; remove the file and make it anew";
  std::vector<char> damaged = small_image();
  damaged.back() = 1;
  EXPECT_EQ(refusal(damaged), place + "its CRC-32C is not the one in the head" + advice);
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refusal_of_value(8, &infinite), place + "it has a number that is not finite" + advice);
  for (const std::uint64_t start : {std::uint64_t{5}, std::numeric_limits<std::uint64_t>::max()}) {
    for (const std::size_t row : {0u, 1u, 2u}) {
      EXPECT_EQ(refusal_of_value(16 + 8 * row, &start), place + "its texts do not follow each other" + advice);
    }
  }
}

TEST(CachedTable, IsMadeOnceAndOpened) {
  const TemporaryFolder folder;
  const std::string source = folder.write("table.csv", "key,value\na,1\nb,2\n"), cache = folder.path() / "cache";
  {
    const Table made = gptnas::cached_table(source, cache);
    EXPECT_EQ(made.path(), cache);
    EXPECT_EQ(made.rows(), 2u);
    EXPECT_EQ(made.texts("key")[1], "b");
    EXPECT_EQ(made.numbers("value")[1], 2);
    EXPECT_EQ(made.source(), gptnas::fingerprint(source));
  }
  EXPECT_EQ(folder.files(), 2u);
  const auto time = fs::last_write_time(cache);
  fs::last_write_time(cache, time - std::chrono::hours(1));
  EXPECT_EQ(gptnas::cached_table(source, cache).rows(), 2u);
  EXPECT_EQ(gptnas::open_cached_table(source, cache).rows(), 2u);
  EXPECT_EQ(fs::last_write_time(cache), time - std::chrono::hours(1)) << "it was made anew";
  EXPECT_EQ(message_of<gptnas::FileError>([&] { Table(cache).refuse(1, "no"); }), cache + ": row 1: no");
}

TEST(CachedTable, IsMadeAnewWhereItIsStaleOrDamaged) {
  const TemporaryFolder folder;
  const std::string source = folder.write("table.csv", "value\n1\n"), cache = folder.path() / "cache";
  const Table old = gptnas::cached_table(source, cache);
  folder.write("table.csv", "value\n3\n");  // of the same size
  EXPECT_EQ(folder.refusal([&] { gptnas::open_cached_table(source, cache); }),
            "cache: is stale: it was made of 8 bytes with the CRC-32C " + std::to_string(gptnas::crc32c("value\n1\n")) +
                "; expected 8 bytes with the CRC-32C " + std::to_string(gptnas::crc32c("value\n3\n")) + ", as " +
                source + " has; make it anew with cached_table");
  const Table made_anew = gptnas::cached_table(source, cache);
  EXPECT_EQ(made_anew.numbers("value")[0], 3);
  EXPECT_EQ(old.numbers("value")[0], 1) << "a mapping sees the file that was replaced";

  const std::string cut_off = folder.content("cache").substr(0, 100);
  for (const std::string& damaged : {std::string(), cut_off.substr(0, 3), cut_off}) {
    fs::remove(cache);
    folder.write("cache", damaged);
    EXPECT_NE(folder.refusal([&] { gptnas::open_cached_table(source, cache); }), "no exception");
    const Table made = gptnas::cached_table(source, cache);
    EXPECT_EQ(made.numbers("value")[0], 3);
  }
  EXPECT_EQ(folder.files(), 2u);
}

TEST(CachedTable, LeavesFilesOfOtherKindsAlone) {
  const TemporaryFolder folder;
  const std::string source = folder.write("table.csv", "value\n1\n"), other = folder.write("other.csv", "value\n5\n");
  for (const auto& [cache, content] : {std::pair(source, "value\n1\n"), std::pair(other, "value\n5\n")}) {
    const std::string name = fs::path(cache).filename();
    EXPECT_EQ(folder.refusal([&, &cache = cache] { gptnas::cached_table(source, cache); }),
              name + ": is no table that cached_table made; expected one, or a free name");
    EXPECT_EQ(folder.content(name), content);
  }
  EXPECT_EQ(folder.files(), 2u);
}

// Its fingerprint is that of tables that were made of no file, as a CSV's and those in memory.
TEST(CachedTable, IsNotMadeOfAnEmptyFile) {
  const TemporaryFolder folder;
  const std::string source = folder.write("empty.csv", ""), expected = "empty.csv: is empty; expected a table";
  const std::vector<char> image = small_image();
  for (const std::string& other : {std::string("a,b\n1,2\n"), std::string(image.data(), image.size())}) {
    const std::string cache = folder.write("mine", other);
    EXPECT_EQ(folder.refusal([&] { gptnas::cached_table(source, cache); }), expected);
    EXPECT_EQ(folder.refusal([&] { gptnas::open_cached_table(source, cache); }), expected);
    EXPECT_EQ(folder.content("mine"), other);
  }
  EXPECT_EQ(folder.refusal([&] { gptnas::cached_table(source, folder.path() / "cache"); }), expected);
  EXPECT_EQ(folder.files(), 2u);
}

// None of them has a writer: to open one would take until there is one.
TEST(CachedTable, DoesNotWaitForPipes) {
  const TemporaryFolder folder;
  const std::string source = folder.write("table.csv", "value\n1\n");
  for (const std::string name : {"pipe", "pipe.gz"}) {
    const std::string pipe = folder.path() / name;
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(folder.refusal([&] { Table table(pipe); }), name + ": is no regular file; expected one");
    EXPECT_EQ(folder.refusal([&] { gptnas::cached_table(pipe, folder.path() / "cache"); }),
              name + ": is no regular file; expected one");
    EXPECT_EQ(folder.refusal([&] { gptnas::cached_table(source, pipe); }),
              name + ": is no table that cached_table made; expected one, or a free name");
  }
}

TEST(CachedTable, SaysWhatIsMissing) {
  const TemporaryFolder folder;
  const std::string source = folder.path() / "table.csv", cache = folder.path() / "cache";
  EXPECT_EQ(folder.refusal([&] { gptnas::cached_table(source, cache); }), "table.csv: is missing; expected a file");
  EXPECT_EQ(folder.refusal([&] { gptnas::open_cached_table(source, cache); }),
            "table.csv: is missing; expected a file");
  folder.write("table.csv", "a,b\n1\n");
  EXPECT_EQ(folder.refusal([&] { gptnas::open_cached_table(source, cache); }), "cache: is missing; expected a file");
  EXPECT_EQ(folder.refusal([&] { gptnas::cached_table(source, cache); }), "table.csv: line 2: 1 fields; expected 2");
  EXPECT_EQ(folder.files(), 1u) << "nothing is left of a conversion that failed";
  folder.write("table.csv", "a,b\n1,2\n");
  EXPECT_EQ(folder.refusal([&] { gptnas::cached_table(source, folder.path() / "none" / "cache"); }),
            "none/cache: cannot be written; expected a writable folder");
}

#if defined(GPTNAS_WITH_ZLIB)
TEST(CachedTable, IsTheTableOfNasBench101) {
  const std::string source = GPTNAS_DATA_DIR "/nas_bench_101.csv.gz";
  if (!fs::exists(source)) GTEST_SKIP() << source << " is absent; set GPTNAS_DATA_DIR";
  const TemporaryFolder folder;
  const Table read(source), made = gptnas::cached_table(source, folder.path() / "cache");
  ASSERT_EQ(made.rows(), 423'624u);
  double best = 0, sum = 0;
  for (const double correct : made.numbers("test_correct_of_29952")) {
    best = best < correct ? correct : best;
    sum += correct;
  }
  EXPECT_NEAR(100 * best / 29952, 94.318, 0.0005);
  EXPECT_NEAR(100 * sum / 29952 / 423624, 89.68, 0.005);
  for (const std::string name : {"vertices", "adj", "ops", "params", "test_correct_of_29952"}) {
    const auto from_csv = read.texts(name), from_cache = made.texts(name);
    ASSERT_EQ(from_csv.size(), from_cache.size());
    for (std::size_t row = 0; row < from_csv.size(); ++row) ASSERT_EQ(from_csv[row], from_cache[row]);
  }
}
#endif

}  // namespace cached_table_test
