// A trainer's answer, whatever it does.
#pragma once

#include <cstddef>
#include <exception>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gptnas/core/individual.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/result_of.hpp>
#include <gptnas/core/stop_token.hpp>

namespace gptnas {

namespace detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void refuse_count(std::string_view what, std::size_t given,
                                                                 std::size_t expected) {
  throw std::length_error(joined({"the trainer gave ", given, " ", what, "; expected ", expected}));
}

}  // namespace detail

/// Lets a trainer (see `Trainer`) evaluate an individual. Whatever is wrong becomes a failure: an exception, more or
/// fewer values than are named, an objective that is not finite.
///
/// @param outcome  is made where it stays: a copy costs a part of a fast run.
template <class TrainerType, class Space, StopToken Stop = NeverStop>
void measure(const TrainerType& trainer, const Individual<Space>& individual, double fidelity, RandomStream& random,
             const Stop& stop, std::optional<Outcome>& outcome) {
  const auto fail = [&outcome](FailureKind kind, std::string message) {
    outcome.emplace(Failed{kind, std::move(message)});
  };
  try {
    outcome.emplace(ResultOf([&] { return trainer.evaluate(individual, fidelity, random, stop); }));
    const Measured* measured = outcome->measured();
    if (!measured) return;
    constexpr std::size_t objectives = std::size(TrainerType::objectives), metrics = std::size(TrainerType::metrics);
    if (measured->objectives.size() != objectives) {
      detail::refuse_count("objectives", measured->objectives.size(), objectives);
    }
    if (measured->metrics.size() != metrics) detail::refuse_count("metrics", measured->metrics.size(), metrics);
    for (std::size_t i = 0; i < measured->objectives.size(); ++i) {
      const double value = measured->objectives[i];
      if (is_finite(value)) continue;
      return fail(FailureKind::diverged,
                  joined({TrainerType::objectives[i].name, " is ", value, "; expected a finite value"}));
    }
  } catch (const std::exception& error) {
    fail(FailureKind::threw, error.what());
  } catch (...) {
    fail(FailureKind::threw, "an exception that is no std::exception");
  }
}

}  // namespace gptnas
