// The IDX format of MNIST and its kin: unsigned bytes in an array of some dimensions, plain or gzip.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/read_file.hpp>

namespace gptnas {

/// An array of bytes, row-major.
struct IdxArray {
  std::vector<std::size_t> dimensions;
  std::vector<std::uint8_t> values;
};

/// Reads an IDX file of unsigned bytes; a name that ends in ".gz" says that it is compressed.
///
/// @param dimensions  how many the array must have, in [1, 255].
/// @throws FileError if the file is missing, compressed where zlib is not linked, damaged, of another type or of other
///         dimensions, too short or too long. Offsets are those in the uncompressed content.
inline IdxArray read_idx(const std::filesystem::path& path, std::size_t dimensions) {
  const FileBytes file = read_file(path);
  const std::string_view content = file.view();
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(content[at]); };
  const std::size_t header = 4 + 4 * dimensions;
  if (content.size() < header) {
    throw FileError(path, content.size(), joined({"the file ends; expected a header of ", header, " bytes"}));
  }
  if (byte(0) != 0 || byte(1) != 0 || byte(2) != 8) {
    throw FileError(path, 0,
                    joined({"the file begins with the bytes ", byte(0), " ", byte(1), " ", byte(2),
                            "; expected 0 0 8, an IDX file of unsigned bytes"}));
  }
  if (byte(3) != dimensions) {
    throw FileError(path, 3, joined({"the array has ", byte(3), " dimensions; expected ", dimensions}));
  }
  IdxArray array;
  std::size_t size = 1;
  for (std::size_t at = 4; at < header; at += 4) {
    const std::size_t length = std::size_t{byte(at)} << 24 | std::size_t{byte(at + 1)} << 16 |
                               std::size_t{byte(at + 2)} << 8 | std::size_t{byte(at + 3)};
    array.dimensions.push_back(length);
    size = length > 0 && size > content.size() / length ? content.size() + 1 : size * length;  // never overflows
  }
  if (size != content.size() - header) {
    throw FileError(path, std::min(content.size(), header + size),
                    joined({"the file holds ", content.size() - header,
                            " values after its header; expected as many as the dimensions of its header say"}));
  }
  array.values.assign(content.begin() + static_cast<std::ptrdiff_t>(header), content.end());
  return array;
}

}  // namespace gptnas
