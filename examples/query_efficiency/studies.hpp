// The tables that are searched.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "quality.hpp"
#include "run.hpp"

namespace query_efficiency {

// A table's arms, and how their runs are compared.
struct Study {
  std::string name;  // of the table
  Endpoint endpoint;
  std::size_t limit;      // queries of a run
  std::string other_key;  // how cells are counted by the other key
  std::vector<Arm> arms;
  std::vector<Arm> ablations;  // of the GPT; of a quarter of the seeds
  std::function<std::vector<SampleQuality>()> samples;
  std::vector<NamedRanker> rankers;  // of the factorial
  std::string transfer = {};         // which labels of other data sets the arms marked "transfer" use
};

// @param data  the folder with the table, as CSV, plain or compressed.
// @throws gptnas::FileError if the table is missing or damaged.
Study nas_bench_201(const std::filesystem::path& data, const std::string& dataset);  // "cifar10" or "cifar100"
Study nas_bench_101(const std::filesystem::path& data);

// The file of a table, compressed unless it is there plain.
inline std::filesystem::path table_path(const std::filesystem::path& data, const std::string& name) {
  const auto plain = data / (name + ".csv");
  return std::filesystem::exists(plain) ? plain : data / (name + ".csv.gz");
}

}  // namespace query_efficiency
