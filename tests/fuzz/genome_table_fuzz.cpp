// A table of any bytes is refused with a FileError, or its rows are different valid genomes, whose digits mean the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/csv.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/constraint.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/trainers/genome_table.hpp>

namespace {

using namespace gptnas;

enum class Op : std::uint8_t { conv, pool };
struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block, (Choice<Op::conv, Op::pool>, op), (Choice<3, -5>, kernel));
};
struct Stage {
  BOOST_HANA_DEFINE_STRUCT(Stage, (Sequence<Block, 0, 2>, blocks), (Choice<false, true>, wide));
};
struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Sequence<Stage, 1, 2>, stages),
                             (Sequence<Sequence<Choice<0, 1>, 0, 2>, 0, 2>, tail));
  };
};

// Which may be refused, as digits do not tell the lengths.
std::string digits_of(const Space::Genome& genome) {
  std::string digits;
  for (std::size_t gene = 0; gene < gene_count(genome); ++gene) digits += std::to_string(gene_value(genome, gene));
  return digits;
}

Table table_of(std::string_view csv) { return Table(FileBytes(table_image(parse_csv(csv, "fuzz"))), "fuzz"); }

void check(const GenomeTable<Space>& table) {
  for (std::size_t row = 0; row < table.genomes().size(); ++row) {
    const Space::Genome& genome = table.genomes()[row];
    if (!is_valid(genome) || table.row(genome) != row) std::abort();
    const Table digits = table_of("key\n" + digits_of(genome) + "\n");
    try {
      if (!Equal{}(GenomeTable<Space>(digits, "key").genomes().at(0), genome)) std::abort();
    } catch (const FileError&) {
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Table table = table_of(text);
    try {
      check(GenomeTable<Space>(table));
    } catch (const FileError&) {
    }
    check(GenomeTable<Space>(table, "key"));
  } catch (const FileError&) {
  }
  return 0;
}
