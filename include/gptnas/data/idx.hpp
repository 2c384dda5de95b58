// The IDX format of MNIST and its kin: unsigned bytes in an array of some dimensions, plain or gzip.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#if defined(GPTNAS_WITH_ZLIB)
#include <zlib.h>
#endif

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// An array of bytes, row-major.
struct IdxArray {
  std::vector<std::size_t> dimensions;
  std::vector<std::uint8_t> values;
};

namespace detail {

#if defined(GPTNAS_WITH_ZLIB)
inline std::vector<std::uint8_t> read_gzip(const std::filesystem::path& path) {
  const std::unique_ptr<std::remove_pointer_t<gzFile>, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (file == nullptr) throw FileError(path, "cannot be opened; expected a readable file");
  std::vector<std::uint8_t> content;
  constexpr std::size_t step = std::size_t{1} << 20;
  int count = 1;
  while (count > 0) {
    const std::size_t size = content.size();
    content.resize(size + step);
    count = gzread(file.get(), content.data() + size, static_cast<unsigned>(step));
    content.resize(size + static_cast<std::size_t>(std::max(count, 0)));
  }
  int error = Z_OK;
  const char* message = gzerror(file.get(), &error);
  if (count < 0 || error != Z_OK) {
    throw FileError(path, content.size(), "the compressed data is damaged or cut off (" + std::string(message) +
                                              "); expected a whole gzip file; the offset is that of the content");
  }
  if (gzdirect(file.get()) == 1) throw FileError(path, 0, "is not compressed; expected a gzip file");
  return content;
}
#else
inline std::vector<std::uint8_t> read_gzip(const std::filesystem::path& path) {
  throw FileError(path, "is compressed, and this program was built without zlib; expected a plain file, or a program "
                        "that links gptnas::zlib");
}
#endif

inline std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) throw FileError(path, "is missing; expected an IDX file");
  if (path.extension() == ".gz") return read_gzip(path);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw FileError(path, "cannot be opened; expected a readable file");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace detail

/// Reads an IDX file of unsigned bytes; a name that ends in ".gz" says that it is compressed.
///
/// @param dimensions  how many the array must have, in [1, 255].
/// @throws FileError if the file is missing, compressed where zlib is not linked, damaged, of another type or of other
///         dimensions, too short or too long. Offsets are those in the uncompressed content.
inline IdxArray read_idx(const std::filesystem::path& path, std::size_t dimensions) {
  const std::vector<std::uint8_t> content = detail::read_bytes(path);
  const std::size_t header = 4 + 4 * dimensions;
  if (content.size() < header) {
    throw FileError(path, content.size(), "the file ends; expected a header of " + std::to_string(header) + " bytes");
  }
  if (content[0] != 0 || content[1] != 0 || content[2] != 8) {
    throw FileError(path, 0, "the file begins with the bytes " + std::to_string(content[0]) + " " +
                                 std::to_string(content[1]) + " " + std::to_string(content[2]) +
                                 "; expected 0 0 8, an IDX file of unsigned bytes");
  }
  if (content[3] != dimensions) {
    throw FileError(path, 3, "the array has " + std::to_string(content[3]) + " dimensions; expected " +
                                 std::to_string(dimensions));
  }
  IdxArray array;
  std::size_t size = 1;
  for (std::size_t at = 4; at < header; at += 4) {
    const std::size_t length = std::size_t{content[at]} << 24 | std::size_t{content[at + 1]} << 16 |
                               std::size_t{content[at + 2]} << 8 | std::size_t{content[at + 3]};
    array.dimensions.push_back(length);
    size = length > 0 && size > content.size() / length ? content.size() + 1 : size * length;  // never overflows
  }
  if (size != content.size() - header) {
    throw FileError(path, std::min(content.size(), header + size),
                    "the file holds " + std::to_string(content.size() - header) +
                        " values after its header; expected as many as the dimensions of its header say");
  }
  array.values.assign(content.begin() + static_cast<std::ptrdiff_t>(header), content.end());
  return array;
}

}  // namespace gptnas
