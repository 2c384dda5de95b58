// Tables as text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/read_file.hpp>
#include <gptnas/data/table_column.hpp>

namespace gptnas {

namespace detail {

/// What is between the quote at a place of a line and the next one that is not doubled, and the place behind that; none
/// if there is no such quote.
///
/// @param unquoted  keeps what had doubled quotes.
inline std::optional<std::string_view> take_quoted(std::string_view line, std::size_t& at,
                                                   std::deque<std::string>& unquoted) {
  const std::size_t begin = at + 1;
  std::size_t end = line.find('"', begin), doubled = 0;
  for (; end != line.npos && line.substr(end + 1).starts_with('"'); end = line.find('"', end + 2)) ++doubled;
  if (end == line.npos) return std::nullopt;
  at = end + 1;
  if (doubled == 0) return line.substr(begin, end - begin);
  std::string& field = unquoted.emplace_back();
  for (std::size_t i = begin; i < end; i += line[i] == '"' ? 2 : 1) field += line[i];
  return field;
}

/// What to say where a file with other separators has no column of a name, or another number of fields.
inline std::string_view separator_advice(std::string_view names, std::size_t columns) {
  const bool others = columns == 1 && names.find_first_of(";\t") != names.npos;
  return others ? "; columns are separated by commas" : "";
}

/// Takes the first line off a text and splits it at its commas. False if a field begins with a quote and does not end
/// with the next one that is not doubled.
///
/// @param unquoted  keeps the fields that had doubled quotes.
inline bool take_fields(std::string_view& text, std::vector<std::string_view>& fields,
                        std::deque<std::string>& unquoted) {
  const std::size_t size = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto is_blank = [&](std::size_t at) { return line[at] == ' ' || line[at] == '\t'; };
  fields.clear();
  unquoted.clear();
  for (std::size_t at = 0;; ++at) {  // from comma to comma
    while (at < line.size() && is_blank(at)) ++at;
    if (at < line.size() && line[at] == '"') {
      const auto field = take_quoted(line, at, unquoted);
      if (!field) return false;
      fields.push_back(*field);
      while (at < line.size() && is_blank(at)) ++at;
      if (at < line.size() && line[at] != ',') return false;
    } else {
      const std::size_t begin = at;
      while (at < line.size() && line[at] != ',') ++at;
      std::size_t end = at;
      while (end > begin && is_blank(end - 1)) --end;
      fields.push_back(line.substr(begin, end - begin));
    }
    if (at == line.size()) return true;
  }
}

}  // namespace detail

/// The columns of a CSV: a line of names, then a line a row. All have texts; those whose fields are finite numbers have
/// them as well. A byte order mark before it is skipped.
///
/// Empty lines at the end are left out, but of a single column, where they are empty fields.
///
/// Spaces and tabs around a field are no part of it. A field may stand in double quotes, and then have commas, spaces
/// and quotes, each doubled (RFC 4180), but no line ends.
///
/// @param path  what errors name.
/// @throws FileError if the text is empty or has a byte 0, if it has more than 4,096 columns or two of one name, if a
///   quoted field does not end with its quote, or if a row has another number of fields than the first line.
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
  std::deque<std::string> unquoted;
  const auto take_line = [&](std::size_t line) {
    if (!detail::take_fields(text, fields, unquoted)) {
      refuse(line, {"a field begins with a quote; expected one at its end as well, and those between doubled"});
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
    const bool only_empty_lines = text.find_first_not_of("\r\n") == std::string_view::npos;
    if (only_empty_lines && columns.size() > 1) break;
    take_line(line);
    if (fields.size() != columns.size()) {
      refuse(line, {fields.size(), " fields; expected ", columns.size(),
                    detail::separator_advice(columns[0].name, columns.size())});
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
