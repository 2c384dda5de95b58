// Images with labels.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/task_shape.hpp>

namespace gptnas {

/// Images of one shape and the class of each.
struct LabelledImages {
  std::vector<std::uint8_t> pixels;  ///< (N,H,W,C)
  std::vector<std::uint8_t> labels;  ///< (N)

  std::size_t size() const { return labels.size(); }

  /// @throws std::invalid_argument if there are not as many pixels as the images of a task have, or if a label is none
  ///   of its classes. Complexity: O(N).
  void check(const TaskShape& task) const {
    const std::size_t expected = size() * task.height * task.width * task.channels;
    if (pixels.size() != expected) {
      throw invalid_value("LabelledImages: number of pixels", pixels.size(),
                          joined({expected, ", of ", size(), " images"}));
    }
    for (const std::uint8_t label : labels) {
      if (label >= task.classes) throw invalid_value("LabelledImages: label", label, joined({"below ", task.classes}));
    }
  }
};

/// A classification task: images to learn from, and images that show what was learned, touched once.
struct ImageDataset {
  TaskShape task;
  LabelledImages training, test;
};

/// What makes values of mean 0 and deviation 1 out of pixels, by channel.
struct Normalization {
  std::vector<double> mean, deviation;  ///< (C)

  /// Over all pixels of some images. A channel of equal pixels gets deviation 1.
  ///
  /// @param pixels  (N,H,W,C), N >= 1. @param channels  C
  static Normalization of(std::span<const std::uint8_t> pixels, std::size_t channels) {
    if (pixels.empty()) throw invalid_value("Normalization::of: number of pixels", pixels.size(), "at least 1");
    Normalization result{std::vector<double>(channels), std::vector<double>(channels)};
    const double count = static_cast<double>(pixels.size() / channels);
    for (std::size_t c = 0; c < channels; ++c) {
      std::uint64_t sum = 0, squares = 0;
      for (std::size_t i = c; i < pixels.size(); i += channels) {
        sum += pixels[i];
        squares += std::uint64_t{pixels[i]} * pixels[i];
      }
      result.mean[c] = static_cast<double>(sum) / count;
      const double variance = static_cast<double>(squares) / count - result.mean[c] * result.mean[c];
      result.deviation[c] = variance > 0 ? std::sqrt(variance) : 1;
    }
    return result;
  }
};

}  // namespace gptnas
