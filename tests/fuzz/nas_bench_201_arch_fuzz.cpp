// Whatever the text of an arch string: it is refused, or it is the text that the genome's own is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <gptnas/spaces/nas_bench_201.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gptnas::NasBench201;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    if (NasBench201::arch_string(NasBench201::from_arch_string(text)) != text) std::abort();
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
