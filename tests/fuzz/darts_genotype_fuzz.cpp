// Whatever the text of a genotype: it is refused, or it is a genome that is written and read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <gptnas/genome/equality.hpp>
#include <gptnas/spaces/darts.hpp>

template <class Genotypes>
void read(std::string_view text) {
  try {
    const auto genome = Genotypes::from_genotype(text);
    if (!gptnas::Equal{}(Genotypes::from_genotype(Genotypes::genotype(genome)), genome)) std::abort();
  } catch (const std::invalid_argument&) {
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read<gptnas::DartsCells>(text);
  read<gptnas::DartsCellsWithNone>(text);
  return 0;
}
