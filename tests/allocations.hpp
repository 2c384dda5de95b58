// Counts allocations, by a malloc of our own, where no sanitizer has one: include it in one file of a program.
#pragma once

#include "sanitized.hpp"

#if defined(__GLIBC__) && !GPTNAS_SANITIZED
#define GPTNAS_COUNTS_ALLOCATIONS

#include <atomic>
#include <cstddef>

namespace gptnas_test {
inline std::atomic<std::size_t> allocations{0};
}

extern "C" void* __libc_malloc(std::size_t);
extern "C" void* malloc(std::size_t size) {
  ++gptnas_test::allocations;
  return __libc_malloc(size);
}

#endif
