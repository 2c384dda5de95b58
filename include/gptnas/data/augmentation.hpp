// Images as a network reads them: normalised, and in training moved and mirrored at random.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/data/image_dataset.hpp>

namespace gptnas {

/// What happens at random to an image before training reads it. It is for long trainings: in one of ten epochs
/// or fewer it costs accuracy.
struct Augmentation {
  /// Moves it by up to so many pixels in each direction; black comes in; below height and width, 0: none.
  std::size_t crop_padding = 0;
  bool flip = false;  ///< mirrors every other image, left to right

  /// @throws std::invalid_argument if images of a task could be moved out of sight.
  void check(const TaskShape& task) const {
    if (crop_padding >= task.height || crop_padding >= task.width) {
      throw invalid_value("Augmentation::crop_padding", crop_padding,
                          joined({"below height and width of the images, ", task.height, " x ", task.width}));
    }
  }
};

/// Makes a network's input (H,W,C) out of an image's bytes.
class ImageReader {
 public:
  ImageReader(const TaskShape& task, const Normalization& normalization)
      : task_(task), values_(task.channels) {
    for (std::size_t c = 0; c < task.channels; ++c) {
      for (std::size_t byte = 0; byte < 256; ++byte) {
        values_[c][byte] =
            static_cast<float>((static_cast<double>(byte) - normalization.mean[c]) / normalization.deviation[c]);
      }
    }
  }

  const TaskShape& task() const { return task_; }

  /// Values in an image.
  std::size_t size() const { return task_.channels * task_.height * task_.width; }

  /// Writes the image as it is.
  void read(const std::uint8_t* pixels, float* values) const { read(pixels, values, 0, 0, false); }

  /// Writes the image, moved and mirrored, by an augmentation that passes its `check`.
  void read(const std::uint8_t* pixels, float* values, const Augmentation& augmentation, RandomStream& random) const {
    const auto padding = static_cast<std::ptrdiff_t>(augmentation.crop_padding);
    const auto draw = [&] {
      return static_cast<std::ptrdiff_t>(random.below(static_cast<std::uint32_t>(2 * padding + 1))) - padding;
    };
    const std::ptrdiff_t down = padding > 0 ? draw() : 0;
    const std::ptrdiff_t right = padding > 0 ? draw() : 0;
    read(pixels, values, down, right, augmentation.flip && random.below(2) == 1);
  }

 private:
  void read(const std::uint8_t* pixels, float* values, std::ptrdiff_t down, std::ptrdiff_t right, bool flip) const {
    const auto height = static_cast<std::ptrdiff_t>(task_.height), width = static_cast<std::ptrdiff_t>(task_.width);
    const auto channels = static_cast<std::ptrdiff_t>(task_.channels);
    for (std::ptrdiff_t y = 0; y < height; ++y) {
      for (std::ptrdiff_t x = 0; x < width; ++x) {
        const std::ptrdiff_t from_y = y - down, from_x = (flip ? width - 1 - x : x) - right;
        const bool inside = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
        for (std::ptrdiff_t c = 0; c < channels; ++c) {
          const std::uint8_t byte = inside ? pixels[(from_y * width + from_x) * channels + c] : std::uint8_t{0};
          *values++ = values_[static_cast<std::size_t>(c)][byte];
        }
      }
    }
  }

  TaskShape task_;
  std::vector<std::array<float, 256>> values_;  // of each byte, by channel
};

}  // namespace gptnas
