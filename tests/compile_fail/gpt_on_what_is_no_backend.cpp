// expect: gptnas::Gpt needs a backend as its second argument; see docs/concepts.md#backend
#include <gptnas/gpt/gpt.hpp>

gptnas::Gpt<gptnas::GptSize<32, 64, 32, 2, 4>, float> model{gptnas::RandomStream(1)};
