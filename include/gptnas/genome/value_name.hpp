// Names of the values that a gene chooses from: enumerators as in the source or as their `name_of` says, numbers as
// digits.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <gptnas/core/all_different.hpp>

namespace gptnas::detail {

// The compiler's own spelling of Value, such as "... [with auto Value = Op::conv; ...]".
template <auto Value>
constexpr std::string_view spelled() {
  return __PRETTY_FUNCTION__;
}

template <auto Value>
constexpr std::string_view enumerator_name() {
  constexpr std::string_view marker = "Value = ";
  std::string_view text = spelled<Value>();
  text.remove_prefix(text.find(marker) + marker.size());
  text = text.substr(0, text.find_first_of(";]"));
  const std::size_t scope = text.rfind(':');
  if (scope != std::string_view::npos) text.remove_prefix(scope + 1);
  return text;
}

// An enumeration with names of the user's, for what is no identifier: a function beside it, found by its argument.
template <class Value>
concept HasNames = requires(Value value) { name_of(value); };

template <auto Value>
constexpr std::string_view enumerator() {
  if constexpr (HasNames<decltype(Value)>) {
    static_assert(
        std::same_as<decltype(name_of(Value)), std::string_view>,
        "gptnas: name_of must be constexpr std::string_view name_of(Enumeration); see docs/concepts.md#genome");
    return name_of(Value);
  } else {
    return enumerator_name<Value>();
  }
}

// The name of the value with this index.
template <auto... Values>
std::string value_name(std::size_t index) {
  using Value = std::common_type_t<decltype(Values)...>;
  if constexpr (std::is_enum_v<Value>) {
    static constexpr std::array<std::string_view, sizeof...(Values)> names{enumerator<Values>()...};
    static_assert(!HasNames<Value> || all_different(names),
                  "gptnas: name_of must give each enumerator of a Choice another name; see docs/concepts.md#genome");
    return std::string(names[index]);
  } else {
    static constexpr std::array<Value, sizeof...(Values)> values{Values...};
    if constexpr (std::is_same_v<Value, bool>) {
      return values[index] ? "true" : "false";
    } else {
      return std::to_string(values[index]);
    }
  }
}

}  // namespace gptnas::detail
