// What came of an evaluation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <gptnas/core/inline_vector.hpp>

namespace gptnas {

/// A successful evaluation. The names of the values are the trainer's `objectives` and `metrics`, in the same order.
struct Measured {
  static constexpr std::size_t max_objectives = 4, max_metrics = 8;

  InlineVector<double, max_objectives> objectives;  ///< finite
  InlineVector<double, max_metrics> metrics;        ///< reported, not optimised
  double cost = 0;                                  ///< in the trainer's unit: seconds, or queries of a table
};

enum class FailureKind : std::uint8_t {
  invalid_network,  ///< the genome builds no network for this task
  diverged,         ///< a loss or an objective is not finite
  threw,            ///< the trainer threw an exception
  interrupted,      ///< the run was stopped first, or the trainer gave up
};

constexpr const char* to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::invalid_network: return "invalid_network";
    case FailureKind::diverged: return "diverged";
    case FailureKind::threw: return "threw";
    case FailureKind::interrupted: return "interrupted";
  }
  return "unknown";
}

/// An evaluation that gave no values. It is data: a run records it and goes on.
struct Failed {
  FailureKind kind;
  std::string message;
};

/// What came of an evaluation: `Measured` or `Failed`. Success needs no heap.
class Outcome {
 public:
  // One by one: the values were written just now, and a copy of all at once would wait until they are in the cache.
  Outcome(const Measured& measured) : is_measured_(true) {
    for (const double value : measured.objectives) measured_.objectives.push_back(value);
    for (const double value : measured.metrics) measured_.metrics.push_back(value);
    measured_.cost = measured.cost;
  }
  Outcome(Failed failed) : failed_(std::move(failed)) {}

  /// The values, or null if the evaluation failed.
  const Measured* measured() const { return is_measured_ ? &measured_ : nullptr; }
  /// The failure, or null if the evaluation succeeded.
  const Failed* failed() const { return is_measured_ ? nullptr : &failed_; }

 private:
  Measured measured_;
  Failed failed_{};
  bool is_measured_ = false;
};

}  // namespace gptnas
