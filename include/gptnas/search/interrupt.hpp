// Ctrl-C as a stop request (POSIX).
#pragma once

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <stop_token>
#include <thread>

namespace gptnas {

/// While it lives, the first SIGINT or SIGTERM is a stop request instead of the program's end; the second one ends the
/// program at once.
///
/// Make it before any other thread: the signals are blocked in this thread and in those that it starts, and received by
/// a thread of its own, so that no signal handler and no global state is needed.
class Interrupt {
 public:
  Interrupt() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &previous_);
    receiver_ = std::jthread([this](const std::stop_token& end) { receive(end); });
  }
  ~Interrupt() {
    receiver_.request_stop();
    receiver_.join();
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// The token of the stop request.
  std::stop_token token() const { return source_.get_token(); }

 private:
  void receive(const std::stop_token& end) {
    const timespec patience{0, 50'000'000};
    while (!end.stop_requested()) {
      const int signal = sigtimedwait(&signals_, nullptr, &patience);
      if (signal > 0 && !source_.request_stop()) _exit(128 + signal);
    }
  }

  sigset_t signals_{}, previous_{};
  std::stop_source source_;
  std::jthread receiver_;
};

}  // namespace gptnas
