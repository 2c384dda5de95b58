#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/data/augmentation.hpp>
#include <gptnas/data/image_dataset.hpp>

#include "../message_of.hpp"

namespace augmentation_test {

using gptnas::Augmentation;
using gptnas::ImageReader;
using gptnas::Normalization;
using gptnas::RandomStream;

TEST(Normalization, IsTheMeanAndDeviationOfEachChannel) {
  const std::vector<std::uint8_t> pixels{0, 7, 10, 7, 20, 7};  // two channels
  const auto normalization = Normalization::of(pixels, 2);
  EXPECT_DOUBLE_EQ(normalization.mean[0], 10);
  EXPECT_DOUBLE_EQ(normalization.deviation[0], std::sqrt(200.0 / 3));
  EXPECT_DOUBLE_EQ(normalization.mean[1], 7);
  EXPECT_DOUBLE_EQ(normalization.deviation[1], 1);
  EXPECT_THROW(Normalization::of({}, 1), std::invalid_argument);
}

// 3x4 pixels of two channels, all different and none black, read as they are.
const std::vector<std::uint8_t>& image() {
  static const std::vector<std::uint8_t> pixels = [] {
    std::vector<std::uint8_t> all(24);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i + 1);
    return all;
  }();
  return pixels;
}

const ImageReader& reader() {
  static const ImageReader as_it_is({2, 3, 4, 10}, Normalization{{0, 0}, {1, 1}});
  return as_it_is;
}

std::vector<float> moved(int down, int right, bool flip) {
  std::vector<float> values;
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 4; ++x) {
      const int row = y - down, column = (flip ? 3 - x : x) - right;
      const bool inside = row >= 0 && row < 3 && column >= 0 && column < 4;
      for (int c = 0; c < 2; ++c) {
        values.push_back(inside ? static_cast<float>(image()[static_cast<std::size_t>((row * 4 + column) * 2 + c)])
                                : 0);
      }
    }
  }
  return values;
}

std::set<std::vector<float>> draws(const Augmentation& augmentation) {
  std::set<std::vector<float>> seen;
  RandomStream random(1);
  std::vector<float> values(24);
  for (int i = 0; i < 1000; ++i) {
    reader().read(image().data(), values.data(), augmentation, random);
    seen.insert(values);
  }
  return seen;
}

TEST(Augmentation, KeepsAPartOfEachImage) {
  const auto refused = [](std::size_t padding, const gptnas::TaskShape& task) {
    return gptnas_test::message_of([&] { Augmentation{.crop_padding = padding}.check(task); });
  };
  EXPECT_EQ(refused(0, {1, 1, 1, 2}), "no exception");
  EXPECT_EQ(refused(27, {1, 28, 28, 2}), "no exception");
  EXPECT_EQ(refused(28, {1, 28, 28, 2}),
            "Augmentation::crop_padding is 28; expected below height and width of the images, 28 x 28");
  EXPECT_EQ(refused(3, {1, 3, 4, 2}),
            "Augmentation::crop_padding is 3; expected below height and width of the images, 3 x 4");
  EXPECT_EQ(refused(3, {1, 4, 3, 2}),
            "Augmentation::crop_padding is 3; expected below height and width of the images, 4 x 3");
  EXPECT_NE(refused(std::numeric_limits<std::size_t>::max(), {1, 28, 28, 2}), "no exception");
}

TEST(ImageReader, Normalises) {
  const ImageReader normalising({1, 1, 2, 10}, Normalization{{10}, {4}});
  const std::vector<std::uint8_t> pixels{10, 18};
  std::vector<float> values(2);
  normalising.read(pixels.data(), values.data());
  EXPECT_EQ(values, (std::vector<float>{0, 2}));
}

TEST(ImageReader, DrawsEveryMoveAndMirrorImage) {
  std::set<std::vector<float>> expected;
  for (int down = -1; down <= 1; ++down) {
    for (int right = -1; right <= 1; ++right) {
      for (const bool flip : {false, true}) expected.insert(moved(down, right, flip));
    }
  }
  EXPECT_EQ(draws({.crop_padding = 1, .flip = true}), expected);
}

TEST(ImageReader, LeavesOutWhatIsOff) {
  EXPECT_EQ(draws({.crop_padding = 0, .flip = false}), (std::set<std::vector<float>>{moved(0, 0, false)}));
  EXPECT_EQ(draws({.crop_padding = 0, .flip = true}),
            (std::set<std::vector<float>>{moved(0, 0, false), moved(0, 0, true)}));
}

}  // namespace augmentation_test
