// Whether a run is to end early.
#pragma once

#include <concepts>

namespace gptnas {

/// Tells whether somebody wants a run to end.
///
/// Laws: it may be asked from several threads at once; what was requested stays so.
///
/// Models: `std::stop_token`, `NeverStop`.
template <class Type>
concept StopToken = requires(const Type& token) {
  { token.stop_requested() } -> std::same_as<bool>;
};

/// The token of what nobody stops. It becomes any other token that is made without an argument: a trainer may name
/// `std::stop_token`, and a search that nobody stops needs none of the headers of threads.
struct NeverStop {
  static constexpr bool stop_requested() { return false; }

  template <StopToken Token>
  requires std::default_initializable<Token>
  operator Token() const {
    return {};
  }
};

}  // namespace gptnas
