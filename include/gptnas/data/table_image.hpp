// The binary form of a table, which is used where it lies, in memory or in a mapped file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gptnas/core/crc32c.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/file_bytes.hpp>
#include <gptnas/data/table_column.hpp>

namespace gptnas {

/// What tells one content of a file from another: the size and CRC-32C of its bytes.
struct Fingerprint {
  std::uint64_t size = 0;
  std::uint64_t crc = 0;

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// The fingerprint of a file as it lies there, compressed or not.
///
/// @throws FileError if the file cannot be read. Complexity: O(bytes), 1 to 3 GB/s.
inline Fingerprint fingerprint(const std::string& path) {
  const FileBytes file = FileBytes::map(path);
  return {file.view().size(), crc32c(file.view())};
}

namespace detail {

static_assert(std::numeric_limits<double>::is_iec559 && sizeof(double) == 8, "gptnas: tables need IEEE 754's doubles");

// An image is a head and a block a column. The head is TableHead, a ColumnHead a column, and the names, one after the
// other. A block is its numbers, its starts and its characters, whatever of them there is. Head and blocks are filled
// up with zeros to a multiple of eight bytes, so that numbers lie where the processor wants them. All numbers are in
// the byte order of the machine.

inline constexpr std::array<char, 8> table_magic{'g', 'p', 't', 'n', 'a', 's', '\n', '\0'};
inline constexpr std::uint32_t table_byte_order = 0x01020304;
inline constexpr std::uint32_t table_version = 2;  // 2: numbers may have a plus

struct TableHead {
  std::array<char, 8> magic = table_magic;
  std::uint32_t byte_order = table_byte_order;
  std::uint32_t version = table_version;
  std::uint64_t head_crc = 0;   // CRC-32C of the head from here on
  std::uint64_t head_size = 0;  // with columns and names
  std::uint64_t size = 0;       // of the image
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  Fingerprint source;
};

struct ColumnHead {
  std::uint64_t name_size = 0;
  std::uint64_t has_numbers = 0, has_texts = 0;  // 0 or 1
  std::uint64_t characters = 0;
  std::uint64_t block = 0;  // where it starts in the image
  std::uint64_t block_crc = 0;
};

inline constexpr std::size_t head_crc_start = offsetof(TableHead, head_size);

constexpr std::uint64_t filled_up(std::uint64_t size) { return (size + 7) / 8 * 8; }

/// Bytes of a column's block.
constexpr std::uint64_t block_size(const ColumnHead& column, std::uint64_t rows) {
  return filled_up(column.has_numbers * 8 * rows + column.has_texts * 8 * (rows + 1) + column.characters);
}

/// What the head says of a column, without its place and checksum.
inline ColumnHead column_head(const TableColumn& column, std::uint64_t rows) {
  const std::size_t numbers = column.numbers.size(), texts = column.starts.size() - 1;
  ColumnHead head;
  head.has_numbers = numbers == rows;
  head.has_texts = texts == rows;
  if ((!head.has_numbers && (numbers > 0 || !head.has_texts)) || (!head.has_texts && texts > 0)) {
    throw invalid_value(joined({"table_image: rows of column ", column.name}), head.has_numbers ? texts : numbers,
                        joined({rows, ", as in the others"}));
  }
  head.name_size = column.name.size();
  head.characters = column.characters.size();
  return head;
}

template <class Value>
Value value_at(std::string_view image, std::size_t offset) {
  static_assert(std::is_trivially_copyable_v<Value>);
  Value value;
  std::memcpy(&value, image.data() + offset, sizeof(Value));
  return value;
}

}  // namespace detail

/// The binary form of columns.
///
/// @param columns  at least one, all of as many rows. @param source  what they were made of.
/// @throws std::invalid_argument if there is no column, or if they differ in rows. Complexity: O(bytes).
inline std::vector<char> table_image(const std::vector<TableColumn>& columns, const Fingerprint& source = {}) {
  using namespace detail;
  if (columns.empty()) throw invalid_value("table_image: number of columns", columns.size(), "at least 1");
  TableHead head;
  head.source = source;
  head.columns = columns.size();
  head.head_size = sizeof(TableHead) + columns.size() * sizeof(ColumnHead);
  for (const TableColumn& column : columns) {
    head.head_size += column.name.size();
    if (head.rows < column.numbers.size()) head.rows = column.numbers.size();
    if (head.rows < column.starts.size() - 1) head.rows = column.starts.size() - 1;
  }
  head.head_size = filled_up(head.head_size);
  head.size = head.head_size;
  for (const TableColumn& column : columns) head.size += block_size(column_head(column, head.rows), head.rows);

  std::vector<char> image(head.size);
  const auto put = [&image](std::size_t& place, const void* bytes, std::size_t size) {
    if (size > 0) std::memcpy(image.data() + place, bytes, size);
    place += size;
  };
  std::size_t of_head = sizeof head, name = of_head + columns.size() * sizeof(ColumnHead), block = head.head_size;
  for (const TableColumn& column : columns) {
    ColumnHead its_head = column_head(column, head.rows);
    its_head.block = block;
    std::size_t place = block;
    if (its_head.has_numbers) put(place, column.numbers.data(), 8 * column.numbers.size());
    if (its_head.has_texts) put(place, column.starts.data(), 8 * column.starts.size());
    put(place, column.characters.data(), column.characters.size());
    block += block_size(its_head, head.rows);
    its_head.block_crc = crc32c({image.data() + its_head.block, block - its_head.block});
    put(of_head, &its_head, sizeof its_head);
    put(name, column.name.data(), column.name.size());
  }
  std::memcpy(image.data(), &head, sizeof head);
  head.head_crc = crc32c({image.data() + head_crc_start, static_cast<std::size_t>(head.head_size) - head_crc_start});
  std::memcpy(image.data(), &head, sizeof head);
  return image;
}

}  // namespace gptnas
