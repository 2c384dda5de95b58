// Tables as text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/read_file.hpp>
#include <gptnas/data/table_column.hpp>

namespace gptnas {

namespace detail {

/// Takes what precedes a separator off a text; without one, all of it.
inline std::string_view take_until(char separator, std::string_view& rest) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

/// Calls with each field of the line that a text begins with, takes the line off it, and returns the number of fields.
template <class Call>
std::size_t take_fields(std::string_view& text, Call call) {
  std::string_view line = take_until('\n', text);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto fields = static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) + 1;
  for (std::size_t field = 0; field < fields; ++field) call(field, take_until(',', line));
  return fields;
}

}  // namespace detail

/// The columns of a CSV: a line of names, then a line a row, without quotes. All have texts; those whose fields are finite
/// numbers have them as well.
///
/// @param path  what errors name.
/// @throws FileError if the text is empty or has a byte 0, if two columns have one name, or if a row has another number of fields than the
///   first line. Complexity: O(bytes).
inline std::vector<TableColumn> parse_csv(std::string_view text, const std::string& path) {
  if (text.empty()) throw FileError(path, "is empty; expected a line of column names");
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw FileError(path, zero, "a byte is 0; expected text");
  }
  std::vector<TableColumn> columns;
  std::vector<std::string_view> names;
  detail::take_fields(text, [&](std::size_t, std::string_view name) {
    names.push_back(name);
    columns.emplace_back(std::string(name));
  });
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end()) {
    throw FileError(path, "line 1: two columns have the name \"" + std::string(*twice) + "\"; expected different names");
  }
  for (std::size_t line = 2; !text.empty(); ++line) {
    const std::size_t fields = detail::take_fields(text, [&](std::size_t field, std::string_view cell) {
      if (field < columns.size()) columns[field].add(cell);
    });
    if (fields != columns.size()) {
      throw FileError(path, "line " + std::to_string(line) + ": " + std::to_string(fields) + " fields; expected " +
                                std::to_string(columns.size()));
    }
  }
  for (TableColumn& column : columns) {
    const std::size_t rows = column.starts.size() - 1;
    double number = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const std::size_t start = column.starts[row], size = column.starts[row + 1] - start;
      if (!detail::parse_number(std::string_view(column.characters).substr(start, size), number)) {
        column.numbers.clear();
        break;
      }
      column.add(number);
    }
  }
  return columns;
}

/// The columns of a CSV file; a name that ends in ".gz" says that it is compressed. @throws FileError as `read_file` and
/// `parse_csv` do.
inline std::vector<TableColumn> read_csv(const std::string& path) { return parse_csv(read_file(path).view(), path); }

}  // namespace gptnas
