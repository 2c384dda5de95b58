// A small GPT with room for all genome types of the tests: one size, so that its code is compiled once a file.
#pragma once

#include <gptnas/gpt/gpt_size.hpp>

using RoomyGptSize = gptnas::GptSize<96, 448, 8, 1, 1>;
