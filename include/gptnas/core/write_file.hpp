// Writing a file whole or not at all.
#pragma once

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>

namespace gptnas {

namespace detail {

/// What a link leads to over all links, whether it is there or not; another path as it is.
inline std::filesystem::path followed(std::filesystem::path path) {
  std::error_code error;
  for (int links = 0; links < 40 && std::filesystem::is_symlink(path, error); ++links) {  // in a circle there is no end
    path = path.parent_path() / std::filesystem::read_symlink(path, error);
  }
  return path;
}

}  // namespace detail

/// Writes a file by way of a temporary file beside it, which then takes its name: a reader sees the old content or the
/// new one, never a part, also where several processes write the same file at once. Of a link the file that it leads to
/// is written. A file that is there keeps its permissions, but neither its owner nor its other hard links.
///
/// @throws FileError if the file cannot be written; no partial file is left.
inline void write_file(const std::string& path, std::string_view content) {
  const std::filesystem::path target = detail::followed(path);
  std::error_code error;
  const std::filesystem::file_status present = std::filesystem::status(target, error);
  const bool replaces = std::filesystem::exists(present);
  if ((replaces && !std::filesystem::is_regular_file(present)) || std::filesystem::is_symlink(target, error)) {
    throw FileError(path, "cannot be replaced; expected a file or a free name");
  }
  std::string temporary;
  std::FILE* file = nullptr;
  errno = EEXIST;
  for (int number = 0; file == nullptr && errno == EEXIST && number < 1000; ++number) {
    temporary = joined({target.string(), ".partial", number});
    file = std::fopen(temporary.c_str(), "wbx");  // x: a file of another writer is left alone
  }
  if (file == nullptr) throw FileError(path, "cannot be written; expected a writable folder");
  // A file system that has no permissions changes none.
  if (replaces) std::filesystem::permissions(temporary, present.permissions(), error);
  bool whole = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  whole = std::fclose(file) == 0 && whole;
  if (!whole || std::rename(temporary.c_str(), target.c_str()) != 0) {
    std::remove(temporary.c_str());
    throw FileError(path, whole ? "cannot be replaced; expected a file or a free name"
                                : "cannot be written to its end");
  }
}

}  // namespace gptnas
