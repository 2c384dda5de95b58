// Tables of measurements.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/read_file.hpp>

namespace gptnas {

/// A table with named columns, read from CSV: a line of names, then a line a row, without quotes.
class Table {
 public:
  /// Reads a file; a name that ends in ".gz" says that it is compressed.
  ///
  /// @throws FileError if the file cannot be read, is empty, or if a row has another number of fields than the header.
  /// Complexity: O(bytes).
  explicit Table(const std::filesystem::path& path) : path_(path), content_(read_file(path)) {
    std::string_view rest(reinterpret_cast<const char*>(content_.data()), content_.size());
    if (rest.empty()) throw FileError(path, "is empty; expected a line of column names");
    names_ = split(next_line(rest));
    while (!rest.empty()) {
      const std::vector<std::string_view> fields = split(next_line(rest));
      if (fields.size() != names_.size()) {
        refuse(rows(), std::to_string(fields.size()) + " fields; expected " + std::to_string(names_.size()));
      }
      cells_.insert(cells_.end(), fields.begin(), fields.end());
    }
  }
  // The cells are views of the content, which a move leaves in its place.
  Table(Table&&) = default;
  Table& operator=(Table&&) = default;

  const std::filesystem::path& path() const { return path_; }
  std::size_t rows() const { return cells_.size() / names_.size(); }

  /// A column as text; the views are valid as long as the table. @throws FileError if there is no such column.
  std::vector<std::string_view> texts(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
      std::string names;
      for (const std::string_view other : names_) names.append(names.empty() ? "" : ", ").append(other);
      throw FileError(path_, "has no column \"" + std::string(name) + "\"; the columns are " + names);
    }
    std::vector<std::string_view> column;
    for (auto cell = static_cast<std::size_t>(found - names_.begin()); cell < cells_.size(); cell += names_.size()) {
      column.push_back(cells_[cell]);
    }
    return column;
  }

  /// A column as numbers. @throws FileError if there is no such column, or if a field is no finite number.
  std::vector<double> numbers(std::string_view name) const {
    std::vector<double> column;
    for (const std::string_view text : texts(name)) {
      double value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
        refuse(column.size(), std::string(name) + " is \"" + std::string(text) + "\"; expected a finite number");
      }
      column.push_back(value);
    }
    return column;
  }

  /// @throws FileError always: the place of a row, and what is wrong with it.
  [[noreturn]] void refuse(std::size_t row, const std::string& problem) const {
    throw FileError(path_, "line " + std::to_string(row + 2) + ": " + problem);
  }

 private:
  static std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
  }

  static std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
      const std::size_t comma = line.find(',');
      fields.push_back(line.substr(0, comma));
      if (comma == std::string_view::npos) return fields;
      line.remove_prefix(comma + 1);
    }
  }

  std::filesystem::path path_;
  std::vector<std::uint8_t> content_;
  std::vector<std::string_view> names_;
  std::vector<std::string_view> cells_;  // (rows, columns)
};

}  // namespace gptnas
