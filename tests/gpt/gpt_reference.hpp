// What PyTorch computed for small GPTs: the tensors of tests/reference/gpt_NAME.txt.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gptnas/gpt/gpt_size.hpp>

#ifndef GPTNAS_REFERENCE_DIR
#define GPTNAS_REFERENCE_DIR "tests/reference"
#endif

namespace gptnas_test {

struct SmallGpt {
  using Size = gptnas::GptSize<11, 9, 12, 2, 3>;
  static constexpr const char* file = "gpt_small.txt";
};
struct ShallowGpt {
  using Size = gptnas::GptSize<5, 17, 16, 1, 1>;
  static constexpr const char* file = "gpt_shallow.txt";
};
struct DeepGpt {
  using Size = gptnas::GptSize<23, 6, 8, 3, 4>;
  static constexpr const char* file = "gpt_deep.txt";
};

inline std::filesystem::path reference_file(const std::string& name) {
  return std::filesystem::path(GPTNAS_REFERENCE_DIR) / name;
}

/// The tensors of a file, by name.
inline std::map<std::string, std::vector<double>> gpt_reference(const std::string& file_name) {
  std::map<std::string, std::vector<double>> tensors;
  std::ifstream file(reference_file(file_name));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    for (double value; words >> value;) tensors[name].push_back(value);
  }
  return tensors;
}

}  // namespace gptnas_test
