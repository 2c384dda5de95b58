#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gptnas/data/cached_table.hpp>
#include <gptnas/data/nas_bench_101_records.hpp>

#include "../message_of.hpp"
#include "../temporary_folder.hpp"
#include "nas_bench_101_files.hpp"

namespace nas_bench_101_records_test {

using gptnas::NasBench101Reader;
using gptnas::NasBench101Record;
using gptnas::parse_nas_bench_101_record;
using gptnas_test::base64;
using gptnas_test::bytes_field;
using gptnas_test::double_field;
using gptnas_test::evaluation;
using gptnas_test::integer_field;
using gptnas_test::metrics;
using gptnas_test::RecordParts;
using gptnas_test::TemporaryFolder;
using gptnas_test::tfrecord;

std::string refusal(const std::string& text) {
  return gptnas_test::message_of([&] { parse_nas_bench_101_record(text); });
}
std::string refusal_of_metrics(const std::string& bytes) {
  return refusal(RecordParts{.metrics = base64(bytes)}.text());
}

TEST(NasBench101Record, HoldsWhatWasWritten) {
  const NasBench101Record record = parse_nas_bench_101_record(RecordParts().text());
  EXPECT_EQ(record.module_hash, "00005c142e6f48ac74fdcf73e3439874");
  EXPECT_EQ(record.epochs, 108u);
  EXPECT_EQ(record.adjacency, "0110000001000100000100000");
  EXPECT_EQ(record.operations, (std::vector<std::string>{"input", "conv3x3-bn-relu", "maxpool3x3", "conv1x1-bn-relu",
                                                         "output"}));
  EXPECT_EQ(record.trainable_parameters, 8555530u);
  EXPECT_EQ(record.halfway.training_time, 500);
  EXPECT_EQ(record.halfway.train_accuracy, 0.53);
  EXPECT_EQ(record.halfway.validation_accuracy, 0.52);
  EXPECT_EQ(record.halfway.test_accuracy, 0.51);
  EXPECT_EQ(record.final.training_time, 750);
  EXPECT_EQ(record.final.train_accuracy, 0.78);
  EXPECT_EQ(record.final.validation_accuracy, 0.77);
  EXPECT_EQ(record.final.test_accuracy, 0.76);
}

TEST(NasBench101Record, MayBeSpacedAndEscapedAsJsonMay) {
  RecordParts parts;
  parts.metrics.insert(8, "\\n");
  std::string text = " [ \t\"" + parts.hash + "\" ,\n" + parts.epochs + ",\"" + parts.adjacency + "\",\"" +
                     parts.operations + "\",\"";
  for (const char letter : parts.metrics) text += letter == '/' ? std::string("\\/") : std::string(1, letter);
  EXPECT_EQ(parse_nas_bench_101_record(text + "\"]\r\n").final.test_accuracy, 0.76);
}

TEST(NasBench101Record, MayHaveFieldsThatAreNotKnown) {
  const std::string unknown = integer_field(9, 1) + double_field(10, 1) + bytes_field(11, "x");
  const std::string longer = evaluation(0.5) + unknown;
  const std::string message = unknown + bytes_field(1, evaluation(0)) + bytes_field(1, longer) + integer_field(2, 7) +
                              bytes_field(1, evaluation(0.25)) + unknown;
  const NasBench101Record record = parse_nas_bench_101_record(RecordParts{.metrics = base64(message)}.text());
  EXPECT_EQ(record.halfway.test_accuracy, 0.51);
  EXPECT_EQ(record.final.test_accuracy, 0.26);
  EXPECT_EQ(record.trainable_parameters, 7u);
}

TEST(NasBench101Record, SaysWhatIsWrongWithItsJson) {
  EXPECT_EQ(refusal(""), "JSON: at character 0: expected '['");
  EXPECT_EQ(refusal("{}"), "JSON: at character 0: expected '['");
  EXPECT_EQ(refusal("[]"), "JSON: at character 1: expected the module hash, a text in quotes");
  EXPECT_EQ(refusal("[5, 108]"), "JSON: at character 1: expected the module hash, a text in quotes");
  EXPECT_EQ(refusal("[\"a\" 108]"), "JSON: at character 5: expected ','");
  EXPECT_EQ(refusal("[\"a"), "JSON: at character 3: the record ends within the module hash; expected '\"'");
  EXPECT_EQ(refusal("[\"a\\u0041"), "JSON: at character 3: an escape in the module hash; expected \\n or \\/ if any");
  EXPECT_EQ(refusal("[\"a\\"), "JSON: at character 3: an escape in the module hash; expected \\n or \\/ if any");
  EXPECT_EQ(refusal("[\"a\nb"), "JSON: at character 3: a control character in the module hash; expected '\"' first");
  for (const std::string epochs : {"\"108\"", "-4", "null", "99999999999", ""}) {
    EXPECT_EQ(refusal(RecordParts{.epochs = epochs}.text()),
              "JSON: at character 37: expected the epochs, a natural number");
  }
  EXPECT_EQ(refusal(RecordParts{.epochs = "108.0"}.text()), "JSON: at character 40: expected ','");
  EXPECT_EQ(refusal(RecordParts{.epochs = "108, 1"}.text()),
            "JSON: at character 42: expected the adjacency, a text in quotes");
  const std::string text = RecordParts().text(), size = std::to_string(text.size());
  EXPECT_EQ(refusal(text + "x"), "JSON: at character " + size + ": expected the end of the record");
  EXPECT_EQ(refusal(text.substr(0, text.size() - 1) + ", 5]"),
            "JSON: at character " + std::to_string(text.size() - 1) + ": expected ']'");
  for (std::size_t length = 0; length < text.size(); ++length) {
    ASSERT_NE(refusal(text.substr(0, length)).find("JSON: at character "), std::string::npos) << length;
  }
}

TEST(NasBench101Record, SaysWhatIsWrongWithItsValues) {
  const auto with_hash = [](const std::string& hash) { return refusal(RecordParts{.hash = hash}.text()); };
  EXPECT_EQ(with_hash("0000"), "module hash is \"0000\"; expected 32 hexadecimal digits");
  const std::string wrong = "00005c142e6f48ac74fdcf73e343987g";
  EXPECT_EQ(with_hash(wrong), "module hash is \"" + wrong + "\"; expected 32 hexadecimal digits");
  EXPECT_EQ(refusal(RecordParts{.epochs = "107"}.text()), "epochs is 107; expected 4, 12, 36 or 108");

  const auto with_operations = [](const std::string& operations) {
    return refusal(RecordParts{.operations = operations}.text());
  };
  EXPECT_EQ(with_operations("input"), "number of operations is 1; expected 2 to 7");
  EXPECT_EQ(with_operations("input,,,,,,,output"), "number of operations is 8; expected 2 to 7");
  EXPECT_EQ(with_operations("output,output"), "first operation is \"output\"; expected \"input\"");
  EXPECT_EQ(with_operations("input,input"), "last operation is \"input\"; expected \"output\"");
  EXPECT_EQ(with_operations("input,maxpool3x3,conv5x5,output"),
            "operation 2 is \"conv5x5\"; expected conv3x3-bn-relu, conv1x1-bn-relu or maxpool3x3");
  EXPECT_EQ(with_operations("input,,output"),
            "operation 1 is \"\"; expected conv3x3-bn-relu, conv1x1-bn-relu or maxpool3x3");

  const auto with_adjacency = [](const std::string& adjacency) {
    return refusal(RecordParts{.adjacency = adjacency}.text());
  };
  EXPECT_EQ(with_adjacency(std::string(24, '0')), "length of the adjacency is 24; expected 25 for 5 operations");
  EXPECT_EQ(with_adjacency("0120000001000100000100000"), "adjacency in row 0, column 2 is \"2\"; expected 0 or 1");
  EXPECT_EQ(with_adjacency("0110000001000100010100000"),
            "adjacency in row 3, column 2 is \"1\"; expected 0, as edges lead to later vertices");
  EXPECT_EQ(with_adjacency("1110000001000100000100000"),
            "adjacency in row 0, column 0 is \"1\"; expected 0, as edges lead to later vertices");
  EXPECT_EQ(with_adjacency("0111100111000110000100000"), "number of edges is 10; expected at most 9");
}

TEST(NasBench101Record, SaysWhatIsWrongWithItsMetrics) {
  EXPECT_EQ(refusal(RecordParts{.metrics = "Zg="}.text()),
            "base64: at character 3: the text ends within a group; expected four characters a group");
  const std::string whole = metrics();
  EXPECT_EQ(refusal_of_metrics(whole), "no exception");
  for (std::size_t size = 0; size < whole.size() - 9; ++size) {  // the last field, total_time, is not read
    ASSERT_NE(refusal_of_metrics(whole.substr(0, size)), "no exception") << size;
  }
  const std::string start = bytes_field(1, evaluation(0)), end = bytes_field(1, evaluation(0.5)) + integer_field(2, 1);
  EXPECT_EQ(refusal_of_metrics(start + end),
            "2 evaluations; expected 3: before, halfway through and after the training");
  EXPECT_EQ(refusal_of_metrics(start + start + start + end),
            "4 evaluations; expected 3: before, halfway through and after the training");
  EXPECT_EQ(refusal_of_metrics(start + start + start), "the metrics have no trainable_parameters; expected them");
  const std::string place = "protobuf: at byte " + std::to_string(start.size()) + ": ";
  EXPECT_EQ(refusal_of_metrics(start + double_field(2, 1)), place + "the wire type of field 2 is 1; expected 0");
  EXPECT_EQ(refusal_of_metrics(start + integer_field(1, 1)), place + "the wire type of field 1 is 0; expected 2");
  for (const std::uint64_t value : {std::uint64_t{1} << 31, ~std::uint64_t{0}}) {  // the latter is -1 in protobuf
    EXPECT_EQ(refusal_of_metrics(start + integer_field(2, value)),
              place + "trainable_parameters is " + std::to_string(value) + "; expected at most 2147483647");
  }

  // Of an evaluation, of which protobuf takes the last value of each field.
  const auto with_halfway = [&](const std::string& fields) {
    return refusal_of_metrics(start + bytes_field(1, fields) + end);
  };
  constexpr std::array names{"training_time", "train_accuracy", "validation_accuracy", "test_accuracy"};
  for (std::uint64_t absent = 2; absent < 6; ++absent) {
    const std::string name = names[absent - 2];
    std::string others;
    for (std::uint64_t field = 2; field < 6; ++field) {
      if (field != absent) others += double_field(field, 1);
    }
    EXPECT_EQ(with_halfway(others), "the evaluation halfway has no " + name + "; expected one");
    EXPECT_EQ(refusal_of_metrics(start + start + bytes_field(1, others) + integer_field(2, 1)),
              "the evaluation after the training has no " + name + "; expected one");
  }
  EXPECT_EQ(with_halfway(evaluation(0.5) + double_field(4, 1)), "no exception");
  const std::string inner =
      "protobuf: at byte " + std::to_string(start.size() + 2 + evaluation(0.5).size()) + ": ";
  EXPECT_EQ(with_halfway(evaluation(0.5) + integer_field(5, 1)), inner + "the wire type of field 5 is 0; expected 1");
  EXPECT_EQ(with_halfway(evaluation(0.5) + double_field(5, 1.5)), inner + "test_accuracy is 1.5; expected 0 to 1");
  EXPECT_EQ(with_halfway(evaluation(0.5) + double_field(3, std::numeric_limits<double>::quiet_NaN())),
            inner + "train_accuracy is nan; expected 0 to 1");
  EXPECT_EQ(with_halfway(evaluation(0.5) + double_field(2, -1)),
            inner + "training_time is -1; expected at least 0 and finite");
  EXPECT_EQ(with_halfway(evaluation(0.5) + double_field(2, std::numeric_limits<double>::infinity())),
            inner + "training_time is inf; expected at least 0 and finite");
}

// The smallest cell and the default one, in two records.
std::string two_records() {
  const RecordParts smallest{.hash = std::string(32, 'f'),
                             .epochs = "4",
                             .adjacency = "0100",
                             .operations = "input,output",
                             .metrics = base64(metrics(0.125, 0.25, 42))};
  return tfrecord(RecordParts().text()) + tfrecord(smallest.text());
}

TEST(NasBench101File, IsReadRecordByRecord) {
  const TemporaryFolder folder;
  NasBench101Reader reader(folder.write("a.tfrecord", two_records()));
  NasBench101Record record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.operations.size(), 5u);
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.operations.size(), 2u);
  EXPECT_EQ(record.trainable_parameters, 42u);
  EXPECT_FALSE(reader.next(record));
}

TEST(NasBench101File, SaysWhichRecordIsWrong) {
  const TemporaryFolder folder;
  const std::string first = tfrecord(RecordParts().text());
  folder.write("a.tfrecord", first + tfrecord(RecordParts{.epochs = "5"}.text()));
  EXPECT_EQ(folder.refusal([&] { gptnas::read_nas_bench_101(folder.path() / "a.tfrecord"); }),
            "a.tfrecord: at byte " + std::to_string(first.size() + 12) +
                ": record 2: epochs is 5; expected 4, 12, 36 or 108");
}

TEST(NasBench101File, IsConvertedToATable) {
  const TemporaryFolder folder;
  const auto source = folder.write("a.tfrecord", two_records());
  const gptnas::Table table = gptnas::cached_table(source, folder.path() / "cache", gptnas::read_nas_bench_101);
  ASSERT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.texts("module_hash")[1], std::string(32, 'f'));
  // Edges 0->1, 0->2, 2->3, 1->4 and 3->4 are the bits 0, 1, 5, 7 and 9.
  EXPECT_EQ(table.texts("adj")[0], "2a3");
  EXPECT_EQ(table.texts("adj")[1], "1");
  EXPECT_EQ(table.texts("ops")[0], "021");
  EXPECT_EQ(table.texts("ops")[1], "-");
  const auto check = [&](const char* name, double first, double second) {
    EXPECT_EQ(table.numbers(name)[0], first) << name;
    EXPECT_EQ(table.numbers(name)[1], second) << name;
  };
  check("epochs", 108, 4);
  check("vertices", 5, 2);
  check("params", 8555530, 42);
  check("halfway_training_time", 500, 125);
  check("halfway_train_accuracy", 0.53, 0.125 + 0.03);
  check("halfway_validation_accuracy", 0.52, 0.125 + 0.02);
  check("halfway_test_accuracy", 0.51, 0.125 + 0.01);
  check("final_training_time", 750, 250);
  check("final_train_accuracy", 0.78, 0.25 + 0.03);
  check("final_validation_accuracy", 0.77, 0.25 + 0.02);
  check("final_test_accuracy", 0.76, 0.25 + 0.01);
}

}  // namespace nas_bench_101_records_test
