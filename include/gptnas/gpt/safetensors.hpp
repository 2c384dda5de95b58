// The safetensors format, named tensors in one file, on nlohmann-json.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/little_endian.hpp>
#include <gptnas/data/file_bytes.hpp>
#include <gptnas/data/read_file.hpp>
#include <gptnas/gpt/gpt_tensors.hpp>

namespace gptnas {

/// One tensor of a safetensors file.
struct SafetensorsTensor {
  std::string name;
  std::string dtype;                 ///< the type of the elements, as the format names it: "F32"
  std::vector<std::uint64_t> shape;  ///< row-major; empty for a single number
  std::string_view bytes;            ///< the elements, lowest byte first
};

/// The texts that a safetensors file has beside its tensors.
using SafetensorsMetadata = std::map<std::string, std::string>;

namespace detail {

inline constexpr std::size_t safetensors_max_header = 100'000'000;  // bytes, the format's own limit
inline constexpr char safetensors_metadata[] = "__metadata__";

struct SafetensorsType {
  std::string_view name;
  unsigned bits;  // an element
};

inline constexpr std::array<SafetensorsType, 22> safetensors_types{{
    {"F64", 64},        {"F32", 32},        {"F16", 16},    {"BF16", 16},   {"F8_E4M3", 8}, {"F8_E5M2", 8},
    {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F8_E8M0", 8}, {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4},
    {"C64", 64},        {"I64", 64},        {"I32", 32},    {"I16", 16},    {"I8", 8},      {"U64", 64},
    {"U32", 32},        {"U16", 16},        {"U8", 8},      {"BOOL", 8},
}};

/// The name of a type of C++ in the format, and the unsigned number that has as many bits.
template <class Scalar>
struct SafetensorsScalar {
  static_assert(std::same_as<Scalar, float> || std::same_as<Scalar, double>,
                "gptnas reads and writes safetensors as float or double; see docs/concepts.md#weights");
  static constexpr const char* dtype = std::same_as<Scalar, float> ? "F32" : "F64";
  using Bits = std::conditional_t<std::same_as<Scalar, float>, std::uint32_t, std::uint64_t>;
};

/// The bits of a tensor; none if 64 bits cannot hold their number.
inline std::optional<std::uint64_t> bits_of(std::span<const std::uint64_t> shape, unsigned element_bits) {
  std::uint64_t bits = element_bits;
  for (const std::uint64_t size : shape) {
    if (size != 0 && bits > std::numeric_limits<std::uint64_t>::max() / size) return std::nullopt;
    bits *= size;
  }
  return bits;
}

/// A part of the header as an error shows it, in ASCII and not too long.
inline std::string excerpt(const nlohmann::json& part) {
  std::string text = part.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > 80) text.replace(77, std::string::npos, "...");
  return text;
}

}  // namespace detail

/// Reads a safetensors file: the header's length (8 bytes, lowest first), the header (a JSON object: for each tensor
/// its dtype, shape and data_offsets; under "__metadata__" an object of texts), the data.
///
/// It copies nothing: the tensors are views of the mapped file. The data have no checksum: a file whose header is whole
/// may hold other numbers than were written.
class Safetensors {
 public:
  /// @throws FileError if the file cannot be read or is not what the format says, with the place: the header is cut
  ///   off, longer than 100 MB, no JSON, or names something twice; a dtype is unknown; a tensor's shape and dtype ask
  ///   for other bytes than it has; the data of two tensors overlap, or there are bytes between them or behind them.
  /// Complexity: O(n log n) for n tensors, whatever their size; memory in proportion to the header.
  explicit Safetensors(const std::string& path) : Safetensors(read_file(path), path) {}

  /// The same for a file's content that is in memory. @param path  what errors name.
  Safetensors(FileBytes content, std::string path) : path_(std::move(path)), content_(std::move(content)) {
    const std::string_view file = content_.view();
    if (file.size() < 8) {
      refuse_at(0, joined({"the file has ", file.size(), " bytes; expected the length of a header, 8 bytes"}));
    }
    const auto length = little_endian<std::uint64_t>(file);
    if (length > detail::safetensors_max_header) {
      refuse_at(0, joined({"the header has ", length, " bytes; expected at most 100000000"}));
    }
    if (length > file.size() - 8) {
      refuse_at(0, joined({"the header has ", length, " bytes, and ", file.size() - 8,
                           " follow; expected the whole header"}));
    }
    const std::string_view data = file.substr(8 + static_cast<std::size_t>(length));
    const nlohmann::json header = parse(file.substr(8, static_cast<std::size_t>(length)));
    for (const auto& [name, part] : header.items()) {
      if (name == detail::safetensors_metadata) {
        read_metadata(part);
      } else {
        tensors_.push_back(tensor_of(name, part, data));
      }
    }
    check_order(data);
  }

  const std::string& path() const { return path_; }
  const SafetensorsMetadata& metadata() const { return metadata_; }

  /// In the order of their data; valid as long as this object or the one that it was moved to.
  const std::vector<SafetensorsTensor>& tensors() const { return tensors_; }

  /// The elements of a tensor of this file, of dtype F32 or F64, as float or double.
  ///
  /// @throws FileError if the dtype is another, or if a number of an F64 is too large for a float. Complexity:
  ///   O(elements).
  template <class Scalar>
  std::vector<Scalar> values(const SafetensorsTensor& tensor) const {
    if (tensor.dtype == "F32") return converted<Scalar, float>(tensor);
    if (tensor.dtype == "F64") return converted<Scalar, double>(tensor);
    refuse(tensor.name, joined({"dtype is \"", tensor.dtype, "\"; expected \"F32\" or \"F64\""}));
  }

  /// @throws FileError always: the tensor and what is wrong with it.
  [[noreturn]] void refuse(const std::string& tensor, const std::string& problem) const {
    throw FileError(path_, joined({"tensor ", detail::excerpt(tensor), ": ", problem}));
  }

 private:
  [[noreturn]] void refuse_at(std::size_t offset, const std::string& problem) const {
    throw FileError(path_, offset, problem);
  }

  // Nested as a header is, so that what follows may go down in it without care.
  nlohmann::json parse(std::string_view text) const {
    using Event = nlohmann::json::parse_event_t;
    if (!text.starts_with('{')) refuse_at(8, "the header does not begin with \"{\"; expected a JSON object");
    const std::size_t zero = text.find('\0');  // where the parser would take the header's end
    if (zero != text.npos) refuse_at(8 + zero, "the header has a zero byte; expected JSON");
    std::array<std::set<std::string>, 2> names;  // in the header, and in the object within it
    const auto check = [&](int depth, Event event, const nlohmann::json& parsed) {
      if ((event == Event::object_start && depth > 1) || (event == Event::array_start && depth > 2)) {
        refuse_at(8, "the header has an object or array within a tensor's dtype, shape or data_offsets; expected none");
      }
      if (event == Event::object_start && depth == 1) names[1].clear();
      if (event == Event::key && !names[static_cast<std::size_t>(depth) - 1].insert(parsed.get<std::string>()).second) {
        refuse_at(8, joined({"the header has ", detail::excerpt(parsed), " twice in one object; expected it once"}));
      }
      return true;
    };
    try {
      return nlohmann::json::parse(text.begin(), text.end(), check);
    } catch (const nlohmann::json::parse_error& error) {
      refuse_at(8 + error.byte - (error.byte > 0), "the header breaks off or has no JSON here; expected a JSON object");
    } catch (const nlohmann::json::out_of_range&) {
      refuse_at(8, "the header has a number that is too large; expected at most 18446744073709551615");
    }
  }

  void read_metadata(const nlohmann::json& part) {
    if (!part.is_object())
      refuse_at(8, joined({"\"__metadata__\" is ", detail::excerpt(part), "; expected an object"}));
    for (const auto& [name, text] : part.items()) {
      if (!text.is_string()) {
        refuse_at(8, joined({"metadata ", detail::excerpt(name), " is ", detail::excerpt(text), "; expected a text"}));
      }
      metadata_.emplace(name, text.get<std::string>());
    }
  }

  SafetensorsTensor tensor_of(const std::string& name, const nlohmann::json& part, std::string_view data) const {
    const auto is_array = [](const nlohmann::json& numbers) {
      return numbers.is_array() &&
             std::ranges::all_of(numbers, [](const auto& each) { return each.is_number_unsigned(); });
    };
    if (!part.is_object() || part.size() != 3 || !part.contains("dtype") || !part.contains("shape") ||
        !part.contains("data_offsets")) {
      refuse(name, joined({"is ", detail::excerpt(part), "; expected an object of dtype, shape and data_offsets"}));
    }
    const nlohmann::json &dtype = part["dtype"], &shape = part["shape"], &offsets = part["data_offsets"];
    const auto type = std::ranges::find(detail::safetensors_types, dtype.is_string() ? dtype.get<std::string>() : "",
                                        &detail::SafetensorsType::name);
    if (type == detail::safetensors_types.end()) {
      std::string names;
      for (const auto& each : detail::safetensors_types) names.append(names.empty() ? "" : ", ").append(each.name);
      refuse(name, joined({"dtype is ", detail::excerpt(dtype), "; expected one of ", names}));
    }
    if (!is_array(shape))
      refuse(name, joined({"shape is ", detail::excerpt(shape), "; expected an array of sizes from 0 on"}));
    if (!is_array(offsets) || offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size()) {
      refuse(name, joined({"data_offsets are ", detail::excerpt(offsets), "; expected begin and end within the ",
                           data.size(), " bytes of data"}));
    }
    const auto begin = offsets[0].get<std::size_t>(), size = offsets[1].get<std::size_t>() - begin;
    SafetensorsTensor tensor{name, std::string(type->name), shape.get<std::vector<std::uint64_t>>(),
                             data.substr(begin, size)};
    const auto bits = detail::bits_of(tensor.shape, type->bits);
    if (!bits)
      refuse(name, joined({"shape is ", detail::excerpt(shape), "; expected fewer elements, less than 2^64 bits"}));
    if (*bits % 8 != 0 || *bits / 8 != size) {
      refuse(name, joined({"data_offsets are ", detail::excerpt(offsets), ", ", size, " bytes; expected ", *bits,
                           " bits for the shape ", detail::excerpt(shape), " of ", tensor.dtype}));
    }
    return tensor;
  }

  // Sorts the tensors by their data, which must follow each other from the first byte to the last.
  void check_order(std::string_view data) {
    std::ranges::sort(tensors_, {}, [](const SafetensorsTensor& tensor) {
      return std::pair(tensor.bytes.data(), tensor.bytes.size());
    });
    std::size_t end = 0;
    for (const SafetensorsTensor& tensor : tensors_) {
      const auto begin = static_cast<std::size_t>(tensor.bytes.data() - data.data());
      if (begin != end) {
        refuse(tensor.name, joined({"its data begin at ", begin, "; expected ", end, ", where those before it end"}));
      }
      end += tensor.bytes.size();
    }
    if (end != data.size()) {
      refuse_at(content_.view().size() - data.size() + end,
                joined({data.size() - end, " bytes of data belong to no tensor; expected the file's end"}));
    }
  }

  template <class Scalar, class Stored>
  std::vector<Scalar> converted(const SafetensorsTensor& tensor) const {
    using Bits = typename detail::SafetensorsScalar<Stored>::Bits;
    std::vector<Scalar> values(tensor.bytes.size() / sizeof(Stored));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = std::bit_cast<Stored>(little_endian<Bits>(tensor.bytes.substr(i * sizeof(Stored))));
      if constexpr (sizeof(Scalar) < sizeof(Stored)) {
        if (is_finite(value) && std::abs(value) > std::numeric_limits<Scalar>::max()) {
          refuse(tensor.name,
                 joined({"element ", i, " is ", detail::excerpt(value), "; expected a number that a float can hold"}));
        }
      }
      values[i] = static_cast<Scalar>(value);
    }
    return values;
  }

  std::string path_;
  FileBytes content_;
  SafetensorsMetadata metadata_;
  std::vector<SafetensorsTensor> tensors_;
};

/// The content of a safetensors file, for `write_file`: F32 for float, F64 for double, in the order of the tensors.
///
/// @param tensors  names, and which of the values they are.
/// @throws std::invalid_argument if a name is there twice, is "__metadata__", or is no UTF-8 (nor may a text of the
///   metadata be); if a tensor's size is not that of its shape or goes beyond the values; or if the header has more
///   than 100 MB. Complexity: O(values).
template <class Scalar>
std::string to_safetensors(std::span<const NamedTensor> tensors, std::span<const Scalar> values,
                           const SafetensorsMetadata& metadata = {}) {
  using Traits = detail::SafetensorsScalar<Scalar>;
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header[detail::safetensors_metadata] = metadata;
  std::size_t end = 0;  // of the data so far
  for (const NamedTensor& tensor : tensors) {
    const std::vector<std::uint64_t> shape(tensor.shape.begin(), tensor.shape.end());
    const std::size_t begin = end;
    const bool is_part = tensor.offset <= values.size() && tensor.size <= values.size() - tensor.offset;
    if (is_part) end += tensor.size * sizeof(Scalar);
    if (!is_part || detail::bits_of(shape, 8 * sizeof(Scalar)) != 8 * (end - begin)) {
      throw invalid_value(joined({"to_safetensors: elements of ", tensor.name}), tensor.size,
                          joined({"as many as its shape ", detail::excerpt(shape), " has, within the values"}));
    }
    const nlohmann::json entry{{"dtype", Traits::dtype}, {"shape", shape}, {"data_offsets", {begin, end}}};
    if (tensor.name == detail::safetensors_metadata || !header.emplace(tensor.name, entry).second) {
      throw invalid_value("to_safetensors: name of a tensor", tensor.name, "a name of its own");
    }
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error&) {
    throw std::invalid_argument("to_safetensors: a name or a text of the metadata is no UTF-8; expected UTF-8");
  }
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the data are aligned
  if (text.size() > detail::safetensors_max_header) {
    throw invalid_value("to_safetensors: bytes of the header", text.size(), "at most 100000000");
  }

  std::string file(8, '\0');
  put_little_endian(std::span(file), std::uint64_t{text.size()});
  file += text;
  std::size_t place = file.size();
  file.resize(place + end);
  for (const NamedTensor& tensor : tensors) {
    for (const Scalar value : values.subspan(tensor.offset, tensor.size)) {
      put_little_endian(std::span(file).subspan(place), std::bit_cast<typename Traits::Bits>(value));
      place += sizeof(Scalar);
    }
  }
  return file;
}

}  // namespace gptnas
