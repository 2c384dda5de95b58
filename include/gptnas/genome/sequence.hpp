// A variable number of equal parts.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>

namespace gptnas {

/// `Min` to `Max` items in place, without heap; a fresh sequence holds `Min` items. Unused slots are zero.
///
/// @tparam Item  a `Choice`, a reflected struct, a `Repeat` or a `Sequence`.
/// @tparam Min   may be 0: the sequence may be empty.
/// @tparam Max   1 to 255, at least `Min`.
template <class Item, std::size_t Min, std::size_t Max>
class Sequence {
  static_assert(Max >= 1 && Max <= 255, "gptnas::Sequence holds 1 to 255 items; see docs/concepts.md#genome");
  static_assert(Min <= Max, "gptnas::Sequence needs Min <= Max; see docs/concepts.md#genome");

 public:
  static constexpr std::size_t min_size = Min;
  static constexpr std::size_t max_size = Max;

  constexpr Sequence() {
    for (std::size_t index = 0; index < Min; ++index) items_[index] = Item{};
  }

  /// @throws std::invalid_argument if there are fewer than `Min` or more than `Max` items.
  constexpr Sequence(std::initializer_list<Item> items) : size_(checked(items.size())) {
    std::size_t index = 0;
    for (const Item& item : items) items_[index++] = item;
  }

  /// New items at the end are fresh ones. @throws std::invalid_argument if `size` is not in [Min, Max].
  constexpr void resize(std::size_t size) {
    const std::uint8_t new_size = checked(size);
    for (std::size_t index = 0; index < Max; ++index) {  // a loop whose bounds GCC can check
      if (index >= new_size) {
        items_[index] = unused;
      } else if (index >= size_) {
        items_[index] = Item{};
      }
    }
    size_ = new_size;
  }
  /// @throws std::invalid_argument if the sequence is full.
  constexpr void push_back(const Item& item) {
    resize(size() + 1);
    items_[size() - 1] = item;
  }

  constexpr std::size_t size() const { return size_; }
  constexpr Item& operator[](std::size_t index) { return items_[index]; }
  constexpr const Item& operator[](std::size_t index) const { return items_[index]; }
  constexpr Item* begin() { return items_.data(); }
  constexpr Item* end() { return items_.data() + size_; }
  constexpr const Item* begin() const { return items_.data(); }
  constexpr const Item* end() const { return items_.data() + size_; }

 private:
  static constexpr std::uint8_t checked(std::size_t size) {
    if (size < Min || size > Max) {
      throw invalid_value("Sequence: size", size, joined({Min, " to ", Max}));
    }
    return static_cast<std::uint8_t>(size);
  }

  // All bytes zero, which a fresh item need not be: a sequence in it may hold a least number of items.
  static constexpr Item unused = std::bit_cast<Item>(std::array<std::uint8_t, sizeof(Item)>{});

  std::uint8_t size_ = Min;
  std::array<Item, Max> items_ = std::bit_cast<std::array<Item, Max>>(std::array<std::uint8_t, Max * sizeof(Item)>{});
};

}  // namespace gptnas
