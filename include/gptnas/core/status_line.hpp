// One line on standard error that says how far something is.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

namespace gptnas {

/// In a terminal it is one line that is written anew, and ended when this object goes; elsewhere one plain line a call.
class StatusLine {
 public:
  StatusLine() = default;
  ~StatusLine() {
    if (open_) std::fputc('\n', stderr);
  }
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  bool is_terminal() const { return terminal_; }

  void write(const std::string& text) {
    std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", text.c_str());
    std::fflush(stderr);
    open_ = terminal_;
  }

  /// A number with so many digits behind the point; from 1e15 on in exponential form.
  static std::string number(double value, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, -1e15 < value && value < 1e15 ? "%.*f" : "%.*e", digits, value);
    return text;
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  bool open_ = false;
};

}  // namespace gptnas
