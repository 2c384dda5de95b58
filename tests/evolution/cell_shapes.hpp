// Genomes with cells, small enough to be enumerated.
#pragma once

#include <gptnas/genome/reflection.hpp>

namespace shapes {

struct SmallCell {
  BOOST_HANA_DEFINE_STRUCT(SmallCell, (gptnas::Cell<4, 4, 1, 2, 3>, cell));
};

// A cell of which nothing can change, and one with no edge to spare where its path is the longest.
struct TwoCells {
  BOOST_HANA_DEFINE_STRUCT(TwoCells, (gptnas::Cell<2, 1, 1>, fixed), (gptnas::Cell<5, 4, 1, 2>, tight));
};

}  // namespace shapes
