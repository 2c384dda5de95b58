// A genome in one line.
#pragma once

#include <string>
#include <string_view>

#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

namespace detail {

template <class Type>
void print_part(std::string& text, const Type& part) {
  if constexpr (is_choice<Type>) {
    text += part.name();
  } else if constexpr (is_container<Type>) {
    text += '[';
    std::string_view separator;
    for (const auto& item : part) {
      text += separator;
      print_part(text, item);
      separator = " ";
    }
    text += ']';
  } else if constexpr (has_container<Type>()) {
    text += '{';
    std::string_view separator;
    for_each_accessor<Type>([&](std::string_view name, auto accessor) {
      (text += separator) += name;
      text += '=';
      print_part(text, accessor(part));
      separator = " ";
    });
    text += '}';
  } else {
    std::string_view separator;
    for_each_accessor<Type>([&](std::string_view, auto accessor) {
      text += separator;
      print_part(text, accessor(part));
      separator = "-";
    });
  }
}

}  // namespace detail

/// A genome in one line: `{blocks=[conv-3-16 max_pool-3-16] width=32}`.
///
/// Structs of genes alone are written as their values, the others with the names of their members.
template <class Genome>
std::string print(const Genome& genome) {
  std::string text;
  detail::print_part(text, genome);
  return text;
}

}  // namespace gptnas
