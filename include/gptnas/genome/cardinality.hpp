// How many genomes there are.
#pragma once

#include <cstddef>
#include <string_view>

#include <gptnas/core/natural.hpp>
#include <gptnas/genome/reflection.hpp>

namespace gptnas {

namespace detail {

template <class Number, class Type>
constexpr Number count_genomes() {
  if constexpr (is_choice<Type>) {
    return Type::cardinality;
  } else if constexpr (is_repeat<Type>) {
    const Number items = count_genomes<Number, ItemOf<Type>>();
    Number count = 1;
    for (std::size_t index = 0; index < Type::size(); ++index) count = count * items;
    return count;
  } else if constexpr (is_sequence<Type>) {
    const Number items = count_genomes<Number, ItemOf<Type>>();
    Number power = 1;
    Number count = Type::min_size == 0 ? 1 : 0;
    for (std::size_t size = 1; size <= Type::max_size; ++size) {
      power = power * items;
      if (size >= Type::min_size) count += power;
    }
    return count;
  } else {
    Number count = 1;
    for_each_accessor<Type>([&](std::string_view, auto accessor) {
      count = count * count_genomes<Number, MemberOf<Type, decltype(accessor)>>();
    });
    return count;
  }
}

}  // namespace detail

/// The exact number of genomes of a type. A byte of the genome counts for at most 8 bits.
template <class Genome>
inline constexpr Natural<8 * sizeof(Genome) + 1> cardinality =
    detail::count_genomes<Natural<8 * sizeof(Genome) + 1>, Genome>();

}  // namespace gptnas
