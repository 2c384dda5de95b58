// Whether values are told apart.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace gptnas {

/// Whether no two of the values are equal. Complexity: O(count log count), for hundreds also at compile time.
template <class Value, std::size_t count>
constexpr bool all_different(std::array<Value, count> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) == values.end();
}

}  // namespace gptnas
