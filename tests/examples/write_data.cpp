// write_data FOLDER: data of the examples' form, so that a search takes seconds: the four files of Fashion-MNIST with random
// images, whose label is where they are bright, and a table of NAS-Bench-201 in which accuracy on CIFAR-10 grows with the
// digits, and on CIFAR-100 is the same for all cells; and tables for tabular_search: with a column for each gene, with
// digits, and with few of the rows.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/write_file.hpp>

namespace {

std::string header(std::uint8_t dimensions, std::size_t count) {
  const std::string number{0, 0, static_cast<char>(count >> 8), static_cast<char>(count & 255)};
  return std::string{0, 0, 8, static_cast<char>(dimensions)} + number;
}

void write_images(const std::filesystem::path& folder, const std::string& name, std::size_t count, std::uint64_t seed) {
  constexpr std::size_t side = 28;
  gptnas::RandomStream random(seed);
  std::string images = header(3, count) + std::string{0, 0, 0, side, 0, 0, 0, side}, labels = header(1, count);
  for (std::size_t image = 0; image < count; ++image) {
    const std::uint32_t label = random.below(10);
    labels += static_cast<char>(label);
    for (std::size_t pixel = 0; pixel < side * side; ++pixel) {
      const bool bright = pixel / side / 3 == label;
      images += static_cast<char>(random.below(100) + (bright ? 100 : 0));
    }
  }
  gptnas::write_file((folder / (name + "-images-idx3-ubyte")).string(), images);
  gptnas::write_file((folder / (name + "-labels-idx1-ubyte")).string(), labels);
}

void write_table(const std::filesystem::path& path) {
  std::string text =
      "ops,c10_valid_12,c10_test_12,c100_valid_12,c100_test_12,c10_valid_200,c10_test_200,c100_valid_200,c100_test_"
      "200\n";
  for (std::size_t cell = 0; cell < 15625; ++cell) {
    std::size_t sum = 0;
    std::string digits;
    for (std::size_t rest = cell; digits.size() < 6; rest /= 5) {
      sum += rest % 5;
      digits += static_cast<char>('0' + rest % 5);
    }
    text += digits;
    text.append(",")
        .append(std::to_string(sum + 30))
        .append(",31,32,33,")
        .append(std::to_string(sum + 60))
        .append(",")
        .append(std::to_string(sum + 61))
        .append(",64,65\n");
  }
  gptnas::write_file(path.string(), text);
}

// All genomes of tabular_search. Accuracy and time both grow with the number of blocks and with what they hold; so the
// best one is known: stem 32, three max_pools of kernel 5, residual, or the least of everything where time counts.
void write_own_tables(const std::filesystem::path& folder) {
  const char* const operations[] = {"conv", "depthwise", "max_pool"};
  std::string members =
      "residual,accuracy,milliseconds,stem,blocks[0].op,blocks[0].kernel,blocks[1].op,blocks[1].kernel,blocks[2].op,"
      "blocks[2].kernel\n";
  std::string digits = "arch,accuracy,milliseconds\n", sparse = members;
  std::size_t row = 0;
  for (std::size_t length = 1, items = 6; length <= 3; ++length, items *= 6) {
    for (std::size_t number = 0; number < items * 4; ++number) {
      const bool residual = number % 2 != 0, wide = number / 2 % 2 != 0;
      std::size_t sum = 3 * residual + 4 * wide + 7 * length, rest = number / 4;
      std::string key = wide ? "1" : "0", blocks;
      for (std::size_t block = 0; block < 3; ++block, rest /= 6) {
        if (block >= length) {
          blocks += ",,";
          continue;
        }
        const std::size_t operation = rest % 3, kernel = rest / 3 % 2;
        sum += 2 * operation + kernel;
        key.append(std::to_string(operation)).append(std::to_string(kernel));
        blocks.append(",").append(operations[operation]).append(kernel == 0 ? ",3" : ",5");
      }
      std::string values = ",";
      values.append(std::to_string(sum + 50)).append(",0.").append(std::to_string(sum + 100));
      const std::string line = (residual ? "true" : "false") + values + (wide ? ",32" : ",16") + blocks + '\n';
      members += line;
      if (row++ % 17 == 0) sparse += line;
      digits.append(key).append(residual ? "1" : "0").append(values) += '\n';
    }
  }
  gptnas::write_file((folder / "few.csv").string(),
                     "stem,residual,blocks[0].op,blocks[0].kernel,accuracy\n16,true,conv,3,91\n16,true,conv,5,92\n");
  gptnas::write_file((folder / "own.csv").string(), members);
  gptnas::write_file((folder / "sparse.csv").string(), sparse);
  gptnas::write_file((folder / "digits.csv").string(), digits);
}

}  // namespace

int main(int, char** argv) {
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  write_images(folder, "train", 1200, 1);
  write_images(folder, "t10k", 200, 2);
  write_table(folder / "nas_bench_201.csv");
  write_own_tables(folder);
}
