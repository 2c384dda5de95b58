// A value that is named twice would have two indices.
// expect: gptnas::Choice needs distinct values; see docs/concepts.md#genome
#include <gptnas/genome/choice.hpp>

int main() { return gptnas::Choice<3, 5, 3>().value(); }
