// A run's history as a table for other programs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <locale>
#include <ostream>
#include <sstream>
#include <string>

#include <gptnas/core/write_file.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/search/result.hpp>

namespace gptnas {

namespace detail {

template <class Space, class Trainer>
std::string history_text(const SearchResult<Space, Trainer>& result) {
  const auto quoted = [](const std::string& value) {
    std::string field = "\"";
    for (const char letter : value) field += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return field + '"';
  };
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << "id,repeated,status";
  for (const auto& objective : Trainer::objectives) text << ',' << objective.name;
  for (const auto& metric : Trainer::metrics) text << ',' << metric;
  text << ",cost,parents,genome,message\n";
  text.precision(std::numeric_limits<double>::max_digits10);
  for (const auto& entry : result.history) {
    const Measured* measured = entry.outcome.measured();
    const Failed* failed = entry.outcome.failed();
    text << entry.id << ',' << entry.repeated << ',' << (failed ? to_string(failed->kind) : "measured");
    for (std::size_t i = 0; i < std::size(Trainer::objectives); ++i) {
      text << ',';
      if (measured) text << measured->objectives[i];
    }
    for (std::size_t i = 0; i < std::size(Trainer::metrics); ++i) {
      text << ',';
      if (measured && i < measured->metrics.size()) text << measured->metrics[i];
    }
    text << ',';
    if (measured) text << measured->cost;
    text << ',';
    const char* separator = "";
    for (const std::uint64_t parent : entry.parents) {
      text << separator << parent;
      separator = " ";
    }
    text << ',' << quoted(print(entry.genome)) << ',' << (failed ? quoted(failed->message) : "") << '\n';
  }
  return text.str();
}

}  // namespace detail

/// The history as CSV, one record an individual in the order of ids: id, repeated (0 or 1), status ("measured" or the
/// kind of failure), the objectives, the metrics, cost, parents (ids with a space between), genome and message, both
/// quoted. Values of a failed individual are empty. Numbers are written with a point, whatever the locale, and so that
/// they are read back to the same bits.
///
/// It is for readers of RFC 4180, as spreadsheets have them: quotes within a message are doubled, and its line ends
/// stay. `Table` reads a history whose messages have one line each.
template <class Space, class Trainer>
void write_history(const SearchResult<Space, Trainer>& result, std::ostream& out) {
  out << detail::history_text(result);
}

/// Writes the CSV to a file, whole or not at all.
///
/// @throws FileError if the file cannot be written.
template <class Space, class Trainer>
void write_history(const SearchResult<Space, Trainer>& result, const std::filesystem::path& path) {
  write_file(path, detail::history_text(result));
}

}  // namespace gptnas
