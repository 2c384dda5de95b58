// Errors that speak the user's language: what, its value, what is expected.
#pragma once

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gptnas/core/joined.hpp>

namespace gptnas {

namespace detail {

inline std::string error_text(std::string_view value) { return joined({"\"", value, "\""}); }
template <class Number>
requires std::integral<Number> || std::floating_point<Number>
std::string error_text(Number value) {
  return joined({value});
}

[[gnu::cold, gnu::noinline]] inline std::invalid_argument invalid_text(std::string_view name, std::string_view value,
                                                                       std::string_view domain) {
  return std::invalid_argument(joined({name, " is ", value, "; expected ", domain}));
}

}  // namespace detail

/// The exception for an argument outside its domain: "<name> is <value>; expected <domain>".
///
/// @param value   a number or a string.
/// @param domain  what would have been right, as words: "at least 1".
template <class Value>
[[gnu::cold]] std::invalid_argument invalid_value(std::string_view name, const Value& value, std::string_view domain) {
  return detail::invalid_text(name, detail::error_text(value), domain);
}

/// A file that cannot be read or written, or is not what it should be; the message names path, place and expectation.
class FileError : public std::runtime_error {
 public:
  /// @param problem  what was found and what was expected.
  [[gnu::cold]] FileError(const std::string& path, std::string_view problem)
      : std::runtime_error(joined({path, ": ", problem})) {}

  /// @param offset  where in the file, in bytes from its start.
  [[gnu::cold]] FileError(const std::string& path, std::uint64_t offset, std::string_view problem)
      : FileError(path, joined({"at byte ", offset, ": ", problem})) {}
};

}  // namespace gptnas
