// Tables of measurements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/crc32c.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/csv.hpp>
#include <gptnas/data/file_bytes.hpp>
#include <gptnas/data/table_image.hpp>

namespace gptnas {

/// The texts of a column, as long as its table is there.
class TextColumn {
 public:
  /// @param starts  (rows + 1) where each text starts in the characters, and where the last one ends.
  TextColumn(const std::uint64_t* starts, std::size_t rows, const char* characters)
      : starts_(starts), rows_(rows), characters_(characters) {}

  std::size_t size() const { return rows_; }
  std::string_view operator[](std::size_t row) const {
    return {characters_ + starts_[row], static_cast<std::size_t>(starts_[row + 1] - starts_[row])};
  }

 private:
  const std::uint64_t* starts_;
  std::size_t rows_;
  const char* characters_;
};

/// A table with named columns. All of them have texts, numbers or both; those of a CSV have texts, and numbers where
/// each field is one.
///
/// The binary form (`cached_table`) is opened in less than a millisecond: the head is checked then, with a CRC-32C of
/// its own, and a column when it is asked for.
class Table {
 public:
  /// Opens a file, CSV (`parse_csv`; a name that ends in ".gz" says that it is compressed) or the binary form.
  ///
  /// @throws FileError if the file cannot be read, is empty, or is not what the form says, with the place.
  /// Complexity: O(1) for the binary form, O(bytes) for CSV.
  explicit Table(const std::string& path) : Table(read_file(path), path) {}

  /// The same for a file's content that is in memory. @param path  what errors name.
  Table(FileBytes content, std::string path) : path_(std::move(path)), image_(std::move(content)) {
    using namespace detail;
    if (!is_image(image_)) {
      image_ = FileBytes(table_image(parse_csv(image_.view(), path_)));
      is_csv_ = true;
    }
    check_head();
  }

  const std::string& path() const { return path_; }
  std::size_t rows() const { return static_cast<std::size_t>(head_.rows); }

  /// What the binary form was made of; zeros for a CSV.
  const Fingerprint& source() const { return head_.source; }

  /// The columns' names, in order, valid as long as the table or the one that it was moved to. Complexity: O(columns).
  std::vector<std::string_view> names() const& {
    const auto columns = static_cast<std::size_t>(head_.columns);
    std::vector<std::string_view> names(columns);
    std::size_t start = sizeof(detail::TableHead) + columns * sizeof(detail::ColumnHead);
    for (std::size_t index = 0; index < columns; ++index) {
      names[index] = image_.view().substr(start, column_head(index).name_size);
      start += names[index].size();
    }
    return names;
  }
  std::vector<std::string_view> names() const&& = delete;  // the table would be gone

  /// A column as texts, valid as long as the table or the one that it was moved to.
  ///
  /// @throws FileError if there is no such column, if it has numbers only, or if it is damaged. Complexity: O(bytes of
  ///   the column), at 1 to 3 GB/s, without a copy.
  TextColumn texts(std::string_view name) const& {
    const Column column = find(name);
    if (!column.head.has_texts) {
      refuse_table({"column \"", name, "\" has numbers only; expected texts"});
    }
    return texts_of(column);
  }
  TextColumn texts(std::string_view name) const&& = delete;  // the table would be gone

  /// A column as numbers, all finite, valid as long as the table or the one that it was moved to.
  ///
  /// @throws FileError if there is no such column, if a field is no finite number, or if it is damaged. Complexity:
  ///   O(bytes of the column), at 1 to 3 GB/s, without a copy.
  std::span<const double> numbers(std::string_view name) const& {
    const Column column = find(name);
    if (!column.head.has_numbers) refuse_texts(column);
    const std::span<const double> numbers(reinterpret_cast<const double*>(column.block.data()), rows());
    for (const double number : numbers) {
      if (!is_finite(number)) refuse_column(column, "it has a number that is not finite");
    }
    return numbers;
  }
  std::span<const double> numbers(std::string_view name) const&& = delete;  // the table would be gone

  /// Whether a column has numbers. @throws FileError if there is no such column, or if it is damaged.
  bool has_numbers(std::string_view name) const { return find(name).head.has_numbers != 0; }

  /// Where a row is, as errors say it: the line of a CSV; in the binary form the row's number, from 0.
  std::string place(std::size_t row) const { return joined({is_csv_ ? "line " : "row ", is_csv_ ? row + 2 : row}); }

  /// @throws FileError always: the place of a row and what is wrong with it.
  [[noreturn, gnu::cold]] void refuse(std::size_t row, const std::string& problem) const {
    refuse_table({is_csv_ ? "line " : "row ", is_csv_ ? row + 2 : row, ": ", problem});
  }

 private:
  struct Column {
    detail::ColumnHead head;
    std::string_view name, block;
  };

  static bool is_image(const FileBytes& content) {
    return content.view().starts_with({detail::table_magic.data(), detail::table_magic.size()});
  }

  // They take the pieces of a message: each place that refuses would else make a string of them, and destroy it.
  using Pieces = std::initializer_list<TextPiece>;

  [[noreturn, gnu::cold]] void refuse_table(Pieces problem) const { throw FileError(path_, joined(problem)); }

  [[noreturn, gnu::cold]] void refuse_place(std::size_t offset, Pieces problem) const {
    throw FileError(path_, offset, joined({joined(problem), "; remove the file and make it anew"}));
  }

  [[noreturn, gnu::cold]] void refuse_column(const Column& column, std::string_view problem) const {
    refuse_place(column.head.block, {"column \"", column.name, "\" is damaged: ", problem});
  }

  // After it, whatever the head says lies in the image; what the blocks hold is not known to be right.
  void check_head() {
    using namespace detail;
    const std::uint64_t size = image_.view().size();
    if (size < sizeof(TableHead)) {
      refuse_place(size, {"the file ends; expected the head of a table, ", sizeof(TableHead), " bytes"});
    }
    head_ = value_at<TableHead>(image_.view(), 0);
    if (head_.byte_order != table_byte_order) {
      refuse_place(offsetof(TableHead, byte_order), {"the byte order is another machine's; expected this machine's"});
    }
    if (head_.version != table_version) {
      refuse_place(offsetof(TableHead, version),
                   {"the version of the format is ", head_.version, "; expected ", table_version});
    }
    if (head_.size != size) {
      refuse_place(offsetof(TableHead, size), {"the file has ", size, " bytes; expected ", head_.size});
    }
    if (head_.head_size < sizeof(TableHead) || head_.head_size > size) {
      refuse_place(offsetof(TableHead, head_size),
                   {"the head has ", head_.head_size, " bytes; expected ", sizeof(TableHead), " to ", size});
    }
    const auto head_size = static_cast<std::size_t>(head_.head_size);
    const std::uint32_t crc = crc32c(image_.view().substr(head_crc_start, head_size - head_crc_start));
    if (head_.head_crc != crc) {
      refuse_place(offsetof(TableHead, head_crc), {"the head has the CRC-32C ", crc, "; expected ", head_.head_crc});
    }
    if (!is_consistent()) refuse_place(offsetof(TableHead, head_size), {"the head contradicts itself"});
  }

  // Whether all sizes fit each other, though the checksum is right: the file may be made by hand.
  bool is_consistent() const {
    using namespace detail;
    const std::uint64_t room = (head_.head_size - sizeof(TableHead)) / sizeof(ColumnHead);
    if (head_.columns == 0 || head_.columns > room || head_.rows > head_.size / 8) return false;
    std::uint64_t names = sizeof(TableHead) + head_.columns * sizeof(ColumnHead);
    std::uint64_t end = head_.head_size;
    for (std::size_t index = 0; index < head_.columns; ++index) {
      const ColumnHead column = column_head(index);
      if (column.has_numbers > 1 || column.has_texts > 1 || column.has_numbers + column.has_texts == 0) return false;
      if (column.name_size > head_.head_size - names || column.characters > head_.size) return false;
      if (column.block != end || end % 8 != 0 || block_size(column, head_.rows) > head_.size - end) return false;
      names += column.name_size;
      end += block_size(column, head_.rows);
    }
    return end == head_.size;
  }

  detail::ColumnHead column_head(std::size_t index) const {
    return detail::value_at<detail::ColumnHead>(image_.view(),
                                                sizeof(detail::TableHead) + index * sizeof(detail::ColumnHead));
  }

  Column find(std::string_view name) const {
    const std::vector<std::string_view> all = names();
    std::size_t index = 0;
    while (index < all.size() && all[index] != name) ++index;
    if (index == all.size()) {
      std::string list;
      for (const std::string_view each : all) list.append(list.empty() ? "" : ", ").append(each);
      refuse_table(
          {"has no column \"", name, "\"; the columns are ", list, detail::separator_advice(list, all.size())});
    }
    Column column{column_head(index), all[index], {}};
    column.block = image_.view().substr(column.head.block, detail::block_size(column.head, head_.rows));
    const bool right = crc32c(column.block) == column.head.block_crc;
    if (!right) refuse_column(column, "its CRC-32C is not the one in the head");
    return column;
  }

  TextColumn texts_of(const Column& column) const {
    const char* const place = column.block.data() + (column.head.has_numbers ? 8 * rows() : 0);
    const auto* const starts = reinterpret_cast<const std::uint64_t*>(place);
    bool right = starts[0] == 0 && starts[rows()] == column.head.characters;
    for (std::size_t row = 0; row < rows(); ++row) right = right && starts[row] <= starts[row + 1];
    if (!right) refuse_column(column, "its texts do not follow each other");
    return {starts, rows(), place + 8 * (rows() + 1)};
  }

  [[noreturn, gnu::cold]] void refuse_texts(const Column& column) const {
    const TextColumn texts = texts_of(column);
    double number = 0;
    for (std::size_t row = 0; row < texts.size(); ++row) {
      if (!detail::parse_number(texts[row], number)) {
        refuse(row, joined({column.name, " is \"", texts[row], "\"; expected a finite number"}));
      }
    }
    refuse_table({"column \"", column.name, "\" has texts only; expected numbers"});
  }

  std::string path_;
  FileBytes image_;
  detail::TableHead head_;
  bool is_csv_ = false;
};

}  // namespace gptnas
