// Tables that are converted once.
#pragma once

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/write_file.hpp>
#include <gptnas/data/csv.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/data/table_column.hpp>
#include <gptnas/data/table_image.hpp>

namespace gptnas {

namespace detail {

inline std::string text_of(const Fingerprint& fingerprint) {
  return joined({fingerprint.size, " bytes with the CRC-32C ", fingerprint.crc});
}

// Of a source that is empty no table is made: its fingerprint is that of tables which were made of no file.
inline Fingerprint source_fingerprint(const std::string& source) {
  const Fingerprint its_fingerprint = fingerprint(source);
  if (its_fingerprint.size == 0) throw FileError(source, "is empty; expected a table");
  return its_fingerprint;
}

inline Table open_made_of(const std::string& cache, const std::string& source, const Fingerprint& its_fingerprint) {
  Table table(cache);
  if (table.source() == its_fingerprint) return table;
  throw FileError(cache, joined({"is stale: it was made of ", text_of(table.source()), "; expected ",
                                 text_of(its_fingerprint), ", as ", source, " has; make it anew with cached_table"}));
}

// A file is somebody's if it cannot be read, or does not begin as the binary form does, as far as it goes.
inline void refuse_to_replace_another(const std::string& cache) {
  if (!std::filesystem::exists(cache)) return;
  if (std::filesystem::is_regular_file(cache)) {
    std::ifstream file(cache, std::ios::binary);
    std::array<char, table_magic.size()> start;
    file.read(start.data(), start.size());
    if (file.is_open() && std::equal(start.begin(), start.begin() + file.gcount(), table_magic.begin())) return;
  }
  throw FileError(cache, "is no table that cached_table made; expected one, or a free name");
}

}  // namespace detail

/// Opens the binary form of a table that `cached_table` made.
///
/// It reads the source for its size and CRC-32C; a `Table` of the cache alone does not.
/// @throws FileError if either file cannot be read, if the source is empty, or if the cache is damaged or was made of
///   another content.
/// Complexity: O(bytes of the source), 1 to 3 GB/s.
inline Table open_cached_table(const std::string& source, const std::string& cache) {
  return detail::open_made_of(cache, source, detail::source_fingerprint(source));
}

/// Opens the binary form of a table; where there is none, or one of another content or version, it makes it first.
///
/// @param source  a file that `read` understands. @param cache  the binary form's file.
/// @param read    how the source becomes columns: `read_csv` or `read_nas_bench_101`, or a function of the user's. The
///   binary form does not tell by which one it was made: a source that is read in two ways needs two caches.
/// @throws FileError if the source cannot be read or is empty, if the cache cannot be written, or if it is a file of
///   another kind, which stays as it is.
/// Complexity: O(bytes of the source), 1 to 3 GB/s where the cache is there.
inline Table cached_table(const std::string& source, const std::string& cache,
                          std::vector<TableColumn> (*read)(const std::string& path) = read_csv) {
  // Before it is read: what comes later makes the cache stale.
  const Fingerprint its_fingerprint = detail::source_fingerprint(source);
  try {
    return detail::open_made_of(cache, source, its_fingerprint);
  } catch (const FileError&) {
    detail::refuse_to_replace_another(cache);
  }
  const std::vector<char> image = table_image(read(source), its_fingerprint);
  write_file(cache, {image.data(), image.size()});
  return detail::open_made_of(cache, source, its_fingerprint);
}

}  // namespace gptnas
