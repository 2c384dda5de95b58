// Reading a file whole, plain or gzip.
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

}  // namespace detail

/// The content of a file; a name that ends in ".gz" says that it is compressed (needs zlib, the target gptnas::zlib).
///
/// @throws FileError if the file is missing, unreadable, damaged, or compressed where zlib is not linked.
inline std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  if (!std::filesystem::is_regular_file(path)) throw FileError(path, "is missing; expected a file");
  if (path.extension() == ".gz") return detail::read_gzip(path);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw FileError(path, "cannot be opened; expected a readable file");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace gptnas
