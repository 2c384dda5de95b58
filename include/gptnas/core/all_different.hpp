// Whether values are told apart.
#pragma once

#include <array>
#include <cstddef>

namespace gptnas {

/// Whether no two of the values are equal. Complexity: O(count^2); for a few, at compile time.
template <class Value, std::size_t count>
constexpr bool all_different(const std::array<Value, count>& values) {
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (values[i] == values[j]) return false;
    }
  }
  return true;
}

}  // namespace gptnas
