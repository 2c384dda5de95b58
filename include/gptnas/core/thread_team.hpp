// Threads for work that comes in short pieces, again and again.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// Threads that wait between two pieces of work; the thread that gives them work is one of them.
class ThreadTeam {
 public:
  /// @throws std::invalid_argument if `threads` is 0; std::system_error if a thread cannot be started.
  explicit ThreadTeam(std::size_t threads) {
    if (threads == 0) throw invalid_value("ThreadTeam: threads", threads, "at least 1");
    try {
      for (std::size_t thread = 1; thread < threads; ++thread) {
        others_.emplace_back([this, thread] { wait_for_work(thread); });
      }
    } catch (...) {
      end();
      throw;
    }
  }
  ~ThreadTeam() { end(); }
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  std::size_t size() const { return others_.size() + 1; }

  /// Calls `work(index, thread)` once for each index below `count`, `thread` being below `size()`, and waits for all;
  /// a thread that is done takes the next index.
  ///
  /// @throws what `work` throws, one exception if there are several. Allocates nothing.
  template <class Work>
  void run(std::size_t count, const Work& work) {
    if (others_.empty() || count <= 1) {
      for (std::size_t index = 0; index < count; ++index) work(index, std::size_t{0});
      return;
    }
    call_ = [](const void* context, std::size_t index, std::size_t thread) {
      (*static_cast<const Work*>(context))(index, thread);
    };
    context_ = &work;
    count_ = count;
    next_ = 0;
    busy_ = others_.size();
    ++round_;
    round_.notify_all();
    take_turns(0);
    for (std::size_t busy = busy_; busy != 0; busy = busy_) busy_.wait(busy);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

 private:
  void take_turns(std::size_t thread) {
    for (std::size_t index = next_++; index < count_; index = next_++) {
      try {
        call_(context_, index, thread);
      } catch (...) {
        const std::lock_guard lock(failing_);
        failure_ = std::current_exception();
      }
    }
  }

  void wait_for_work(std::size_t thread) {
    for (std::uint64_t round = 0;;) {
      round_.wait(round);
      round = round_;
      if (ended_) return;
      take_turns(thread);
      if (--busy_ == 0) busy_.notify_one();
    }
  }

  void end() {
    ended_ = true;
    ++round_;
    round_.notify_all();
    for (std::thread& thread : others_) thread.join();
  }

  std::vector<std::thread> others_;
  void (*call_)(const void*, std::size_t, std::size_t) = nullptr;
  const void* context_ = nullptr;
  std::size_t count_ = 0;
  std::atomic<std::size_t> next_ = 0, busy_ = 0;
  std::atomic<std::uint64_t> round_ = 0;  // pieces of work until now
  std::atomic<bool> ended_ = false;
  std::mutex failing_;
  std::exception_ptr failure_;
};

}  // namespace gptnas
