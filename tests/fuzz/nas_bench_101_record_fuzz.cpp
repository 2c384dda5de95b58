// A record of NAS-Bench-101 of any bytes, and its metrics before base64: refused with std::invalid_argument, or read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <gptnas/data/nas_bench_101_records.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const gptnas::NasBench101Record record = gptnas::parse_nas_bench_101_record(bytes);
    const std::size_t vertices = record.operations.size();
    if (vertices < 2 || vertices > 7 || record.adjacency.size() != vertices * vertices) std::abort();
  } catch (const std::invalid_argument&) {
  }
  try {
    gptnas::NasBench101Record record{};
    gptnas::detail::parse_metrics(bytes, record);
    if (!(record.final.test_accuracy >= 0 && record.final.test_accuracy <= 1)) std::abort();
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
