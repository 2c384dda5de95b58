// A fixed number of equal parts.
#pragma once

#include <array>
#include <cstddef>

namespace gptnas {

/// Exactly `Count` items, each with genes of its own.
///
/// @tparam Item  a `Choice`, a reflected struct, a `Repeat` or a `Sequence`.
template <class Item, std::size_t Count>
struct Repeat {
  static_assert(Count >= 1, "gptnas::Repeat needs at least one item; see docs/concepts.md#genome");

  std::array<Item, Count> items{};

  static constexpr std::size_t size() { return Count; }
  constexpr Item& operator[](std::size_t index) { return items[index]; }
  constexpr const Item& operator[](std::size_t index) const { return items[index]; }
  constexpr Item* begin() { return items.data(); }
  constexpr Item* end() { return items.data() + Count; }
  constexpr const Item* begin() const { return items.data(); }
  constexpr const Item* end() const { return items.data() + Count; }
};

}  // namespace gptnas
