// A gene: one categorical choice.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <gptnas/core/all_different.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/genome/value_name.hpp>

namespace gptnas {

/// A gene: one of the given values, kept as its index in one byte. A fresh gene holds the first value.
///
/// It converts to its value, so that `if (block.op == Op::conv)` and `int width = block.width` read as one expects.
///
/// An enumerator's name is the one in the source, unless `constexpr std::string_view name_of(Op)` gives another, such
/// as 3x3 or 1e-3: in the enumeration's namespace, or a friend in its class, before the first use.
///
/// @tparam First, Rest  1 to 255 distinct values of one type: an enumeration, an integer or bool.
template <auto First, auto... Rest>
class Choice {
 public:
  using Value = std::remove_cv_t<decltype(First)>;
  static constexpr std::size_t cardinality = 1 + sizeof...(Rest);

  static_assert((std::same_as<Value, std::remove_cv_t<decltype(Rest)>> && ...),
                "gptnas::Choice needs values of one type; see docs/concepts.md#genome");
  static_assert(std::is_enum_v<Value> || std::integral<Value>,
                "gptnas::Choice needs enumerators, integers or bools; see docs/concepts.md#genome");
  static_assert(cardinality <= 255, "gptnas::Choice holds at most 255 values; see docs/concepts.md#genome");

  static constexpr std::array<Value, cardinality> values{First, Rest...};
  static_assert(all_different(values), "gptnas::Choice needs distinct values; see docs/concepts.md#genome");

  /// Whether the values are three or more integers in ascending or descending order: a kernel may take neighbours for
  /// alike.
  static constexpr bool ordered = std::integral<Value> && cardinality > 2 &&
                                  (std::is_sorted(values.begin(), values.end()) ||
                                   std::is_sorted(values.rbegin(), values.rend()));

  constexpr Choice() = default;

  /// @throws std::invalid_argument if `value` is not among the values.
  constexpr Choice(Value value) {
    while (values[index_] != value) {
      if (++index_ == cardinality)
        throw invalid_value("Choice", static_cast<long long>(value), joined({"one of ", domain()}));
    }
  }

  /// The gene that holds the value with this index. @throws std::invalid_argument if index >= cardinality.
  static constexpr Choice at(std::size_t index) {
    if (index >= cardinality) throw invalid_value("Choice::at: index", index, joined({"below ", cardinality}));
    Choice choice;
    choice.index_ = static_cast<std::uint8_t>(index);
    return choice;
  }

  constexpr std::size_t index() const { return index_; }
  constexpr Value value() const { return values[index_]; }
  constexpr operator Value() const { return value(); }

  /// The value as text: an enumerator's name, an integer's digits, "true" or "false".
  std::string name() const { return detail::value_name<First, Rest...>(index_); }
  static std::array<std::string, cardinality> names() {
    std::array<std::string, cardinality> names;
    for (std::size_t index = 0; index < cardinality; ++index) names[index] = detail::value_name<First, Rest...>(index);
    return names;
  }
  /// All values as text, separated by commas.
  static std::string domain() {
    std::string text;
    for (std::size_t index = 0; index < cardinality; ++index) {
      text.append(index == 0 ? "" : ", ").append(detail::value_name<First, Rest...>(index));
    }
    return text;
  }

 private:
  std::uint8_t index_ = 0;
};

}  // namespace gptnas
