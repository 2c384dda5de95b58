// Names of the values that a gene chooses from: enumerators as written in the source, numbers as digits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

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

template <auto Value>
std::string value_name() {
  if constexpr (std::is_enum_v<decltype(Value)>) {
    return std::string(enumerator_name<Value>());
  } else if constexpr (std::is_same_v<decltype(Value), bool>) {
    return Value ? "true" : "false";
  } else {
    return std::to_string(Value);
  }
}

}  // namespace gptnas::detail
