// Evaluations one after the other.
#pragma once

#include <cstddef>

namespace gptnas {

/// Runs everything in the calling thread, in order.
struct InlineExecutor {
  template <class Work>
  void for_each(std::size_t count, Work&& work) const {
    for (std::size_t index = 0; index < count; ++index) work(index);
  }
};

}  // namespace gptnas
