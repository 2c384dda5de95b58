// The whole model on the processor against PyTorch.
#include <gptnas/gpt/gpt_fitter.hpp>

#include <gtest/gtest.h>

#include "../backends.hpp"
#include "gpt_reference_suite.hpp"

namespace gptnas_test {

INSTANTIATE_TYPED_TEST_SUITE_P(Processor, GptReference, GptCases<Backends>::Type);

}  // namespace gptnas_test
