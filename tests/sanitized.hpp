// GPTNAS_SANITIZED tells whether a sanitizer watches the program: it is slow then, and has a malloc of its own.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GPTNAS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define GPTNAS_SANITIZED 1
#endif
#endif

#if !defined(GPTNAS_SANITIZED)
#define GPTNAS_SANITIZED 0
#endif
