// Tables as text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/read_file.hpp>
#include <gptnas/data/table_column.hpp>

namespace gptnas {

namespace detail {

/// A text without the spaces around it.
inline std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// The first field of a line, and the place of the comma behind it, which may lack.
inline std::pair<std::string_view, std::size_t> first_field(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin != line.npos && line[begin] == '"') {
    const std::size_t quote = std::min(line.find('"', begin + 1), line.size() - 1);
    const std::size_t behind = line.find_first_not_of(" \t", quote + 1);
    const bool ends = behind == line.npos || line[behind] == ',';
    if (quote > begin && line[quote] == '"' && ends) return {line.substr(begin + 1, quote - begin - 1), behind};
  }
  const std::size_t comma = line.find(',');
  return {trimmed(line.substr(0, comma)), comma};
}

/// Takes the first line off a text and splits it at its commas.
inline void take_fields(std::string_view& text, std::vector<std::string_view>& fields) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  fields.clear();
  for (std::size_t comma = 0; comma != line.npos;) {
    const auto [field, place] = first_field(line);
    fields.push_back(field);
    comma = place;
    if (comma != line.npos) line.remove_prefix(comma + 1);
  }
}

}  // namespace detail

/// The columns of a CSV: a line of names, then a line a row. All have texts; those whose fields are finite numbers have
/// them as well. A byte order mark before it is skipped.
///
/// Spaces and tabs around a field are no part of it. A field may stand in double quotes, and then have commas and
/// spaces; of a quote within quotes nothing is known.
///
/// @param path  what errors name.
/// @throws FileError if the text is empty or has a byte 0, if it has more than 4,096 columns or two of one name, or if
///   a row has another number of fields than the first line. Complexity: O(bytes).
inline std::vector<TableColumn> parse_csv(std::string_view text, const std::string& path) {
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw FileError(path, zero, "a byte is 0; expected text");
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  while (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  if (text.empty()) throw FileError(path, "is empty; expected a line of column names");
  const auto refuse = [&](std::size_t line, const std::string& problem) {
    throw FileError(path, "line " + std::to_string(line) + ": " + problem);
  };
  std::vector<TableColumn> columns;
  std::vector<std::string_view> fields;
  detail::take_fields(text, fields);
  if (fields.size() > 4096) refuse(1, std::to_string(fields.size()) + " columns; expected at most 4096");
  for (const std::string_view name : fields) {
    for (const TableColumn& other : columns) {
      if (other.name == name) refuse(1, "two columns have the name \"" + other.name + "\"; expected different names");
    }
    columns.emplace_back(std::string(name));
  }
  for (std::size_t line = 2; !text.empty(); ++line) {
    detail::take_fields(text, fields);
    if (fields.size() != columns.size()) {
      refuse(line, std::to_string(fields.size()) + " fields; expected " + std::to_string(columns.size()));
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
