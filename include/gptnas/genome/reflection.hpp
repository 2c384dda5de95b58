// What a genome type is made of, seen through Boost.Hana.
#pragma once

#include <boost/hana/accessors.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/define_struct.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/unpack.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gptnas/genome/cell.hpp>
#include <gptnas/genome/choice.hpp>
#include <gptnas/genome/repeat.hpp>
#include <gptnas/genome/sequence.hpp>

namespace gptnas::detail {

template <class>
inline constexpr bool is_choice = false;
template <auto... Values>
inline constexpr bool is_choice<Choice<Values...>> = true;

template <class>
inline constexpr bool is_repeat = false;
template <class Item, std::size_t Count>
inline constexpr bool is_repeat<Repeat<Item, Count>> = true;

template <class>
inline constexpr bool is_sequence = false;
template <class Item, std::size_t Min, std::size_t Max>
inline constexpr bool is_sequence<Sequence<Item, Min, Max>> = true;

template <class>
inline constexpr bool is_cell = false;
template <std::size_t Vertices, std::size_t MaxEdges, auto... Operations>
inline constexpr bool is_cell<Cell<Vertices, MaxEdges, Operations...>> = true;

template <class Type>
inline constexpr bool is_container = is_repeat<Type> || is_sequence<Type>;

template <class Container>
using ItemOf = std::remove_cvref_t<decltype(std::declval<const Container&>()[0])>;

// A struct with BOOST_HANA_DEFINE_STRUCT.
template <class Type>
inline constexpr bool is_struct = boost::hana::Struct<Type>::value;

// Calls visit(name, accessor) for each member in order; accessor(object) is a reference to the member.
template <class Type, class Visit>
constexpr void for_each_accessor(Visit&& visit) {
  boost::hana::unpack(boost::hana::accessors<Type>(), [&](auto... members) {
    (visit(std::string_view(boost::hana::first(members).c_str()), boost::hana::second(members)), ...);
  });
}

template <class Type, class Accessor>
using MemberOf = std::remove_cvref_t<decltype(std::declval<Accessor>()(std::declval<Type&>()))>;

// Sums value.template operator()<Member>() over the members of a struct.
template <class Type, class Value>
constexpr std::size_t sum_over_members(Value value) {
  std::size_t sum = 0;
  for_each_accessor<Type>(
      [&](std::string_view, auto accessor) { sum += value.template operator()<MemberOf<Type, decltype(accessor)>>(); });
  return sum;
}

template <class Type>
constexpr bool has_cell() {
  if constexpr (is_cell<Type>) {
    return true;
  } else if constexpr (is_choice<Type>) {
    return false;
  } else if constexpr (is_container<Type>) {
    return has_cell<ItemOf<Type>>();
  } else if constexpr (is_struct<Type>) {
    return sum_over_members<Type>([]<class Member>() { return std::size_t{has_cell<Member>()}; }) > 0;
  } else {
    return false;  // no part: check_part says so
  }
}

// Every part of a genome is one of five kinds, one byte a gene and one a sequence's length, without padding.
template <class Type>
constexpr void check_part() {
  static_assert(is_choice<Type> || is_container<Type> || is_cell<Type> || is_struct<Type>,
                "gptnas: a genome is made of Choice, Repeat (for an array), Sequence (of 0 to 1 for an optional), Cell "
                "and structs with BOOST_HANA_DEFINE_STRUCT; see docs/concepts.md#genome");
  static_assert(std::is_trivially_copyable_v<Type>,
                "gptnas: a genome must be trivially copyable; see docs/concepts.md#genome");
  if constexpr (is_container<Type>) {
    static_assert(!has_cell<ItemOf<Type>>(),
                  "gptnas: a Cell is no item of a Repeat or Sequence; see docs/concepts.md#genome");
  }
  if constexpr (is_struct<Type>) {
    constexpr std::size_t members = sum_over_members<Type>([]<class Member>() {
      check_part<Member>();
      return sizeof(Member);
    });
    static_assert(sizeof(Type) == members,
                  "gptnas: a struct of a genome has reflected members only; see docs/concepts.md#genome");
  }
}

}  // namespace gptnas::detail
