// A CSV of any bytes is refused with a FileError, or it is a table whose texts are the fields of its lines.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/csv.hpp>
#include <gptnas/data/table.hpp>

// A field as it is written again.
static std::string quoted(std::string_view field) {
  std::string text = "\"";
  for (const char letter : field) text.append(letter == '"' ? 2 : 1, letter);
  return text + '"';
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gptnas;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const std::vector<TableColumn> columns = parse_csv(text, "fuzz");
    const Table table(FileBytes(table_image(columns)), "fuzz");
    std::vector<TextColumn> texts;
    std::string again = " ";  // a byte order mark in the first name stays
    for (const TableColumn& column : columns) texts.push_back(table.texts(column.name));
    for (std::size_t i = 0; i < columns.size(); ++i) again.append(i == 0 ? "" : ",").append(quoted(columns[i].name));
    for (std::size_t row = 0; row < table.rows(); ++row) {
      again += "\r\n";
      for (std::size_t i = 0; i < columns.size(); ++i) {
        again.append(i == 0 ? "" : ",").append(quoted(texts[i][row]));
      }
    }
    again += "\r\n";
    const std::vector<TableColumn> same = parse_csv(again, "again");
    if (same.size() != columns.size()) std::abort();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (same[i].name != columns[i].name || same[i].numbers != columns[i].numbers ||
          same[i].characters != columns[i].characters || same[i].starts != columns[i].starts) {
        std::abort();
      }
    }
    for (const TableColumn& column : columns) {
      try {
        table.numbers(column.name);
      } catch (const FileError&) {
        if (column.numbers.size() == table.rows()) std::abort();
      }
    }
  } catch (const FileError&) {
  }
  return 0;
}
