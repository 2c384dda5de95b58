// expect: gptnas::GptSize needs a width that the number of heads divides; see docs/concepts.md#gpt
#include <gptnas/gpt/gpt.hpp>

gptnas::Gpt<gptnas::GptSize<32, 64, 30, 2, 4>> model{gptnas::RandomStream(1)};
