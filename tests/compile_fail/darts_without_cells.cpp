// A network of DARTS is a stack of cells.
// expect: gptnas::Darts needs at least one cell; see docs/concepts.md#space
#include <gptnas/spaces/darts.hpp>

int main() { return gptnas::Darts<0, 16>::build({}, {}).parameters() > 0; }
