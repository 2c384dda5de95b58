// Reading a file whole, plain or gzip.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
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
  const FileBytes file = FileBytes::map(path);
  const std::string_view compressed = file.view();
  if (!compressed.starts_with("\x1f\x8b")) throw FileError(path, 0, "is not compressed; expected a gzip file");
  struct Stream : z_stream {
    ~Stream() { inflateEnd(this); }
  } stream{};
  std::vector<char> content;
  constexpr std::size_t step = std::size_t{1} << 20;  // more than 4 GiB at once are too many for zlib
  std::size_t read = 0, written = 0;
  int state = inflateInit2(&stream, 16 + MAX_WBITS);  // 16: of the formats that zlib knows only gzip
  while (state == Z_OK) {
    content.resize(written + step);
    const std::string_view part = compressed.substr(read, step);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
    stream.avail_in = static_cast<unsigned>(part.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data() + written);
    stream.avail_out = static_cast<unsigned>(step);
    state = inflate(&stream, Z_NO_FLUSH);
    read += part.size() - stream.avail_in;
    written += step - stream.avail_out;
    if (state == Z_STREAM_END && read < compressed.size()) state = inflateReset(&stream);  // another member
  }
  if (state != Z_STREAM_END) {
    const char* const cause = state == Z_BUF_ERROR ? "unexpected end of file" : stream.msg;
    throw FileError(path, read,
                    joined({"the compressed data is damaged or cut off (", cause != nullptr ? cause : zError(state),
                            "); expected a whole gzip file"}));
  }
  content.resize(written);
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
/// A compressed file may have several members, one after the other, and nothing else.
/// @throws FileError if the file is missing, unreadable, damaged, or compressed where zlib is not linked.
inline FileBytes read_file(const std::string& path) {
  return path.ends_with(".gz") ? detail::read_gzip(path) : FileBytes::map(path);
}

}  // namespace gptnas
