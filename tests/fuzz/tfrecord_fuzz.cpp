// A TFRecord file of any bytes, also with right checksums, is refused with a FileError or can be read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/little_endian.hpp>
#include <gptnas/data/tfrecord.hpp>

namespace {

using namespace gptnas;

void read(const std::vector<char>& file) {
  TfRecordReader reader(FileBytes(file), "fuzz");
  std::size_t bytes = 0;
  try {
    while (reader.next()) bytes += 16 + std::string(reader.record()).size();
    if (bytes != file.size()) std::abort();
  } catch (const FileError&) {
    if (bytes >= file.size()) std::abort();
  }
}

void put_checksum(std::vector<char>& file, std::size_t place, std::string_view bytes) {
  const std::uint32_t crc = masked_crc32c(bytes);
  for (std::size_t i = 0; i < 4; ++i) file[place + i] = static_cast<char>(crc >> (8 * i) & 255);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<char> file(data, data + size);
  read(file);
  std::size_t start = 0;
  while (size - start >= 16) {
    const std::string_view rest = std::string_view(file.data(), size).substr(start);
    const auto length = little_endian<std::uint64_t>(rest);
    put_checksum(file, start + 8, rest.substr(0, 8));
    if (length > rest.size() - 16) break;
    put_checksum(file, start + 12 + length, rest.substr(12, length));
    start += 16 + length;
  }
  read(file);
  return 0;
}
