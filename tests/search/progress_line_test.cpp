// What the progress line writes to standard error.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>

#include <gptnas/core/outcome.hpp>
#include <gptnas/search/progress_line.hpp>

namespace progress_line_test {

using namespace gptnas;

struct Evaluated {
  Outcome outcome;
};
const Evaluated measured{Measured{{0.87654}, {}, 1}}, failed{Failed{FailureKind::diverged, "no loss"}};

std::string written(const Evaluated& evaluated, const SearchProgress& progress) {
  testing::internal::CaptureStderr();
  ProgressLine().observe(evaluated, progress);
  return testing::internal::GetCapturedStderr();
}

TEST(ProgressLine, IsAPlainLineAnEvaluationWhereTheOutputIsNoTerminal) {
  testing::internal::CaptureStderr();
  {
    ProgressLine line;
    line.observe(measured, {.evaluations = 1, .budget_evaluations = 5, .seconds = 2.4, .best = 0.87654});
    line.observe(failed, {.evaluations = 2, .budget_evaluations = 5, .seconds = 3, .best = 0.87654});
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "evaluation 1/5  value 0.8765  best 0.8765  elapsed 2 s  remaining 10 s\n"
            "evaluation 2/5  failed: diverged  best 0.8765  elapsed 3 s  remaining 4 s\n");
}

TEST(ProgressLine, SaysNothingOfABestBeforeThereIsOne) {
  EXPECT_EQ(written(failed, {.evaluations = 1, .budget_evaluations = 2, .seconds = 1, .best = {}}),
            "evaluation 1/2  failed: diverged  elapsed 1 s  remaining 1 s\n");
}

TEST(ProgressLine, WritesLargeNumbersInExponentialForm) {
  const double huge = -1.5e308;
  EXPECT_EQ(written({Measured{{1e35}, {}, 1}}, {.evaluations = 1, .seconds = 1, .best = huge}),
            "evaluation 1  value 1.0000e+35  best -1.5000e+308  elapsed 1 s\n");
  EXPECT_EQ(written({Measured{{-123456789012345.0}, {}, 1}}, {.evaluations = 1, .seconds = 1, .best = 1e15}),
            "evaluation 1  value -123456789012345.0000  best 1.0000e+15  elapsed 1 s\n");
}

TEST(ProgressLine, TheRemainingTimeIsThatOfTheLimitThatComesFirst) {
  const auto remaining = [](const SearchProgress& progress) {
    const std::string line = written(measured, progress);
    const std::size_t place = line.find("remaining");
    return place == std::string::npos ? "" : line.substr(place);
  };
  EXPECT_EQ(remaining({.evaluations = 10, .budget_evaluations = 40, .seconds = 20, .best = {}}), "remaining 60 s\n");
  EXPECT_EQ(remaining({.evaluations = 10, .seconds = 20, .budget_seconds = 120, .best = {}}), "remaining 100 s\n");
  EXPECT_EQ(remaining({.evaluations = 10, .budget_evaluations = 40, .seconds = 20, .budget_seconds = 50, .best = {}}),
            "remaining 30 s\n");
  EXPECT_EQ(remaining({.evaluations = 10, .budget_evaluations = 40, .seconds = 20, .budget_seconds = 500, .best = {}}),
            "remaining 60 s\n");
  EXPECT_EQ(remaining({.evaluations = 10, .seconds = 130, .budget_seconds = 120, .best = {}}), "remaining 0 s\n");
  EXPECT_EQ(remaining({.evaluations = 40, .budget_evaluations = 40, .seconds = 20, .best = {}}), "remaining 0 s\n");
  EXPECT_EQ(remaining({.evaluations = 10, .seconds = 20, .best = {}}), "");
}

// A pseudo-terminal in the place of standard error.
class Terminal {
 public:
  Terminal() : controller_(posix_openpt(O_RDWR | O_NOCTTY)) {
    if (controller_ < 0 || grantpt(controller_) != 0 || unlockpt(controller_) != 0) return;
    const int terminal = open(ptsname(controller_), O_RDWR | O_NOCTTY);
    if (terminal < 0) return;
    before_ = dup(STDERR_FILENO);
    dup2(terminal, STDERR_FILENO);
    close(terminal);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    end();
    if (controller_ >= 0) close(controller_);
  }

  bool there() const { return before_ >= 0; }

  // What was written; standard error is what it was before.
  std::string end() {
    std::string text;
    if (!there()) return text;
    fcntl(controller_, F_SETFL, O_NONBLOCK);
    std::array<char, 256> part;
    for (ssize_t count; (count = read(controller_, part.data(), part.size())) > 0;) {
      text.append(part.data(), static_cast<std::size_t>(count));
    }
    dup2(before_, STDERR_FILENO);
    close(before_);
    before_ = -1;
    return text;
  }

 private:
  int controller_, before_ = -1;
};

TEST(ProgressLine, IsWrittenAnewInATerminal) {
  Terminal terminal;
  if (!terminal.there()) GTEST_SKIP() << "there are no pseudo-terminals here";
  {
    ProgressLine line;
    line.observe(measured, {.evaluations = 1, .budget_evaluations = 2, .seconds = 1, .best = 0.87654});
    line.observe(measured, {.evaluations = 2, .budget_evaluations = 2, .seconds = 2, .best = 0.87654});
  }
  EXPECT_EQ(terminal.end(),  // the terminal writes a line's end as \r\n
            "\r\033[Kevaluation 1/2  value 0.8765  best 0.8765  elapsed 1 s  remaining 1 s"
            "\r\033[Kevaluation 2/2  value 0.8765  best 0.8765  elapsed 2 s  remaining 0 s\r\n");
}

TEST(ProgressLine, WritesNothingInATerminalWhereNothingIsObserved) {
  Terminal terminal;
  if (!terminal.there()) GTEST_SKIP() << "there are no pseudo-terminals here";
  { const ProgressLine line; }
  EXPECT_EQ(terminal.end(), "");
}

}  // namespace progress_line_test
