// What a search optimises.
#pragma once

#include <string_view>

namespace gptnas {

enum class Direction : bool { minimize, maximize };

/// A quantity that a trainer measures and a search optimises: a name and a direction.
struct Objective {
  std::string_view name;
  Direction direction = Direction::maximize;

  /// The value as fitness: larger is better.
  constexpr double fitness(double value) const { return direction == Direction::maximize ? value : -value; }
};

}  // namespace gptnas
