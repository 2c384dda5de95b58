// NAS-Bench-101's own files, nasbench_only108.tfrecord and nasbench_full.tfrecord, without TensorFlow.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/data/base64.hpp>
#include <gptnas/data/nas_bench_101_operations.hpp>
#include <gptnas/data/protobuf.hpp>
#include <gptnas/data/table_column.hpp>
#include <gptnas/data/tfrecord.hpp>

namespace gptnas {

/// One training of one cell of NAS-Bench-101 (Ying et al., "NAS-Bench-101: Towards Reproducible Neural Architecture
/// Search", 2019).
struct NasBench101Record {
  /// What was measured at one point of the training.
  struct Evaluation {
    double training_time;                                        ///< seconds so far, at least 0
    double train_accuracy, validation_accuracy, test_accuracy;  ///< in [0, 1]
  };

  std::string module_hash;              ///< 32 hexadecimal digits
  std::uint32_t epochs;                 ///< of the whole training: 4, 12, 36 or 108
  std::string adjacency;                ///< (V,V) row-major: '1' in row x, column y is the edge x->y; V in [2, 7]
  std::vector<std::string> operations;  ///< (V) "input", "conv3x3-bn-relu", "conv1x1-bn-relu" or "maxpool3x3", "output"
  std::uint32_t trainable_parameters;
  Evaluation halfway, final;
};

namespace detail {

/// Reads the text of a record: a JSON array of texts and natural numbers.
class RecordText {
 public:
  explicit RecordText(std::string_view text) : text_(text) {}

  /// Takes a sign, and the spaces before it.
  void take(char sign) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != sign) refuse(joined({"expected '", std::string(1, sign), "'"}));
    ++at_;
  }

  std::string take_text(const std::string& what) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != '"') refuse(joined({"expected the ", what, ", a text in quotes"}));
    std::string text;
    for (++at_; at_ < text_.size(); ++at_) {
      char sign = text_[at_];
      if (sign == '"') {
        ++at_;
        return text;
      }
      if (static_cast<unsigned char>(sign) < 32)
        refuse(joined({"a control character in the ", what, "; expected '\"' first"}));
      if (sign == '\\') {
        sign = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (sign != 'n' && sign != '/') refuse(joined({"an escape in the ", what, "; expected \\n or \\/ if any"}));
        if (sign == 'n') sign = '\n';
        ++at_;
      }
      text += sign;
    }
    refuse(joined({"the record ends within the ", what, "; expected '\"'"}));
  }

  std::uint32_t take_number(const std::string& what) {
    skip_spaces();
    std::uint32_t number = 0;
    const char* const first = text_.data() + at_;
    const auto [stop, error] = std::from_chars(first, text_.data() + text_.size(), number);
    if (error != std::errc()) refuse(joined({"expected the ", what, ", a natural number"}));
    at_ += static_cast<std::size_t>(stop - first);
    return number;
  }

  void expect_end() {
    skip_spaces();
    if (at_ != text_.size()) refuse("expected the end of the record");
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  [[noreturn]] void refuse(const std::string& problem) const {
    throw std::invalid_argument(joined({"JSON: at character ", at_, ": ", problem}));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// A message EvaluationData.
inline NasBench101Record::Evaluation parse_evaluation(ProtobufReader reader, const std::string& which) {
  const std::array<const char*, 4> names{"training_time", "train_accuracy", "validation_accuracy", "test_accuracy"};
  std::array<std::optional<double>, 4> values;
  while (reader.next()) {
    if (reader.field() < 2 || reader.field() > 5) continue;  // current_epoch, checkpoint_path
    const auto index = static_cast<std::size_t>(reader.field() - 2);
    const double value = reader.real();
    if (!(value >= 0 && (index == 0 ? is_finite(value) : value <= 1))) {
      reader.refuse(joined({names[index], " is ", value, "; expected ",
                            index == 0 ? "at least 0 and finite" : "0 to 1"}));
    }
    values[index] = value;
  }
  for (std::size_t index = 0; index < values.size(); ++index) {
    if (!values[index]) {
      throw std::invalid_argument(joined({"the evaluation ", which, " has no ", names[index], "; expected one"}));
    }
  }
  return {*values[0], *values[1], *values[2], *values[3]};
}

/// A message ModelMetrics.
inline void parse_metrics(std::string_view bytes, NasBench101Record& record) {
  std::size_t count = 0;
  std::vector<ProtobufReader> evaluations;
  std::optional<std::uint32_t> parameters;
  ProtobufReader reader(bytes);
  while (reader.next()) {
    if (reader.field() == 1) {
      if (++count <= 3) evaluations.push_back(reader.message());
    } else if (reader.field() == 2) {
      const std::uint64_t value = reader.integer();
      if (value > 0x7FFFFFFF) {
        reader.refuse(joined({"trainable_parameters is ", value, "; expected at most 2147483647"}));
      }
      parameters = static_cast<std::uint32_t>(value);
    }
  }
  if (count != 3) {
    throw std::invalid_argument(
        joined({count, " evaluations; expected 3: before, halfway through and after the training"}));
  }
  if (!parameters) throw std::invalid_argument("the metrics have no trainable_parameters; expected them");
  record.halfway = parse_evaluation(evaluations[1], "halfway");
  record.final = parse_evaluation(evaluations[2], "after the training");
  record.trainable_parameters = *parameters;
}

inline std::vector<std::string> split_operations(const std::string& text) {
  std::vector<std::string> operations(1);
  for (const char letter : text) {
    if (letter == ',') {
      operations.emplace_back();
    } else {
      operations.back() += letter;
    }
  }
  if (operations.size() < 2 || operations.size() > 7) {
    throw invalid_value("number of operations", operations.size(), "2 to 7");
  }
  if (operations.front() != "input") throw invalid_value("first operation", operations.front(), "\"input\"");
  if (operations.back() != "output") throw invalid_value("last operation", operations.back(), "\"output\"");
  for (std::size_t vertex = 1; vertex + 1 < operations.size(); ++vertex) {
    bool known = false;
    for (const std::string_view name : nas_bench_101_operations) known = known || operations[vertex] == name;
    if (!known) {
      throw invalid_value(joined({"operation ", vertex}), operations[vertex],
                          "conv3x3-bn-relu, conv1x1-bn-relu or maxpool3x3");
    }
  }
  return operations;
}

inline void check_adjacency(const std::string& adjacency, std::size_t vertices) {
  if (adjacency.size() != vertices * vertices) {
    throw invalid_value("length of the adjacency", adjacency.size(),
                        joined({vertices * vertices, " for ", vertices, " operations"}));
  }
  std::size_t edges = 0;
  for (std::size_t from = 0; from < vertices; ++from) {
    for (std::size_t to = 0; to < vertices; ++to) {
      const char sign = adjacency[from * vertices + to];
      if (sign != '0' && sign != (from < to ? '1' : '0')) {
        throw invalid_value(joined({"adjacency in row ", from, ", column ", to}), std::string(1, sign),
                            from < to ? "0 or 1" : "0, as edges lead to later vertices");
      }
      edges += sign == '1';
    }
  }
  if (edges > 9) throw invalid_value("number of edges", edges, "at most 9");
}

}  // namespace detail

/// The text of a record: a JSON array of module hash, epochs, adjacency, operations (with commas between) and the
/// metrics, a protobuf message ModelMetrics of the benchmark in base64.
///
/// @throws std::invalid_argument if it is anything else, with the place, what was found and what was expected.
/// Complexity: O(characters).
inline NasBench101Record parse_nas_bench_101_record(std::string_view text) {
  NasBench101Record record;
  detail::RecordText json(text);
  json.take('[');
  record.module_hash = json.take_text("module hash");
  json.take(',');
  record.epochs = json.take_number("epochs");
  json.take(',');
  record.adjacency = json.take_text("adjacency");
  json.take(',');
  record.operations = detail::split_operations(json.take_text("operations"));
  json.take(',');
  const std::string metrics = json.take_text("metrics");
  json.take(']');
  json.expect_end();
  if (record.module_hash.size() != 32 ||
      record.module_hash.find_first_not_of("0123456789abcdef") != std::string::npos) {
    throw invalid_value("module hash", record.module_hash, "32 hexadecimal digits");
  }
  if (record.epochs != 4 && record.epochs != 12 && record.epochs != 36 && record.epochs != 108) {
    throw invalid_value("epochs", record.epochs, "4, 12, 36 or 108");
  }
  detail::check_adjacency(record.adjacency, record.operations.size());
  detail::parse_metrics(decode_base64(metrics), record);
  return record;
}

/// Reads NAS-Bench-101's file record by record: three trainings of each cell for each number of epochs.
class NasBench101Reader {
 public:
  /// @throws FileError if the file cannot be read.
  explicit NasBench101Reader(const std::string& path) : records_(path) {}

  /// Reads the next record; false at the end of the file.
  ///
  /// @throws FileError if the file is damaged or its record is none of NAS-Bench-101, with the place.
  bool next(NasBench101Record& record) {
    if (!records_.next()) return false;
    try {
      record = parse_nas_bench_101_record(records_.record());
    } catch (const std::invalid_argument& error) {
      records_.refuse(error.what());
    }
    return true;
  }

 private:
  TfRecordReader records_;
};

/// NAS-Bench-101's file as columns, a row a record, for `cached_table`: module_hash, epochs, the cell, params, and
/// {halfway,final}_{training_time,train_accuracy,validation_accuracy,test_accuracy}.
///
/// The cell is in three columns: vertices; adj, a hexadecimal number whose bit x + y(y-1)/2 is the edge x->y; ops, a
/// digit an operation between input and output, 0 conv3x3-bn-relu, 1 conv1x1-bn-relu, 2 maxpool3x3, or "-" if there is
/// none.
/// @throws FileError as `NasBench101Reader` does. Complexity: O(bytes).
inline std::vector<TableColumn> read_nas_bench_101(const std::string& path) {
  std::vector<TableColumn> columns;
  for (const char* name :
       {"module_hash", "adj", "ops", "epochs", "vertices", "params", "halfway_training_time", "halfway_train_accuracy",
        "halfway_validation_accuracy", "halfway_test_accuracy", "final_training_time", "final_train_accuracy",
        "final_validation_accuracy", "final_test_accuracy"}) {
    columns.emplace_back(name);
  }
  NasBench101Record record;
  for (NasBench101Reader reader(path); reader.next(record);) {
    const std::size_t vertices = record.operations.size();
    std::uint32_t edges = 0;
    std::string operations;
    for (std::size_t to = 1; to < vertices; ++to) {
      for (std::size_t from = 0; from < to; ++from) {
        const std::uint32_t edge = record.adjacency[from * vertices + to] == '1';
        edges |= edge << (from + to * (to - 1) / 2);
      }
    }
    for (std::size_t vertex = 1; vertex + 1 < vertices; ++vertex) {
      std::size_t digit = 0;
      while (record.operations[vertex] != nas_bench_101_operations[digit]) ++digit;
      operations += static_cast<char>('0' + digit);
    }
    std::array<char, 8> hexadecimal;
    const char* const end = std::to_chars(hexadecimal.data(), hexadecimal.data() + 8, edges, 16).ptr;
    columns[0].add(record.module_hash);
    columns[1].add(std::string_view(hexadecimal.data(), static_cast<std::size_t>(end - hexadecimal.data())));
    columns[2].add(operations.empty() ? "-" : std::string_view(operations));
    columns[3].add(record.epochs);
    columns[4].add(static_cast<double>(vertices));
    columns[5].add(record.trainable_parameters);
    std::size_t column = 6;
    for (const NasBench101Record::Evaluation* evaluation : {&record.halfway, &record.final}) {
      for (const double value : {evaluation->training_time, evaluation->train_accuracy, evaluation->validation_accuracy,
                                 evaluation->test_accuracy}) {
        columns[column++].add(value);
      }
    }
  }
  return columns;
}

}  // namespace gptnas
