// The wire format of Protocol Buffers, as far as a reader needs it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gptnas/core/joined.hpp>
#include <gptnas/core/little_endian.hpp>

namespace gptnas {

/// Reads a message field by field (protobuf.dev, "Encoding"). A field that the caller does not know is skipped by
/// asking for the next one.
class ProtobufReader {
 public:
  /// @param message  bytes that outlive the reader. @param start  of the message in what errors count bytes of.
  explicit ProtobufReader(std::string_view message, std::size_t start = 0) : message_(message), start_(start) {}

  /// Goes to the next field; false at the end.
  ///
  /// @throws std::invalid_argument if the message is damaged, with the place.
  bool next() {
    if (at_ == message_.size()) return false;
    field_start_ = at_;
    const std::uint64_t tag = varint();
    field_ = tag >> 3;
    if (field_ == 0 || field_ >= std::uint64_t{1} << 29) {
      refuse(field_start_, joined({"the field is ", field_, "; expected 1 to 536870911"}));
    }
    wire_type_ = static_cast<unsigned>(tag & 7);
    switch (wire_type_) {
      case varint_type: value_ = varint(); break;
      case double_type: value_ = little_endian<std::uint64_t>(take(8)); break;
      case bytes_type: bytes_ = take(varint()); break;
      case fixed32_type: value_ = little_endian<std::uint32_t>(take(4)); break;
      default:
        refuse(field_start_,
               joined({"the wire type of field ", field_, " is ", wire_type_, "; expected 0, 1, 2 or 5"}));
    }
    return true;
  }

  /// The number of the field.
  std::uint64_t field() const { return field_; }

  /// The field's value as what it is defined to be. @throws std::invalid_argument if it has another wire type.
  std::uint64_t integer() const { return expect(varint_type), value_; }
  double real() const { return expect(double_type), std::bit_cast<double>(value_); }
  ProtobufReader message() const {
    expect(bytes_type);
    return ProtobufReader(bytes_, start_ + at_ - bytes_.size());
  }

  /// @throws std::invalid_argument always: the place of the field and what is wrong with it.
  [[noreturn]] void refuse(const std::string& problem) const { refuse(field_start_, problem); }

 private:
  static constexpr unsigned varint_type = 0, double_type = 1, bytes_type = 2, fixed32_type = 5;

  [[noreturn]] void refuse(std::size_t place, const std::string& problem) const {
    throw std::invalid_argument(joined({"protobuf: at byte ", start_ + place, ": ", problem}));
  }

  void expect(unsigned wire_type) const {
    if (wire_type_ == wire_type) return;
    refuse(joined({"the wire type of field ", field_, " is ", wire_type_, "; expected ", wire_type}));
  }

  std::uint64_t varint() {
    const std::size_t place = at_;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (at_ == message_.size()) refuse(place, "a varint is cut off; expected its last byte");
      const auto byte = static_cast<std::uint8_t>(message_[at_++]);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
    refuse(place, "a varint is too long; expected at most 64 bits in at most 10 bytes");
  }

  std::string_view take(std::uint64_t size) {
    const std::size_t rest = message_.size() - at_;
    if (size > rest) {
      refuse(at_, joined({"field ", field_, " has ", size, " bytes; expected at most the ", rest, " that are left"}));
    }
    at_ += static_cast<std::size_t>(size);
    return message_.substr(at_ - static_cast<std::size_t>(size), static_cast<std::size_t>(size));
  }

  std::string_view message_;
  std::size_t start_, at_ = 0;
  std::size_t field_start_ = 0;
  std::uint64_t field_ = 0;
  unsigned wire_type_ = 0;
  std::uint64_t value_ = 0;
  std::string_view bytes_;
};

}  // namespace gptnas
