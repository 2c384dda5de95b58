// A genome in one line.
#pragma once

#include <cstddef>
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
  } else if constexpr (is_cell<Type>) {
    text += '(';
    for (std::size_t vertex = 1; vertex <= Type::inner_vertices; ++vertex) text += part.operation(vertex).name() + ' ';
    std::string_view separator;
    for (std::size_t to = 1; to < Type::vertices; ++to) {
      for (std::size_t from = 0; from < to; ++from) {
        if (!part.edge(from, to)) continue;
        (text += separator) += std::to_string(from);
        (text += '>') += std::to_string(to);
        separator = " ";
      }
    }
    text += ')';
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
/// Structs of genes alone are written as their values, the others with the names of their members; a cell as the
/// operations of its inner vertices and its edges: `(conv3x3 maxpool3x3 0>1 1>2 2>3)`.
template <class Genome>
std::string print(const Genome& genome) {
  std::string text;
  detail::print_part(text, genome);
  return text;
}

}  // namespace gptnas
