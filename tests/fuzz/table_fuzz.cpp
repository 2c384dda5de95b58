// The binary form of a table of any bytes, also with right checksums, is refused with a FileError or can be read.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/crc32c.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/data/table_image.hpp>

namespace {

using namespace gptnas;
using namespace gptnas::detail;

// The column's head, where it lies in the image.
std::size_t place(std::size_t column) { return sizeof(TableHead) + column * sizeof(ColumnHead); }

// Columns whose heads and names lie in the image.
std::vector<ColumnHead> column_heads(std::string_view image) {
  std::vector<ColumnHead> heads;
  const auto head = value_at<TableHead>(image, 0);
  while (heads.size() < head.columns && place(heads.size() + 1) <= image.size()) {
    heads.push_back(value_at<ColumnHead>(image, place(heads.size())));
  }
  return heads;
}

void read(const std::vector<char>& image) {
  try {
    const Table table(FileBytes(image), "fuzz");
    const std::string_view bytes(image.data(), image.size());
    if (table.source() == Fingerprint{}) return;  // a CSV, or one that is as good as such
    const std::vector<ColumnHead> heads = column_heads(bytes);
    std::size_t name_start = place(heads.size()), characters = 0;
    for (const ColumnHead& head : heads) {
      const std::string name(bytes.substr(name_start, head.name_size));
      name_start += head.name_size;
      try {
        const TextColumn texts = table.texts(name);
        for (std::size_t row = 0; row < texts.size(); ++row) characters += std::string(texts[row]).size();
        if (texts.size() != table.rows()) std::abort();
      } catch (const FileError&) {
      }
      try {
        for (const double number : table.numbers(name)) {
          if (!std::isfinite(number)) std::abort();
        }
      } catch (const FileError&) {
      }
    }
    if (characters > image.size() * heads.size()) std::abort();  // columns of one name are read as the first
  } catch (const FileError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<char> image(data, data + size);
  read(image);
  if (size < sizeof(TableHead)) return 0;
  TableHead head;
  std::memcpy(&head, image.data(), sizeof head);
  head.magic = table_magic;
  head.byte_order = table_byte_order;
  head.version = table_version;
  head.size = size;
  std::memcpy(image.data(), &head, sizeof head);
  std::vector<ColumnHead> heads = column_heads({image.data(), size});
  for (std::size_t column = 0; column < heads.size() && column < 64; ++column) {
    const std::uint64_t length = block_size(heads[column], head.rows);
    if (heads[column].block > size || length > size - heads[column].block) continue;
    heads[column].block_crc = crc32c({image.data() + heads[column].block, length});
    std::memcpy(image.data() + place(column), &heads[column], sizeof(ColumnHead));
  }
  if (head.head_size >= head_crc_start && head.head_size <= size) {
    head.head_crc = crc32c({image.data() + head_crc_start, head.head_size - head_crc_start});
    std::memcpy(image.data(), &head, sizeof head);
  }
  read(image);
  return 0;
}
