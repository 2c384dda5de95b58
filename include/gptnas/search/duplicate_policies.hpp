// What a repeated genome gets.
#pragma once

#include <cstddef>

#include <gptnas/concepts/duplicate_policy.hpp>

namespace gptnas {

/// A repeated genome gets the outcome known from its first time, at no cost.
struct TellAgain {
  static constexpr bool remembers = true;
  constexpr DuplicateAction action(std::size_t) const { return DuplicateAction::tell_again; }
};

/// A repeated genome is replaced by another offspring; after the attempts, it gets the known outcome.
struct Redraw {
  std::size_t attempts = 10;  ///< most redraws an individual; 0 is `TellAgain`

  static constexpr bool remembers = true;
  constexpr DuplicateAction action(std::size_t attempt) const {
    return attempt < attempts ? DuplicateAction::redraw : DuplicateAction::tell_again;
  }
};

/// A repeated genome is evaluated like a new one; the search keeps no memory.
struct Ignore {
  static constexpr bool remembers = false;
  constexpr DuplicateAction action(std::size_t) const { return DuplicateAction::evaluate; }
};

}  // namespace gptnas
