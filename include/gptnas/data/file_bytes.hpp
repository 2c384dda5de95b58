// The bytes of a file without a copy of them.
#pragma once

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if __has_include(<sys/mman.h>)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#include <cstdio>
#endif

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// Bytes that are only read: a file's, mapped into memory, or those of a vector. A move leaves them in their place.
///
/// A mapped file may be replaced by another (`write_file`), which the mapping does not see; it must not be written in
/// place or cut short.
class FileBytes {
 public:
  explicit FileBytes(std::vector<char> content) : memory_(std::move(content)), view_(memory_.data(), memory_.size()) {}

  /// The bytes of a file. Where the system has no mmap, they are read.
  ///
  /// @throws FileError if there is no such file, or if it cannot be read. Complexity: O(1) with mmap.
  static FileBytes map(const std::string& path);

  FileBytes(FileBytes&& other) noexcept
      : memory_(std::move(other.memory_)),
        view_(std::exchange(other.view_, {})),
        mapped_(std::exchange(other.mapped_, false)) {}
  FileBytes& operator=(FileBytes&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(view_, other.view_);
    std::swap(mapped_, other.mapped_);
    return *this;
  }
  ~FileBytes() {
#if __has_include(<sys/mman.h>)
    if (mapped_) ::munmap(const_cast<char*>(view_.data()), view_.size());
#endif
  }

  /// Valid as long as this object or the one that it was moved to.
  std::string_view view() const { return view_; }

 private:
  std::vector<char> memory_;
  std::string_view view_;
  bool mapped_ = false;
};

namespace detail {

/// What `errno` says of a file that was not opened.
[[gnu::cold]] inline FileError not_opened(const std::string& path) {
  return FileError(path, errno == ENOENT || errno == ENOTDIR ? "is missing; expected a file"
                                                             : "cannot be opened; expected a readable file");
}

}  // namespace detail

#if __has_include(<sys/mman.h>)
inline FileBytes FileBytes::map(const std::string& path) {
  struct Descriptor {
    int number;
    ~Descriptor() {
      if (number >= 0) ::close(number);
    }
  };
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // does not wait for a pipe's writer
  if (file.number < 0) throw detail::not_opened(path);
  struct stat status {};
  if (::fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode)) {
    throw FileError(path, "is no regular file; expected one");
  }
  FileBytes bytes{std::vector<char>()};
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return bytes;  // an empty mapping does not exist
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (start == MAP_FAILED) throw FileError(path, "cannot be mapped into memory; expected a readable file");
  bytes.view_ = {static_cast<const char*>(start), size};
  bytes.mapped_ = true;
  return bytes;
}
#else
inline FileBytes FileBytes::map(const std::string& path) {
  struct Stream {
    std::FILE* file;
    ~Stream() {
      if (file != nullptr) std::fclose(file);
    }
  };
  const Stream stream{std::fopen(path.c_str(), "rb")};
  if (stream.file == nullptr) throw detail::not_opened(path);
  std::vector<char> content;
  std::size_t count = 1;
  while (count > 0) {
    const std::size_t size = content.size(), step = std::size_t{1} << 20;
    content.resize(size + step);
    count = std::fread(content.data() + size, 1, step, stream.file);
    content.resize(size + count);
  }
  if (std::ferror(stream.file)) throw FileError(path, "cannot be read to its end; expected a readable file");
  return FileBytes(std::move(content));
}
#endif

}  // namespace gptnas
