#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/fashion_mnist.hpp>
#include <gptnas/data/idx.hpp>

#include "../temporary_folder.hpp"

namespace fashion_mnist_test {

namespace fs = std::filesystem;
using gptnas_test::TemporaryFolder;
using Bytes = std::vector<std::uint8_t>;

Bytes idx(const std::vector<std::uint8_t>& dimensions, const Bytes& values) {
  Bytes bytes{0, 0, 8, static_cast<std::uint8_t>(dimensions.size())};
  for (const std::uint8_t dimension : dimensions) bytes.insert(bytes.end(), {0, 0, 0, dimension});
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

#define EXPECT_ERROR(call, text) \
  EXPECT_NE(folder.refusal([&] { call; }).find(text), std::string::npos) << folder.refusal([&] { call; })

TEST(Idx, ReadsDimensionsAndValues) {
  const TemporaryFolder folder;
  const auto array = gptnas::read_idx(folder.write("a", idx({2, 3}, {1, 2, 3, 4, 5, 6})), 2);
  EXPECT_EQ(array.dimensions, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(array.values, (Bytes{1, 2, 3, 4, 5, 6}));
}

TEST(Idx, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  const auto read = [&](const Bytes& bytes) { gptnas::read_idx(folder.write("a", bytes), 2); };
  EXPECT_ERROR(gptnas::read_idx(folder.path() / "none", 2), "none: is missing");
  EXPECT_ERROR(read({0, 0, 8}), "a: at byte 3: the file ends; expected a header of 12 bytes");
  EXPECT_ERROR(read({0, 0, 9, 2, 0, 0, 0, 0, 0, 0, 0, 0}), "at byte 0: the file begins with the bytes 0 0 9");
  EXPECT_ERROR(read(idx({1, 1, 1}, {5})), "at byte 3: the array has 3 dimensions; expected 2");
  EXPECT_ERROR(read(idx({2, 3}, {1, 2, 3, 4, 5})), "at byte 17: the file holds 5 values after its header");
  EXPECT_ERROR(read(idx({2, 3}, {1, 2, 3, 4, 5, 6, 7})), "at byte 18: the file holds 7 values after its header");
  EXPECT_ERROR(read({0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1}), "the file holds 1 values");
}

#if defined(GPTNAS_WITH_ZLIB)
TEST(Idx, ReadsCompressedFiles) {
  const TemporaryFolder folder;
  const Bytes bytes = idx({2, 3}, {1, 2, 3, 4, 5, 6});
  const fs::path path = folder.write_gzip("a.gz", std::string(bytes.begin(), bytes.end()));
  EXPECT_EQ(gptnas::read_idx(path, 2).values, (Bytes{1, 2, 3, 4, 5, 6}));

  fs::resize_file(path, fs::file_size(path) - 9);
  EXPECT_ERROR(gptnas::read_idx(path, 2), "the compressed data is damaged or cut off");
  folder.write("a.gz", bytes);
  EXPECT_ERROR(gptnas::read_idx(path, 2), "is not compressed; expected a gzip file");
}
#else
TEST(Idx, SaysThatZlibIsMissing) {
  const TemporaryFolder folder;
  EXPECT_ERROR(gptnas::read_idx(folder.write("a.gz", ""), 2), "built without zlib");
}
#endif

// The four files, two images in the training set and one in the test set.
void write_all(const TemporaryFolder& folder) {
  folder.write("train-images-idx3-ubyte", idx({2, 28, 28}, Bytes(2 * 784, 7)));
  folder.write("train-labels-idx1-ubyte", idx({2}, {9, 0}));
  folder.write("t10k-images-idx3-ubyte", idx({1, 28, 28}, Bytes(784, 8)));
  folder.write("t10k-labels-idx1-ubyte", idx({1}, {3}));
}

TEST(FashionMnist, ReadsAFolder) {
  const TemporaryFolder folder;
  write_all(folder);
  const auto data = gptnas::fashion_mnist(folder.path());
  EXPECT_EQ(data.task, (gptnas::TaskShape{1, 28, 28, 10}));
  EXPECT_EQ(data.training.labels, (Bytes{9, 0}));
  EXPECT_EQ(data.training.pixels, Bytes(2 * 784, 7));
  EXPECT_EQ(data.test.labels, (Bytes{3}));
  EXPECT_EQ(data.test.pixels.size(), 784u);
}

TEST(FashionMnist, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  const auto read = [&] { gptnas::fashion_mnist(folder.path()); };
  EXPECT_ERROR(gptnas::fashion_mnist(folder.path() / "none"),
               "none: is missing; expected a folder with the four files");
  EXPECT_ERROR(read(), "train-images-idx3-ubyte: is missing");
  write_all(folder);
  folder.write("train-images-idx3-ubyte", idx({2, 27, 28}, Bytes(2 * 27 * 28)));
  EXPECT_ERROR(read(), "train-images-idx3-ubyte: at byte 8: the images are 27x28; expected 28x28");
  folder.write("train-images-idx3-ubyte", idx({0, 28, 28}, {}));
  EXPECT_ERROR(read(), "there are no images");
  write_all(folder);
  folder.write("train-labels-idx1-ubyte", idx({3}, {1, 2, 3}));
  EXPECT_ERROR(read(), "train-labels-idx1-ubyte: at byte 4: there are 3 labels; expected 2, one an image");
  folder.write("train-labels-idx1-ubyte", idx({2}, {1, 10}));
  EXPECT_ERROR(read(), "train-labels-idx1-ubyte: at byte 9: the label is 10; expected below 10");
}

}  // namespace fashion_mnist_test
