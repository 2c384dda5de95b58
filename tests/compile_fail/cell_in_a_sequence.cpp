// A cell is no item of a container.
// expect: gptnas: a Cell is no item of a Repeat or Sequence; see docs/concepts.md#genome
#include <gptnas/genome/tokens.hpp>

using CellType = gptnas::Cell<4, 5, 1, 2>;

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Sequence<CellType, 1, 2>, cells));
};

int main() { return static_cast<int>(gptnas::encode(Genome{}).size()); }
