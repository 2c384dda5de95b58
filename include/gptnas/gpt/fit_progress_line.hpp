// A fit's progress for people.
#pragma once

#include <cstddef>
#include <string>

#include <gptnas/core/status_line.hpp>
#include <gptnas/gpt/gpt_fitter.hpp>

namespace gptnas {

/// Writes to standard error how far a fit is: steps, loss, validation loss, elapsed and remaining time. In a terminal
/// it is one line that is written anew, up to ten times a second; elsewhere a plain line for each validation loss and
/// each tenth of the steps.
///
/// To be given to `GptFitter::fit` by `std::ref`, one to a fit.
class FitProgressLine {
 public:
  void operator()(const FitProgress& progress) {
    if (first_step_ == 0) first_step_ = progress.step;
    if (progress.validation_loss) {
      validation_ = "  validation ";
      validation_.append(StatusLine::number(*progress.validation_loss, 4));
    }
    if (!is_due(progress)) return;
    last_seconds_ = progress.seconds;
    const auto steps = static_cast<double>(progress.steps), step = static_cast<double>(progress.step);
    std::string line("step ");
    line.append(std::to_string(progress.step)).append("/").append(std::to_string(progress.steps));
    line.append("  loss ").append(StatusLine::number(progress.loss, 4)).append(validation_);
    line.append("  elapsed ").append(StatusLine::number(progress.seconds, 0)).append(" s");
    const double here = step - static_cast<double>(first_step_ - 1);  // steps since the fit began or was resumed
    line.append("  remaining ").append(StatusLine::number(progress.seconds / here * (steps - step), 0)).append(" s");
    line_.write(line);
  }

 private:
  bool is_due(const FitProgress& progress) const {
    if (progress.step == progress.steps) return true;
    if (line_.is_terminal()) return progress.step == 1 || progress.seconds - last_seconds_ >= 0.1;
    const std::size_t tenth = progress.steps < 10 ? 1 : progress.steps / 10;
    return progress.validation_loss || progress.step % tenth == 0;
  }

  StatusLine line_;
  std::string validation_;  // the last one
  double last_seconds_ = 0;
  std::size_t first_step_ = 0;
};

}  // namespace gptnas
