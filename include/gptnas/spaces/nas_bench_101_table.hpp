// The table of NAS-Bench-101, by cells.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/csv.hpp>
#include <gptnas/data/nas_bench_101_records.hpp>
#include <gptnas/data/table_column.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>

namespace gptnas {

namespace detail {

inline const TableColumn& nas_bench_101_column(const std::string& path, const std::vector<TableColumn>& columns,
                                               std::string_view name) {
  for (const TableColumn& column : columns) {
    if (column.name == name) return column;
  }
  throw FileError(path, joined({"has no column \"", name, "\"; expected a table of NAS-Bench-101"}));
}

inline std::string_view text_at(const TableColumn& column, std::size_t row) {
  const std::uint64_t start = column.starts[row];
  return std::string_view(column.characters).substr(start, column.starts[row + 1] - start);
}

}  // namespace detail

/// The cell of a row: `vertices`; `adjacency`, a hexadecimal number whose bit x + y(y-1)/2 is the edge x->y;
/// `operations`, a digit an inner vertex, or "-" for none.
///
/// @throws std::invalid_argument if it is none.
inline NasBench101::Genome nas_bench_101_cell(std::size_t vertices, std::string_view adjacency,
                                              std::string_view operations) {
  std::uint32_t bits = 0;
  const char* const end = adjacency.data() + adjacency.size();
  const auto [stop, error] = std::from_chars(adjacency.data(), end, bits, 16);
  if (error != std::errc() || stop != end) throw invalid_value("adj", adjacency, "a hexadecimal number");
  if (vertices < 2 || vertices > 7) throw invalid_value("vertices", vertices, "2 to 7");
  std::vector<NasBench101::CellType::Operation> all;
  for (const char digit : operations == "-" ? std::string_view() : operations) {
    if (digit < '0' || digit > '2') throw invalid_value("ops", operations, "digits from 0 to 2, or \"-\"");
    all.push_back(NasBench101::CellType::Operation::at(static_cast<std::size_t>(digit - '0')));
  }
  if (all.size() + 2 != vertices) {
    throw invalid_value("ops", operations, joined({vertices - 2, " digits for ", vertices, " vertices"}));
  }
  std::vector<std::uint8_t> matrix(vertices * vertices);
  for (std::size_t to = 1; to < vertices; ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      matrix[from * vertices + to] = bits >> (from + to * (to - 1) / 2) & 1u;
    }
  }
  return NasBench101::genome(matrix, all);
}

/// Reads a table of NAS-Bench-101 by cells, for `cached_table` and `TabularTrainer<NasBench101>`: the column "key",
/// ascending, and the means of each column of numbers over the rows of a cell. Of a file with several lengths of
/// training, the longest counts.
///
/// @param path  the benchmark's file, whose name ends in ".tfrecord", or a CSV with the columns `vertices`, `adj` and
///   `ops` as `nas_bench_101_cell` reads them.
/// @throws FileError if the file is neither, or if a row has no cell, with the place. Complexity: O(rows log rows).
inline std::vector<TableColumn> read_nas_bench_101_cells(const std::string& path) {
  const auto columns = path.ends_with(".tfrecord") ? read_nas_bench_101(path) : read_csv(path);
  const TableColumn& vertices = detail::nas_bench_101_column(path, columns, "vertices");
  const TableColumn& adjacency = detail::nas_bench_101_column(path, columns, "adj");
  const TableColumn& operations = detail::nas_bench_101_column(path, columns, "ops");
  const double* epochs = nullptr;
  std::vector<const TableColumn*> averaged;
  for (const TableColumn& column : columns) {
    if (column.name == "epochs") epochs = column.numbers.data();
    const bool of_cell =
        &column == &vertices || &column == &adjacency || &column == &operations || column.name == "epochs";
    if (!of_cell && !column.numbers.empty()) averaged.push_back(&column);
  }

  const std::size_t count = vertices.numbers.size();
  const double longest = epochs == nullptr || count == 0 ? 0 : *std::max_element(epochs, epochs + count);
  std::vector<std::pair<std::uint64_t, std::size_t>> rows;  // key, row
  for (std::size_t row = 0; row < count; ++row) {
    if (epochs != nullptr && epochs[row] != longest) continue;
    try {
      rows.emplace_back(
          NasBench101::key(nas_bench_101_cell(static_cast<std::size_t>(vertices.numbers[row]),
                                              detail::text_at(adjacency, row), detail::text_at(operations, row))),
          row);
    } catch (const std::invalid_argument& error) {
      throw FileError(path, joined({"row ", row, ": ", error.what()}));
    }
  }
  std::sort(rows.begin(), rows.end());

  std::vector<TableColumn> cells{TableColumn("key")};
  for (const TableColumn* column : averaged) cells.emplace_back(column->name);
  for (std::size_t first = 0, last; first < rows.size(); first = last) {
    for (last = first; last < rows.size() && rows[last].first == rows[first].first;) ++last;
    cells[0].add(static_cast<double>(rows[first].first));
    for (std::size_t column = 0; column < averaged.size(); ++column) {
      double sum = 0;
      for (std::size_t at = first; at < last; ++at) sum += averaged[column]->numbers[rows[at].second];
      cells[column + 1].add(sum / static_cast<double>(last - first));
    }
  }
  return cells;
}

}  // namespace gptnas
