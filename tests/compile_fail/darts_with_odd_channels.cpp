// The nodes of a cell of DARTS halve the channels.
// expect: gptnas::Darts needs an even number of channels; see docs/concepts.md#space
#include <gptnas/spaces/darts.hpp>

int main() { return gptnas::Darts<8, 15>::build({}, {}).parameters() > 0; }
