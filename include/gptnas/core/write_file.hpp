// Writing a file whole or not at all.
#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// Writes a file by way of a temporary file beside it, which then takes its name: a reader sees the old content or the
/// new one, never a part.
///
/// @throws FileError if the file cannot be written; no partial file is left.
inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::path temporary = path;
  temporary += ".partial";
  std::ofstream out(temporary, std::ios::binary);
  if (!out) throw FileError(path, "cannot be written; expected a writable folder");
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  std::error_code failure;
  if (out) std::filesystem::rename(temporary, path, failure);
  if (!out || failure) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw FileError(path, failure ? "cannot be replaced: " + failure.message() : "cannot be written to its end");
  }
}

}  // namespace gptnas
