// A table's column while it is made.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gptnas/core/is_finite.hpp>

namespace gptnas {

namespace detail {

/// Whether a whole text is a finite number, as `std::from_chars` reads it or with a plus before it, and which.
inline bool parse_number(std::string_view text, double& number) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end && is_finite(number);
}

}  // namespace detail

/// A named column of texts, of numbers, or of texts that are all numbers as well. All columns of a table that hold
/// texts hold as many as it has rows, and so do those that hold numbers.
struct TableColumn {
  TableColumn() = default;
  explicit TableColumn(std::string its_name) : name(std::move(its_name)) {}

  std::string name;
  std::vector<double> numbers;           ///< finite
  std::string characters;                ///< of all texts, one after the other
  std::vector<std::uint64_t> starts{0};  ///< where each text starts in them, and where the last one ends

  void add(double number) { numbers.push_back(number); }
  void add(std::string_view text) {
    characters += text;
    starts.push_back(characters.size());
  }

  /// Makes numbers of the texts if all of them are finite numbers.
  void add_numbers_of_texts() {
    const std::string_view all = characters;
    double number = 0;
    for (std::size_t row = 0; row + 1 < starts.size(); ++row) {
      if (!detail::parse_number(all.substr(starts[row], starts[row + 1] - starts[row]), number)) {
        numbers.clear();
        return;
      }
      numbers.push_back(number);
    }
  }
};

}  // namespace gptnas
