// Where evaluations run.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// Runs everything in the calling thread, in order.
struct InlineExecutor {
  template <class Work>
  void for_each(std::size_t count, Work&& work) const {
    for (std::size_t index = 0; index < count; ++index) work(index);
  }
};

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

  /// @throws std::system_error if a thread cannot be started, when those that were have done the work.
  template <class Work>
  void for_each(std::size_t count, Work&& work) const {
    if (count == 0) return;
    std::atomic<std::size_t> next = 0;
    const auto take_turns = [&] {
      for (std::size_t index = next++; index < count; index = next++) work(index);
    };
    Threads others{std::vector<std::thread>(std::min(threads_, count) - 1)};
    for (std::thread& other : others.threads) other = std::thread(take_turns);
    take_turns();
  }

 private:
  struct Threads {
    std::vector<std::thread> threads;
    ~Threads() {
      for (std::thread& thread : threads) {
        if (thread.joinable()) thread.join();
      }
    }
  };

  std::size_t threads_;
};

}  // namespace gptnas
