// Evaluations side by side.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// Runs pieces of work side by side, one a thread; a thread that is done takes the next piece.
class ThreadExecutor {
 public:
  /// One thread a processor.
  ThreadExecutor() : threads_(std::max(1u, std::thread::hardware_concurrency())) {}
  /// @throws std::invalid_argument if `threads` is 0.
  explicit ThreadExecutor(std::size_t threads) : threads_(threads) {
    if (threads == 0) throw invalid_value("ThreadExecutor: threads", threads, "at least 1");
  }

  std::size_t threads() const { return threads_; }

  /// @throws what `work` throws, one exception if there are several; std::system_error if a thread cannot be started.
  template <class Work>
  void for_each(std::size_t count, Work&& work) const {
    if (count == 0) return;
    std::atomic<std::size_t> next = 0;
    std::atomic_flag failed;
    std::exception_ptr failure;
    const auto take_turns = [&] {
      for (std::size_t index = next++; index < count; index = next++) {
        try {
          work(index);
        } catch (...) {
          if (!failed.test_and_set()) failure = std::current_exception();
        }
      }
    };
    {
      std::vector<std::jthread> others(std::min(threads_, count) - 1);
      for (std::jthread& other : others) other = std::jthread(take_turns);
      take_turns();
    }
    if (failure) std::rethrow_exception(failure);
  }

 private:
  std::size_t threads_;
};

}  // namespace gptnas
