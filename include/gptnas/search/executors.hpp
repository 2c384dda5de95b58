// Where evaluations run.
#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/thread_team.hpp>

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

  template <class Work>
  void for_each(std::size_t count, Work&& work) const {
    if (count == 0) return;
    ThreadTeam team(std::min(threads_, count));
    team.run(count, [&](std::size_t index, std::size_t) { work(index); });
  }

 private:
  std::size_t threads_;
};

}  // namespace gptnas
