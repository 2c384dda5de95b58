// Every model of the concept Backend, for tests that hold for all of them.
#pragma once

#include <gtest/gtest.h>

#include <gptnas/tensor/eigen_backend.hpp>
#if defined(GPTNAS_WITH_ONEDNN)
#include <gptnas/tensor/one_dnn_backend.hpp>
#endif

namespace gptnas_test {

using Backends = testing::Types<gptnas::EigenBackend<float>, gptnas::EigenBackend<double>
#if defined(GPTNAS_WITH_ONEDNN)
                                ,
                                gptnas::OneDnnBackend<float>, gptnas::OneDnnBackend<double>
#endif
                                >;

}  // namespace gptnas_test
