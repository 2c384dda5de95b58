// Tables as text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/read_file.hpp>
#include <gptnas/data/table_column.hpp>

namespace gptnas {

namespace detail {

/// A text without the spaces around it.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Takes the first line off a text and splits it at its commas. False if a field begins with a quote and does not end
/// with the next one.
inline bool take_fields(std::string_view& text, std::vector<std::string_view>& fields) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  fields.clear();
  for (std::size_t start = 0;;) {
    const std::size_t first = line.find_first_not_of(" \t", start);
    std::string_view field;
    std::size_t comma;
    if (first != line.npos && line[first] == '"') {
      const std::size_t quote = line.find('"', first + 1);
      if (quote == line.npos) return false;
      comma = line.find_first_not_of(" \t", quote + 1);
      if (comma != line.npos && line[comma] != ',') return false;
      field = line.substr(first + 1, quote - first - 1);
    } else {
      comma = line.find(',', start);
      field = trimmed(line.substr(start, comma - start));
    }
    fields.push_back(field);
    if (comma == line.npos) return true;
    start = comma + 1;
  }
}

}  // namespace detail

/// The columns of a CSV: a line of names, then a line a row. All have texts; those whose fields are finite numbers have
/// them as well. A byte order mark before it is skipped.
///
/// Spaces and tabs around a field are no part of it. A field may stand in double quotes, and then have commas and
/// spaces, but no quotes.
///
/// @param path  what errors name.
/// @throws FileError if the text is empty or has a byte 0, if it has more than 4,096 columns or two of one name, if a
///   quote does not end where its field does, or if a row has another number of fields than the first line.
/// Complexity: O(bytes).
inline std::vector<TableColumn> parse_csv(std::string_view text, const std::string& path) {
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw FileError(path, zero, "a byte is 0; expected text");
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  while (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (text.empty()) throw FileError(path, "is empty; expected a line of column names");
  const auto refuse = [&](std::size_t line, std::initializer_list<TextPiece> problem) {
    throw FileError(path, joined({"line ", line, ": ", joined(problem)}));
  };
  std::vector<std::string_view> fields;
  const auto take_line = [&](std::size_t line) {
    if (!detail::take_fields(text, fields)) {
      refuse(line, {"a field begins with a quote; expected one at its end as well, and none between"});
    }
  };
  take_line(1);
  if (fields.size() > 4096) refuse(1, {fields.size(), " columns; expected at most 4096"});
  std::vector<TableColumn> columns(fields.size());
  for (std::size_t field = 0; field < fields.size(); ++field) {
    for (std::size_t other = 0; other < field; ++other) {
      if (fields[other] != fields[field]) continue;
      refuse(1, {"two columns have the name \"", fields[field], "\"; expected different names"});
    }
    columns[field].name = fields[field];
  }
  for (std::size_t line = 2; !text.empty(); ++line) {
    take_line(line);
    if (fields.size() != columns.size()) {
      refuse(line, {fields.size(), " fields; expected ", columns.size()});
    }
    for (std::size_t field = 0; field < fields.size(); ++field) columns[field].add(fields[field]);
  }
  for (TableColumn& column : columns) column.add_numbers_of_texts();
  return columns;
}

/// The columns of a CSV file; a name that ends in ".gz" says that it is compressed. @throws FileError as `read_file`
/// and `parse_csv` do.
inline std::vector<TableColumn> read_csv(const std::string& path) { return parse_csv(read_file(path).view(), path); }

}  // namespace gptnas
