// What came of an evaluation.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include <gptnas/core/inline_vector.hpp>

namespace gptnas {

/// A successful evaluation. The names of the values are the trainer's `objectives` and `metrics`, in the same order.
struct Measured {
  InlineVector<double, 4> objectives;  ///< finite
  InlineVector<double, 8> metrics;     ///< reported, not optimised
  double cost = 0;                     ///< in the trainer's unit: seconds, or queries of a table
};

enum class FailureKind : std::uint8_t {
  invalid_network,  ///< the genome builds no network for this task
  diverged,         ///< a loss or an objective is not finite
  threw,            ///< the trainer threw an exception
  interrupted,      ///< the run was stopped first
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
  Outcome(const Measured& measured) : value_(std::in_place_type<Measured>) {
    Measured& copy = *std::get_if<Measured>(&value_);
    for (const double value : measured.objectives) copy.objectives.push_back(value);
    for (const double value : measured.metrics) copy.metrics.push_back(value);
    copy.cost = measured.cost;
  }
  Outcome(Failed failed) : value_(std::move(failed)) {}

  /// The values, or null if the evaluation failed.
  const Measured* measured() const { return std::get_if<Measured>(&value_); }
  /// The failure, or null if the evaluation succeeded.
  const Failed* failed() const { return std::get_if<Failed>(&value_); }

 private:
  std::variant<Measured, Failed> value_;
};

}  // namespace gptnas
