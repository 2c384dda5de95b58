// What the genes of a genome are called, for files that name them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/joined.hpp>
#include <gptnas/genome/layout.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

/// A gene or the length of a `Sequence`, by its name.
struct GenomeMember {
  std::string path;                 ///< as behind the genome in C++: `blocks[0].kernel`, of a length `blocks.size`
  std::vector<std::string> values;  ///< of a gene, as `print` writes them; of a length none
};

namespace detail {

inline std::string member_path(const std::string& prefix, std::string_view name) {
  return joined({prefix, prefix.empty() ? "" : ".", name});
}

inline std::string item_path(const std::string& prefix, std::size_t index) { return joined({prefix, "[", index, "]"}); }

template <class Gene>
std::vector<std::string> value_names() {
  const auto names = Gene::names();
  return {names.begin(), names.end()};
}

// In the order of the layout's instructions.
template <class Type>
void add_members(std::vector<GenomeMember>& all, const std::string& path) {
  if constexpr (is_choice<Type>) {
    all.push_back({path.empty() ? "value" : path, value_names<Type>()});
  } else if constexpr (is_cell<Type>) {
    const std::string operation = member_path(path, "operation"), edge = member_path(path, "edge");
    for (std::size_t to = 1; to < Type::vertices; ++to) {
      if (to <= Type::inner_vertices) {
        all.push_back({item_path(operation, to), value_names<typename Type::Operation>()});
      }
      for (std::size_t from = 0; from < to; ++from) {
        all.push_back({item_path(item_path(edge, from), to), value_names<Choice<false, true>>()});
      }
    }
  } else if constexpr (is_repeat<Type>) {
    for (std::size_t index = 0; index < Type::size(); ++index) add_members<ItemOf<Type>>(all, item_path(path, index));
  } else if constexpr (is_sequence<Type>) {
    for (std::size_t index = 0; index < Type::max_size; ++index) {
      all.push_back({member_path(path, "size"), {}});
      add_members<ItemOf<Type>>(all, item_path(path, index));
    }
    all.push_back({member_path(path, "size"), {}});
  } else {
    for_each_accessor<Type>([&](std::string_view name, auto accessor) {
      add_members<MemberOf<Type, decltype(accessor)>>(all, member_path(path, name));
    });
  }
}

}  // namespace detail

/// What each instruction of `layout<Genome>` reads, in their order.
///
/// A path is what one writes behind the genome to get there: `stem`, `blocks[0].kernel`, `stages[1].blocks[0].op`; of a
/// genome that is no struct, `[0].kernel`, and `value` if it is one gene. A sequence's length is its `size`. The
/// vertices and edges of a cell are `cell.operation[1]`, ..., and `cell.edge[0][1]` from 0 to 1, which is false or
/// true. Complexity: O(instructions).
template <class Genome>
std::vector<GenomeMember> genome_members() {
  std::vector<GenomeMember> all;
  all.reserve(Layout<Genome>::steps);
  detail::add_members<Genome>(all, "");
  return all;
}

}  // namespace gptnas
