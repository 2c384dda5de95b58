#include <gptnas/gpt/fit_progress_line.hpp>

#include <gtest/gtest.h>

#include <string>

namespace fit_progress_line_test {

using namespace gptnas;

TEST(FitProgressLine, WritesEachValidationAndEachTenthWhereTheOutputIsNoTerminal) {
  testing::internal::CaptureStderr();
  {
    FitProgressLine line;
    for (std::size_t step = 6; step <= 20; ++step) {
      FitProgress progress{.step = step,
                           .steps = 20,
                           .loss = 2.5,
                           .validation_loss = {},
                           .seconds = 10.0 * static_cast<double>(step - 5)};
      if (step == 7) progress.validation_loss = 2.25;
      if (step < 9 || step > 18) line(progress);
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "step 6/20  loss 2.5000  elapsed 10 s  remaining 140 s\n"
            "step 7/20  loss 2.5000  validation 2.2500  elapsed 20 s  remaining 130 s\n"
            "step 8/20  loss 2.5000  validation 2.2500  elapsed 30 s  remaining 120 s\n"
            "step 20/20  loss 2.5000  validation 2.2500  elapsed 150 s  remaining 0 s\n");
}

}  // namespace fit_progress_line_test
