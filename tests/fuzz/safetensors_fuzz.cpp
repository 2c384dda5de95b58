// A safetensors file of any bytes, also with a right length of the header, is refused with a FileError, or its tensors
// are all of its data, and what is written of them is read as the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/little_endian.hpp>
#include <gptnas/gpt/safetensors.hpp>

namespace {

using namespace gptnas;

Safetensors opened(std::string_view file) { return Safetensors(FileBytes({file.begin(), file.end()}), "fuzz"); }

void read(std::string_view content) {
  try {
    const Safetensors file = opened(content);
    std::vector<NamedTensor> tensors;
    std::vector<float> values;
    std::size_t bytes = 8 + little_endian<std::uint64_t>(content);
    for (const SafetensorsTensor& tensor : file.tensors()) {
      bytes += std::string(tensor.bytes).size();
      try {
        const std::vector<float> part = file.values<float>(tensor);
        tensors.push_back({tensor.name, {tensor.shape.begin(), tensor.shape.end()}, values.size(), part.size()});
        values.insert(values.end(), part.begin(), part.end());
      } catch (const FileError&) {
      }
    }
    if (bytes != content.size()) std::abort();

    const Safetensors again = opened(to_safetensors(tensors, std::span<const float>(values), file.metadata()));
    if (again.metadata() != file.metadata() || again.tensors().size() != tensors.size()) std::abort();
    for (const SafetensorsTensor& tensor : again.tensors()) {
      const auto written = std::ranges::find(tensors, tensor.name, &NamedTensor::name);
      if (written == tensors.end() || !std::ranges::equal(tensor.shape, written->shape)) std::abort();
      const std::vector<float> part = again.values<float>(tensor);
      if (part.size() != written->size) std::abort();
      if (!part.empty() && std::memcmp(part.data(), values.data() + written->offset, 4 * part.size()) != 0)
        std::abort();
    }
  } catch (const FileError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string file(reinterpret_cast<const char*>(data), size);
  read(file);
  const std::size_t end = file.rfind('}');
  if (end == file.npos || end < 8) return 0;
  put_little_endian(std::span(file), std::uint64_t{end + 1 - 8});
  read(file);
  return 0;
}
