// What PyTorch computed for a small GPT: the tensors of tests/reference/gpt.txt.
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

using GptReferenceSize = gptnas::GptSize<11, 9, 12, 2, 3>;

inline std::filesystem::path reference_file(const std::string& name) {
  return std::filesystem::path(GPTNAS_REFERENCE_DIR) / name;
}

inline std::map<std::string, std::vector<double>> gpt_reference() {
  std::map<std::string, std::vector<double>> tensors;
  std::ifstream file(reference_file("gpt.txt"));
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    for (double value; words >> value;) tensors[name].push_back(value);
  }
  return tensors;
}

}  // namespace gptnas_test
