// Writing a file whole or not at all.
#pragma once

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>

namespace gptnas {

/// Writes a file by way of a temporary file beside it, which then takes its name: a reader sees the old content or the
/// new one, never a part, also where several processes write the same file at once.
///
/// @throws FileError if the file cannot be written; no partial file is left.
inline void write_file(const std::string& path, std::string_view content) {
  std::string temporary;
  std::FILE* file = nullptr;
  errno = EEXIST;
  for (int number = 0; file == nullptr && errno == EEXIST && number < 1000; ++number) {
    temporary = joined({path, ".partial", number});
    file = std::fopen(temporary.c_str(), "wbx");  // x: a file of another writer is left alone
  }
  if (file == nullptr) throw FileError(path, "cannot be written; expected a writable folder");
  bool whole = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  whole = std::fclose(file) == 0 && whole;
  if (!whole || std::rename(temporary.c_str(), path.c_str()) != 0) {
    std::remove(temporary.c_str());
    throw FileError(path, whole ? "cannot be replaced; expected a file or a free name"
                                : "cannot be written to its end");
  }
}

}  // namespace gptnas
