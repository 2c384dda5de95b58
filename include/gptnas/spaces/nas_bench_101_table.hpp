// The table of NAS-Bench-101, by cells.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/file_bytes.hpp>
#include <gptnas/data/nas_bench_101_records.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/data/table_column.hpp>
#include <gptnas/data/table_image.hpp>
#include <gptnas/spaces/nas_bench_101.hpp>

namespace gptnas {

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
  const std::size_t pairs = vertices * (vertices - 1) / 2;
  if (bits >> pairs != 0) throw invalid_value("adj", adjacency, joined({pairs, " bits for ", vertices, " vertices"}));
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
/// @throws FileError if the file is neither, if a row has no cell, or if a length is no number, with the place.
/// Complexity: O(rows log rows).
inline std::vector<TableColumn> read_nas_bench_101_cells(const std::string& path) {
  const Table table = path.ends_with(".tfrecord") ? Table(FileBytes(table_image(read_nas_bench_101(path))), path)
                                                  : Table(path);
  const std::span<const double> vertices = table.numbers("vertices");
  const TextColumn adjacency = table.texts("adj"), operations = table.texts("ops");
  std::span<const double> epochs;
  std::vector<TableColumn> cells{TableColumn("key")};
  std::vector<std::span<const double>> averaged;
  for (const std::string_view name : table.names()) {
    if (name == "epochs") epochs = table.numbers(name);
    if (name == "vertices" || name == "adj" || name == "ops" || name == "epochs" || !table.has_numbers(name)) continue;
    cells.emplace_back(std::string(name));
    averaged.push_back(table.numbers(name));
  }

  const double longest = epochs.empty() ? 0 : *std::max_element(epochs.begin(), epochs.end());
  std::vector<std::pair<std::uint64_t, std::size_t>> rows;  // key, row
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!epochs.empty() && epochs[row] != longest) continue;
    const double count = vertices[row];
    if (!(count >= 2 && count <= 7 && std::floor(count) == count)) {
      table.refuse(row, joined({"vertices is ", count, "; expected 2 to 7"}));
    }
    try {
      const auto cell = nas_bench_101_cell(static_cast<std::size_t>(count), adjacency[row], operations[row]);
      rows.emplace_back(NasBench101::key(cell), row);
    } catch (const std::invalid_argument& error) {
      table.refuse(row, error.what());
    }
  }
  std::sort(rows.begin(), rows.end());

  for (std::size_t first = 0, last; first < rows.size(); first = last) {
    for (last = first; last < rows.size() && rows[last].first == rows[first].first;) ++last;
    cells[0].add(static_cast<double>(rows[first].first));
    for (std::size_t column = 0; column < averaged.size(); ++column) {
      double sum = 0;
      for (std::size_t at = first; at < last; ++at) sum += averaged[column][rows[at].second];
      cells[column + 1].add(sum / static_cast<double>(last - first));
    }
  }
  return cells;
}

}  // namespace gptnas
