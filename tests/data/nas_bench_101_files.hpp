// Small files like NAS-Bench-101's own, with parts that a test may damage.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gptnas/data/tfrecord.hpp>

namespace gptnas_test {

template <class Unsigned>
std::string little_endian_bytes(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) bytes += static_cast<char>(value >> (8 * i) & 255);
  return bytes;
}

/// One record of a TFRecord file.
inline std::string tfrecord(std::string_view data) {
  const std::string length = little_endian_bytes(std::uint64_t{data.size()});
  return length + little_endian_bytes(gptnas::masked_crc32c(length)) + std::string(data) +
         little_endian_bytes(gptnas::masked_crc32c(data));
}

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}

// Fields of a protobuf message.
inline std::string integer_field(std::uint64_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}
inline std::string double_field(std::uint64_t field, double value) {
  return varint(field << 3 | 1) + little_endian_bytes(std::bit_cast<std::uint64_t>(value));
}
inline std::string bytes_field(std::uint64_t field, std::string_view bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

/// A message EvaluationData whose values follow from one number in [0, 0.9].
inline std::string evaluation(double value) {
  return double_field(1, 54) + double_field(2, 1000 * value) + double_field(3, value + 0.03) +
         double_field(4, value + 0.02) + double_field(5, value + 0.01) + bytes_field(6, "/model.ckpt");
}

/// A message ModelMetrics.
inline std::string metrics(double halfway = 0.5, double final = 0.75, std::uint64_t parameters = 8555530) {
  return bytes_field(1, evaluation(0)) + bytes_field(1, evaluation(halfway)) + bytes_field(1, evaluation(final)) +
         integer_field(2, parameters) + double_field(3, 3000);
}

/// RFC 4648, section 4.
inline std::string base64(std::string_view bytes) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t start = 0; start < bytes.size(); start += 3) {
    std::uint32_t group = 0;
    const std::size_t size = bytes.size() - start < 3 ? bytes.size() - start : 3;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < size ? static_cast<std::uint8_t>(bytes[start + i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) text += i <= size ? alphabet[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

/// The text of a record. The default is a cell of five vertices: input, a convolution beside two operations in a row,
/// output.
struct RecordParts {
  std::string hash = "00005c142e6f48ac74fdcf73e3439874";
  std::string epochs = "108";
  std::string adjacency = "01100" "00001" "00010" "00001" "00000";
  std::string operations = "input,conv3x3-bn-relu,maxpool3x3,conv1x1-bn-relu,output";
  std::string metrics = base64(gptnas_test::metrics());

  std::string text() const {
    return "[\"" + hash + "\", " + epochs + ", \"" + adjacency + "\", \"" + operations + "\", \"" + metrics + "\"]";
  }
};

}  // namespace gptnas_test
