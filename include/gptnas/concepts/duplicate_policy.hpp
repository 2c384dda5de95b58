// The contract of a duplicate policy.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace gptnas {

/// What a search does with a genome that it has met before in the run.
enum class DuplicateAction : std::uint8_t {
  tell_again,  ///< answer with the known outcome, at no cost
  redraw,      ///< ask the strategy for another one
  evaluate,    ///< evaluate it like a new one
};

/// Decides what a repeated genome gets. `attempt` counts the redraws of this individual so far.
///
/// `remembers` tells whether the search must keep a memory of genomes at all.
///
/// Laws: the same attempt gives the same action; `redraw` ends after a finite number of attempts.
///
/// Models: `TellAgain`, `Redraw`, `Ignore`.
template <class Policy>
concept DuplicatePolicy = requires(const Policy& policy, std::size_t attempt) {
  { policy.action(attempt) } -> std::same_as<DuplicateAction>;
  { Policy::remembers } -> std::convertible_to<bool>;
};

}  // namespace gptnas
