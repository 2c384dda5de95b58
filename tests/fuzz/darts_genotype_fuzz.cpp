// Whatever the text of a genotype: it is refused, or it is a genome that is written and read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <gptnas/genome/equality.hpp>
#include <gptnas/spaces/darts.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using gptnas::DartsCells;
  try {
    const auto genome = DartsCells::from_genotype({reinterpret_cast<const char*>(data), size});
    if (!gptnas::Equal{}(DartsCells::from_genotype(DartsCells::genotype(genome)), genome)) std::abort();
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
