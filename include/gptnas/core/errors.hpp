// Errors that speak the user's language: what, its value, what is expected.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace gptnas {

namespace detail {

inline std::string error_text(std::string_view value) { return std::string("\"").append(value).append("\""); }

template <class Number>
  requires std::is_arithmetic_v<Number>
std::string error_text(Number value) {
  return std::to_string(value);
}

}  // namespace detail

/// The exception for an argument outside its domain: "<name> is <value>; expected <domain>".
///
/// @param value   a number or a string.
/// @param domain  what would have been right, as words: "at least 1".
template <class Value>
std::invalid_argument invalid_value(std::string_view name, const Value& value, std::string_view domain) {
  return std::invalid_argument(std::string(name) + " is " + detail::error_text(value) + "; expected " +
                               std::string(domain));
}

/// A file that cannot be read or written, or is not what it should be; the message names path, place and expectation.
class FileError : public std::runtime_error {
 public:
  /// @param problem  what was found and what was expected.
  FileError(const std::string& path, std::string_view problem)
      : std::runtime_error(std::string(path).append(": ").append(problem)) {}

  /// @param offset  where in the file, in bytes from its start.
  FileError(const std::string& path, std::uint64_t offset, std::string_view problem)
      : FileError(path, std::string("at byte ").append(std::to_string(offset)).append(": ").append(problem)) {}
};

}  // namespace gptnas
