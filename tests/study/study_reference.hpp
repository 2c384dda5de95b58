// What SciPy and statsmodels say, as tests/reference/study.py wrote it.
#pragma once

#include <cstddef>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/study/alternative.hpp>

namespace gptnas_test {

/// One case: words, numbers and samples in the order of the file.
class ReferenceCase {
 public:
  explicit ReferenceCase(const std::string& line) : line_(line), words_(line) {}

  const std::string& line() const { return line_; }

  std::string word() {
    std::string word;
    if (!(words_ >> word)) throw std::runtime_error("study.txt: the line ends: " + line_);
    return word;
  }
  double number() { return std::stod(word()); }
  std::size_t count() { return std::stoul(word()); }
  std::vector<double> sample() {
    std::vector<double> values(count());
    for (double& value : values) value = number();
    return values;
  }
  gptnas::Alternative alternative() {
    const std::string name = word();
    if (name == "two-sided") return gptnas::Alternative::two_sided;
    if (name == "greater") return gptnas::Alternative::greater;
    if (name == "less") return gptnas::Alternative::less;
    throw std::runtime_error("study.txt: unknown alternative " + name);
  }

 private:
  std::string line_;
  std::istringstream words_;
};

/// All cases of a statistic.
inline std::vector<ReferenceCase> reference_cases(const std::string& name) {
  std::ifstream file(GPTNAS_REFERENCE_DIR "/study.txt");
  std::vector<ReferenceCase> cases;
  for (std::string line; std::getline(file, line);) {
    ReferenceCase each(line);
    if (each.word() == name) cases.push_back(std::move(each));
  }
  if (cases.empty()) throw std::runtime_error("study.txt has no case of " + name);
  return cases;
}

}  // namespace gptnas_test
