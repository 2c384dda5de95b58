// A run's progress for people.
#pragma once

#include <string>

#include <gptnas/concepts/observer.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/status_line.hpp>

namespace gptnas {

/// Writes to standard error how far a run is: evaluations, best so far, elapsed and remaining time. In a terminal it is
/// one line that is written anew; elsewhere one plain line an evaluation.
class ProgressLine {
 public:
  template <class Evaluated>
  void observe(const Evaluated& evaluated, const SearchProgress& progress) {
    std::string line("evaluation ");
    line.append(std::to_string(progress.evaluations));
    if (progress.budget_evaluations != 0) line.append("/").append(std::to_string(progress.budget_evaluations));
    if (const Measured* measured = evaluated.outcome.measured()) {
      line.append("  value ").append(StatusLine::number(measured->objectives[0], 4));
    } else {
      line.append("  failed: ").append(to_string(evaluated.outcome.failed()->kind));
    }
    if (progress.best) line.append("  best ").append(StatusLine::number(*progress.best, 4));
    line.append("  elapsed ").append(StatusLine::number(progress.seconds, 0)).append(" s");
    if (const double remaining = remaining_seconds(progress); remaining >= 0) {
      line.append("  remaining ").append(StatusLine::number(remaining, 0)).append(" s");
    }
    line_.write(line);
  }

 private:
  // By the pace so far and by the budget in seconds, whichever ends first; negative where neither tells.
  static double remaining_seconds(const SearchProgress& progress) {
    double remaining = -1;
    if (progress.budget_evaluations != 0) {
      remaining = progress.seconds / static_cast<double>(progress.evaluations) *
                  static_cast<double>(progress.budget_evaluations - progress.evaluations);
    }
    if (progress.budget_seconds > 0) {
      const double left = progress.budget_seconds > progress.seconds ? progress.budget_seconds - progress.seconds : 0;
      if (remaining < 0 || left < remaining) remaining = left;
    }
    return remaining;
  }

  StatusLine line_;
};

}  // namespace gptnas
