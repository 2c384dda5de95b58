// A table whose best cell is known: three digits, worth the number that they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/data/table.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/reflection.hpp>

#include "../../examples/query_efficiency/run.hpp"
#include "../temporary_folder.hpp"

namespace gptnas_test {

/// Isomorphic are cells of the same digits. Each has a row of its own: the key is the cell itself.
struct Digits {
  using Digit = gptnas::Choice<0, 1, 2, 3, 4, 5, 6, 7, 8, 9>;
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Repeat<Digit, 3>, digits));
  };

  static constexpr std::size_t size = 1000;

  static std::size_t index(const Genome& cell) {
    std::size_t index = 0;
    for (const Digit& digit : cell.digits) index = 10 * index + digit.index();
    return index;
  }
  static std::size_t index_of(std::string_view number) { return std::stoul(std::string(number)); }
  static Genome cell(std::size_t index) {
    Genome cell;
    for (std::size_t place = 3; place-- > 0; index /= 10) cell.digits[place] = Digit::at(index % 10);
    return cell;
  }

  static Genome sorted(Genome cell) {
    std::sort(cell.digits.begin(), cell.digits.end(), [](Digit a, Digit b) { return a.index() < b.index(); });
    return cell;
  }
  static Genome other_key(const Genome& cell) { return sorted(cell); }
};

/// The same cells, where the key is the class of isomorphic ones.
struct SortedDigits : Digits {
  static Genome canonical(const Genome& cell) { return sorted(cell); }
  static Genome other_key(const Genome& cell) { return cell; }
};

/// The cells that were counted, in order, by the runs of these benchmarks.
inline std::vector<std::size_t> counted;

/// A unit of the table is a tenth of a point. What is better by validation is worse by test.
template <class Space>
query_efficiency::SharedBenchmark<Space> benchmark(std::size_t limit) {
  std::string rows = "key,valid,test\n";
  for (std::size_t cell = 0; cell < Space::size; ++cell) {
    rows.append(std::to_string(cell)).append(",").append(std::to_string(cell));
    rows.append(",").append(std::to_string(2000 - cell)).append("\n");
  }
  const TemporaryFolder folder;
  const gptnas::Table table(folder.write("table.csv", rows));
  return std::make_shared<const query_efficiency::Benchmark<Space>>(
      query_efficiency::Benchmark<Space>{.trainer = {table, "key", "valid", "test"},
                                         .points = 0.1,
                                         .limit = limit,
                                         .other_key = [](const typename Space::Genome& cell) {
                                           counted.push_back(Space::index(cell));
                                           return Space::other_key(cell);
                                         }});
}

}  // namespace gptnas_test
