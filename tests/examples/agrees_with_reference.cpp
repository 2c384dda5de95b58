// agrees_with_reference FILE: compares what `nas_bench_201 --json FILE` found in 1,000 runs a budget with an independent
// implementation of the same search: each mean within four standard errors of the difference.

#include <array>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

namespace {

constexpr std::array<std::size_t, 4> queries{50, 100, 192, 500};

// Of the independent implementation, 1,000 runs too: its standard errors are about ours.
struct Reference {
  std::array<double, 4> test_accuracy;
  double found_best;  // part of the runs of 500 queries
};
constexpr Reference cifar10{{93.873, 94.099, 94.215, 94.301}, 0.76}, cifar100{{71.756, 72.623, 73.096, 73.425}, 0.83};

bool agrees(const std::string& name, double found, double expected, double standard_error) {
  const double tolerance = 4 * std::sqrt(2.0) * standard_error;
  const bool agrees = std::abs(found - expected) <= tolerance;
  std::cout << name << ": " << found << ", expected " << expected << " +- " << tolerance
            << (agrees ? "\n" : "  WRONG\n");
  return agrees;
}

}  // namespace

int main(int, char** argv) {
  const auto record = nlohmann::json::parse(std::ifstream(argv[1]));
  const Reference& reference = record.at("dataset") == "cifar10" ? cifar10 : cifar100;
  const auto& budgets = record.at("budgets");
  bool all = record.at("runs") == 1000 && budgets.size() == queries.size();
  for (std::size_t i = 0; all && i < queries.size(); ++i) {
    all = budgets[i].at("queries") == queries[i];
  }
  if (!all) {
    std::cout << "expected 1,000 runs of 50, 100, 192 and 500 queries\n";
    return 1;
  }
  for (std::size_t i = 0; i < queries.size(); ++i) {
    all &= agrees("mean test accuracy after " + std::to_string(queries[i]) + " queries",
                  budgets[i].at("mean_test_accuracy"), reference.test_accuracy[i], budgets[i].at("standard_error"));
  }
  const double share = reference.found_best;
  all &= agrees("part of the runs that found the best cell", budgets.back().at("found_best"), share,
                std::sqrt(share * (1 - share) / 1000));
  return all ? 0 : 1;
}
