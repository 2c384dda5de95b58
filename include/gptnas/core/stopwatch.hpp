// The time that has passed.
#pragma once

#include <ctime>

#if !defined(CLOCK_MONOTONIC)
#include <chrono>
#endif

namespace gptnas {

/// Seconds since it was made, by a clock that is never set. Where the system has one of its own, no <chrono>: with its
/// calendars that costs a program a tenth of a second of its compilation.
class Stopwatch {
 public:
  double seconds() const { return now() - begin_; }

 private:
  static double now() {
#if defined(CLOCK_MONOTONIC)
    std::timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
#else
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
#endif
  }

  double begin_ = now();
};

}  // namespace gptnas
