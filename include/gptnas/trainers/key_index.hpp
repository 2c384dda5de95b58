// Where in a table a key is.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gptnas {

/// A hash table of different natural numbers (Fibonacci hashing: Knuth, "The Art of Computer Programming" 6.4), built
/// at once.
class KeyIndex {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// An index without keys.
  KeyIndex() : KeyIndex(std::span<const std::uint64_t>()) {}

  /// @param keys  (N) all different, N < 2^32. Complexity: O(N), about one bucket a key.
  explicit KeyIndex(std::span<const std::uint64_t> keys)
      : shift_(64 - std::max(1, static_cast<int>(std::bit_width(keys.size())))),
        begins_((std::size_t{1} << (64 - shift_)) + 1, 0),
        entries_(keys.size()) {
    for (const std::uint64_t key : keys) ++begins_[bucket(key)];
    // The ends; each moves to its begin below.
    for (std::size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    for (std::size_t place = 0; place < keys.size(); ++place)
      entries_[--begins_[bucket(keys[place])]] = {keys[place], place};
  }

  /// The place of a key among the keys, `none` if it is not among them. Complexity: O(1).
  std::size_t find(std::uint64_t key) const {
    const std::size_t of_key = bucket(key);
    for (std::size_t at = begins_[of_key]; at < begins_[of_key + 1]; ++at) {
      if (entries_[at].key == key) return entries_[at].place;
    }
    return none;
  }

 private:
  struct Entry {
    std::uint64_t key;
    std::size_t place;
  };

  std::size_t bucket(std::uint64_t key) const { return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15 >> shift_); }

  int shift_;
  std::vector<std::uint32_t> begins_;  // of each bucket in the entries, and the end
  std::vector<Entry> entries_;         // by bucket
};

}  // namespace gptnas
