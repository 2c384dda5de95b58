// What belongs to a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace gptnas {

/// A hash table of natural numbers, built at once (Fibonacci hashing and linear probing: Knuth, "The Art of Computer
/// Programming" 6.4). Key and value lie side by side, as in a large table it is the memory that takes the time.
template <class Value>
class KeyMap {
 public:
  /// A map without keys.
  KeyMap() : KeyMap({}, {}) {}

  /// @param keys    (N) all different, N < 2^31; none is 2^64 - 1.
  /// @param values  (N) one a key. Complexity: O(N), three slots for two keys.
  KeyMap(std::span<const std::uint64_t> keys, std::span<const Value> values)
      : slots_(keys.size() + keys.size() / 2 + 1) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      std::size_t at = home(keys[i]);
      while (slots_[at].key != empty) at = after(at);
      slots_[at] = {keys[i], values[i]};
    }
  }

  /// The value of a key, null if there is none. Complexity: O(1) on average.
  const Value* find(std::uint64_t key) const {
    for (std::size_t at = home(key); slots_[at].key != empty; at = after(at)) {
      if (slots_[at].key == key) return &slots_[at].value;
    }
    return nullptr;
  }

 private:
  static constexpr std::uint64_t empty = std::numeric_limits<std::uint64_t>::max();

  struct Slot {
    std::uint64_t key = empty;
    Value value{};
  };

  std::size_t home(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15 >> 32) * slots_.size() >> 32);
  }
  std::size_t after(std::size_t slot) const { return slot + 1 == slots_.size() ? 0 : slot + 1; }

  std::vector<Slot> slots_;
};

}  // namespace gptnas
