// What a network must fit: the shape of the data and the number of classes.
#pragma once

#include <cstddef>

namespace gptnas {

/// The shape of a classification task: images of `channels` planes, `height` x `width`, that belong to `classes`
/// classes.
struct TaskShape {
  std::size_t channels = 0, height = 0, width = 0;
  std::size_t classes = 0;

  friend bool operator==(const TaskShape&, const TaskShape&) = default;
};

}  // namespace gptnas
