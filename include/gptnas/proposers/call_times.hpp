// What calls cost.
#pragma once

#include <cstddef>

#include <gptnas/core/stopwatch.hpp>

namespace gptnas {

/// How often something was done, and how long it took in all.
struct CallTimes {
  std::size_t calls = 0;
  double seconds = 0;

  /// Seconds a call; 0 before the first.
  double mean() const { return calls == 0 ? 0 : seconds / static_cast<double>(calls); }

  /// Makes a call that counts, whether it returns or throws. @return what it returns.
  template <class Call>
  decltype(auto) measure(const Call& call) {
    return measure(1, call);
  }

  /// The same of a call that does several things at once, each of which counts.
  template <class Call>
  decltype(auto) measure(std::size_t count, const Call& call) {
    struct Watch {
      CallTimes& times;
      std::size_t count;
      Stopwatch stopwatch = {};
      ~Watch() {
        times.calls += count;
        times.seconds += stopwatch.seconds();
      }
    } watch{*this, count};
    return call();
  }
};

}  // namespace gptnas
