// Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017): 70,000 grey images of clothes, 28x28, in ten classes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/idx.hpp>
#include <gptnas/data/image_dataset.hpp>

namespace gptnas {

namespace detail {

/// The file, or where there is none, the compressed one.
inline std::filesystem::path plain_or_compressed(const std::filesystem::path& path) {
  std::filesystem::path compressed = path;
  compressed += ".gz";
  return std::filesystem::exists(path) || !std::filesystem::exists(compressed) ? path : compressed;
}

inline LabelledImages read_labelled_images(const std::filesystem::path& folder, const std::string& name,
                                           const TaskShape& task) {
  const auto images_path = plain_or_compressed(folder / joined({name, "-images-idx3-ubyte"}));
  const auto labels_path = plain_or_compressed(folder / joined({name, "-labels-idx1-ubyte"}));
  IdxArray images = read_idx(images_path, 3);
  IdxArray labels = read_idx(labels_path, 1);
  if (images.dimensions[1] != task.height || images.dimensions[2] != task.width) {
    throw FileError(images_path, 8,
                    joined({"the images are ", images.dimensions[1], "x", images.dimensions[2], "; expected ",
                            task.height, "x", task.width}));
  }
  if (images.dimensions[0] == 0) throw FileError(images_path, 4, "there are no images; expected at least 1");
  if (labels.dimensions[0] != images.dimensions[0]) {
    throw FileError(
        labels_path, 4,
        joined({"there are ", labels.dimensions[0], " labels; expected ", images.dimensions[0], ", one an image"}));
  }
  const auto wrong = std::find_if(labels.values.begin(), labels.values.end(),
                                  [&](std::uint8_t label) { return label >= task.classes; });
  if (wrong != labels.values.end()) {
    throw FileError(labels_path, 8 + static_cast<std::uint64_t>(wrong - labels.values.begin()),
                    joined({"the label is ", *wrong, "; expected below ", task.classes}));
  }
  return {std::move(images.values), std::move(labels.values)};
}

}  // namespace detail

/// Reads {train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte, each plain or with ".gz", from a folder.
///
/// @throws FileError if the folder or a file is missing, damaged or of other content, or if images and labels are not
///         equally many.
inline ImageDataset fashion_mnist(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    throw FileError(folder, "is missing; expected a folder with the four files of Fashion-MNIST");
  }
  const TaskShape task{1, 28, 28, 10};
  return {task, detail::read_labelled_images(folder, "train", task),
          detail::read_labelled_images(folder, "t10k", task)};
}

}  // namespace gptnas
