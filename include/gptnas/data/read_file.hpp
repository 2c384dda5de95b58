// Reading a file whole, plain or gzip.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#if defined(GPTNAS_WITH_ZLIB)
#include <zlib.h>
#endif

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/file_bytes.hpp>

namespace gptnas {

namespace detail {

#if defined(GPTNAS_WITH_ZLIB)
inline FileBytes read_gzip(const std::string& path) {
  struct Stream {
    gzFile file;
    ~Stream() { gzclose(file); }
  };
  const Stream stream{gzopen(path.c_str(), "rb")};
  if (stream.file == nullptr) throw not_opened(path);
  std::vector<char> content;
  constexpr std::size_t step = std::size_t{1} << 20;
  int count = 1;
  while (count > 0) {
    const std::size_t size = content.size();
    content.resize(size + step);
    count = gzread(stream.file, content.data() + size, static_cast<unsigned>(step));
    content.resize(size + static_cast<std::size_t>(count > 0 ? count : 0));
  }
  int error = Z_OK;
  const char* message = gzerror(stream.file, &error);
  if (count < 0 || error != Z_OK) {
    throw FileError(path, content.size(),
                    joined({"the compressed data is damaged or cut off (", message,
                            "); expected a whole gzip file; the offset is that of the content"}));
  }
  if (gzdirect(stream.file) == 1) throw FileError(path, 0, "is not compressed; expected a gzip file");
  return FileBytes(std::move(content));
}
#else
inline FileBytes read_gzip(const std::string& path) {
  throw FileError(path, "is compressed, and this program was built without zlib; expected a plain file, or a program "
                        "that links gptnas::zlib");
}
#endif

}  // namespace detail

/// The content of a file; a name that ends in ".gz" says that it is compressed (needs zlib, the target gptnas::zlib).
///
/// @throws FileError if the file is missing, unreadable, damaged, or compressed where zlib is not linked.
inline FileBytes read_file(const std::string& path) {
  return path.ends_with(".gz") ? detail::read_gzip(path) : FileBytes::map(path);
}

}  // namespace gptnas
