#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gptnas/data/table.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>

#include "../message_of.hpp"

namespace nas_bench_201_test {

using gptnas::NasBench201;

constexpr gptnas::TaskShape cifar10{3, 32, 32, 10};

using gptnas_test::message_of;

TEST(NasBench201, Has15625Cells) {
  static_assert(sizeof(NasBench201::Genome) == 6);
  EXPECT_EQ(to_string(gptnas::cardinality<NasBench201::Genome>()), "15625");
  EXPECT_EQ(NasBench201::size, 15625u);
}

TEST(NasBench201, NumbersItsCells) {
  for (std::size_t index = 0; index < NasBench201::size; ++index) {
    ASSERT_EQ(NasBench201::index(NasBench201::genome(index)), index);
  }
  EXPECT_EQ(NasBench201::index_of("000000"), 0u);
  EXPECT_EQ(NasBench201::index_of("000012"), 7u);
  EXPECT_EQ(NasBench201::index_of("444444"), 15624u);
}

TEST(NasBench201, RefusesOtherNumbersAndDigits) {
  EXPECT_EQ(message_of([] { NasBench201::genome(15625); }),
            "NasBench201: cell number is 15625; expected below 15625");
  for (const char* digits : {"", "00000", "0000000", "000005", "-00000", "00 000"}) {
    EXPECT_EQ(message_of([&] { NasBench201::index_of(digits); }),
              "NasBench201: cell is \"" + std::string(digits) + "\"; expected six digits from 0 to 4");
  }
}

// The first cell of the benchmark.
constexpr const char* first_cell =
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|";

TEST(NasBench201, WritesAndReadsTheArchString) {
  EXPECT_EQ(NasBench201::arch_string(NasBench201::genome(NasBench201::index_of("421211"))), first_cell);
  for (std::size_t index = 0; index < NasBench201::size; ++index) {
    const auto genome = NasBench201::genome(index);
    ASSERT_TRUE(gptnas::Equal{}(NasBench201::from_arch_string(NasBench201::arch_string(genome)), genome));
  }
}

TEST(NasBench201, RefusesOtherArchStrings) {
  const std::string right = first_cell;
  const auto refusal = [](const std::string& text) {
    return message_of([&] { NasBench201::from_arch_string(text); });
  };
  const auto expected = [](const std::string& text, std::size_t position, const std::string& what) {
    return "NasBench201: arch string \"" + text + "\": at position " + std::to_string(position) + ": expected " + what;
  };
  const std::string operations = "one of none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3";
  EXPECT_EQ(refusal(""), expected("", 0, "\"|\""));
  EXPECT_EQ(refusal("|avg_pool_3x3~1|"), expected("|avg_pool_3x3~1|", 13, "\"~0\""));
  EXPECT_EQ(refusal("|max_pool_3x3~0|"), expected("|max_pool_3x3~0|", 1, operations));
  EXPECT_EQ(refusal("|none"), expected("|none", 5, "\"~0\""));
  EXPECT_EQ(refusal("|none~0|none~1|"), expected("|none~0|none~1|", 8, "\"+\""));
  EXPECT_EQ(refusal(right + " "), expected(right + " ", right.size(), "the end"));
  for (std::size_t size = 0; size < right.size(); ++size) {
    EXPECT_NE(refusal(right.substr(0, size)), "no exception") << size;
  }
}

std::size_t count_classes(bool zeroes) {
  std::set<std::string> classes;
  for (std::size_t index = 0; index < NasBench201::size; ++index) {
    classes.insert(NasBench201::unique_string(NasBench201::genome(index), zeroes));
  }
  return classes.size();
}

// The benchmark's paper and code.
TEST(NasBench201, HasTheClassesOfTheBenchmark) {
  EXPECT_EQ(count_classes(true), 6466u);
  EXPECT_EQ(count_classes(false), 12751u);
}

// By brute force: a cell is the set of its paths, each a word of (node, operation) pairs; two cells are the same if, with
// or without exchanging the inner nodes' names, their edges on paths are the same.
std::set<std::string> edges_on_paths(const NasBench201::Genome& genome, bool exchange) {
  const int number[4][4] = {{-1, 0, 1, 3}, {-1, -1, 2, 4}, {-1, -1, -1, 5}, {-1, -1, -1, -1}};
  const auto name = [&](int node) { return exchange && (node == 1 || node == 2) ? 3 - node : node; };
  std::set<std::string> found;
  const auto walk = [&](const auto& self, int node, const std::vector<std::string>& path) -> void {
    if (node == 3) found.insert(path.begin(), path.end());
    for (int next = node + 1; next < 4; ++next) {
      const auto operation = genome.edges[static_cast<std::size_t>(number[node][next])];
      if (operation == NasBench201::Operation::none) continue;
      std::vector<std::string> longer = path;
      longer.push_back(std::to_string(name(node)) + std::to_string(name(next)) + operation.name());
      self(self, next, longer);
    }
  };
  walk(walk, 0, {});
  return found;
}

TEST(NasBench201, CanonicalFormsAreTheIsomorphismClasses) {
  std::map<std::set<std::string>, std::size_t> class_of;
  std::set<std::size_t> forms;
  for (std::size_t index = 0; index < NasBench201::size; ++index) {
    const auto genome = NasBench201::genome(index);
    const auto form = NasBench201::canonical_form(genome);
    ASSERT_TRUE(gptnas::Equal{}(NasBench201::canonical_form(form), form));
    const std::size_t number = NasBench201::index(form);
    // A form is a cell of the class, so that no two classes share one.
    const auto its_edges = edges_on_paths(form, false);
    ASSERT_TRUE(its_edges == edges_on_paths(genome, false) || its_edges == edges_on_paths(genome, true));
    for (const bool exchange : {false, true}) {
      const auto [place, fresh] = class_of.try_emplace(edges_on_paths(genome, exchange), number);
      ASSERT_EQ(place->second, number) << gptnas::print(genome);
    }
    forms.insert(number);
  }
  EXPECT_EQ(forms.size(), 8765u);
}

TEST(NasBench201, BuildsForOtherTasks) {
  const auto network = NasBench201::build(NasBench201::from_arch_string(first_cell), {1, 28, 28, 100});
  EXPECT_EQ(network.node(network.output()).shape, (gptnas::TensorShape{100, 1, 1}));
}

#if defined(GPTNAS_WITH_ZLIB)
TEST(NasBench201, BuildsTheNetworksOfTheTable) {
  const std::filesystem::path path = GPTNAS_DATA_DIR "/nas_bench_201.csv.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent; set GPTNAS_DATA_DIR";
  const gptnas::Table table(path);
  const auto cells = table.texts("ops");
  const auto parameters = table.numbers("params_c10"), flops = table.numbers("flops_c10");
  ASSERT_EQ(table.rows(), NasBench201::size);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto network = NasBench201::build(NasBench201::genome(NasBench201::index_of(cells[row])), cifar10);
    ASSERT_EQ(static_cast<double>(network.parameters()), parameters[row]) << cells[row];
    // The benchmark counts the ten biases of the classifier as operations.
    ASSERT_EQ(static_cast<double>(network.multiply_accumulates() + 10), flops[row]) << cells[row];
  }
}
#endif

}  // namespace nas_bench_201_test
