// Eigen's dense arrays, in a version that fits, without the warnings that are not the user's.
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // GCC's AVX-512 intrinsics start from undefined registers
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <Eigen/Core>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

static_assert(EIGEN_VERSION_AT_LEAST(3, 4, 0), "gptnas needs Eigen 3.4 or newer");
