// A vector with its storage inside: no heap, trivially copyable where its items are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>

namespace gptnas {

namespace detail {

// One function for all vectors: an exception is more code than what is around it.
[[noreturn, gnu::cold, gnu::noinline]] inline void refuse_item() {
  throw std::length_error("gptnas::InlineVector is full");
}

}  // namespace detail

/// Up to `Capacity` items in place.
///
/// Slots past the size hold `Item{}`, so that two vectors of equal content have equal bytes.
template <class Item, std::size_t Capacity>
class InlineVector {
 public:
  constexpr InlineVector() = default;
  /// @throws std::length_error if there are more items than `Capacity`.
  constexpr InlineVector(std::initializer_list<Item> items) {
    if (items.size() > Capacity) detail::refuse_item();
    for (const Item& item : items) items_[size_++] = item;
  }

  /// @throws std::length_error if the vector is full.
  constexpr void push_back(const Item& item) {
    if (size_ == Capacity) detail::refuse_item();
    items_[size_++] = item;
  }
  constexpr void clear() { *this = InlineVector(); }

  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr Item& operator[](std::size_t index) { return items_[index]; }
  constexpr const Item& operator[](std::size_t index) const { return items_[index]; }
  constexpr Item* data() { return items_.data(); }
  constexpr const Item* data() const { return items_.data(); }
  constexpr Item* begin() { return items_.data(); }
  constexpr Item* end() { return items_.data() + size_; }
  constexpr const Item* begin() const { return items_.data(); }
  constexpr const Item* end() const { return items_.data() + size_; }

 private:
  std::array<Item, Capacity> items_{};
  std::uint32_t size_ = 0;
};

}  // namespace gptnas
