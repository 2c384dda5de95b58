// What a call says when it refuses.
#pragma once

#include <stdexcept>
#include <string>

namespace gptnas_test {

/// The message of the exception that `call()` throws, or "no exception"; an exception of another type passes through.
template <class Exception = std::invalid_argument, class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const Exception& error) {
    return error.what();
  }
  return "no exception";
}

}  // namespace gptnas_test
