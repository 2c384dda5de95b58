// Random numbers that depend on nothing but their key.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// What a stream is for. Streams of one run and one individual that differ in purpose are independent.
/// Values from 1024 upwards are free for users.
enum class Purpose : std::uint32_t { propose, recombine, reconstruct, evaluate, initialize, fit, sample, augment, shuffle };

/// The counter-based generator Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011).
///
/// @param counter  128 bits, @param key  64 bits.
/// @return 128 random bits. Complexity: ten rounds, no state.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

/// A stream of random numbers keyed by (run seed, individual id, purpose): the same key gives the same numbers on every
/// machine, in whatever order streams are made. A stream holds 2^34 words of 32 bits.
///
/// It is a uniform random bit generator in the sense of the standard, but draw with its own members: the distributions
/// of `std::` differ between implementations.
class RandomStream {
 public:
  using result_type = std::uint32_t;

  explicit constexpr RandomStream(std::uint64_t seed, std::uint64_t id = 0, Purpose purpose = Purpose::propose)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter_{0, static_cast<std::uint32_t>(purpose), static_cast<std::uint32_t>(id),
                 static_cast<std::uint32_t>(id >> 32)} {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return 0xFFFFFFFF; }

  /// The next 32 random bits.
  constexpr std::uint32_t operator()() {
    if (used_ == 4) {
      block_ = philox(counter_, key_);
      ++counter_[0];
      used_ = 0;
    }
    return block_[used_++];
  }

  /// The next 64 random bits; also a fresh seed for streams of one's own.
  constexpr std::uint64_t bits64() {
    const std::uint64_t low = (*this)();
    return low | std::uint64_t{(*this)()} << 32;
  }

  /// A uniform integer in [0, bound), without bias (Lemire, "Fast Random Integer Generation in an Interval", 2019).
  ///
  /// @throws std::invalid_argument if the bound is 0.
  constexpr std::uint32_t below(std::uint32_t bound) {
    if (bound == 0) throw invalid_value("RandomStream::below: bound", bound, "at least 1");
    std::uint64_t product = std::uint64_t{(*this)()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
      const std::uint32_t threshold = (0u - bound) % bound;
      while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{(*this)()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

  /// A uniform real in [0, 1), a multiple of 2^-53.
  constexpr double uniform() { return static_cast<double>(bits64() >> 11) * 0x1p-53; }

  /// True with the given probability; 0 is never, 1 always.
  constexpr bool chance(double probability) { return uniform() < probability; }

  /// A standard normal number (Box and Muller, 1958); two uniforms a call.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

  /// Puts the items in a uniformly random order (Fisher and Yates). Complexity: O(N).
  template <class Item>
  constexpr void shuffle(std::span<Item> items) {
    for (std::size_t count = items.size(); count > 1; --count) {
      using std::swap;
      swap(items[count - 1], items[below(static_cast<std::uint32_t>(count))]);
    }
  }

  /// An index drawn in proportion to its weight.
  ///
  /// @param weights  (N) finite, at least 0; they need not sum to one. Weight 0 is never drawn.
  /// @throws std::invalid_argument if a weight is negative or not finite, or if all are 0. Complexity: O(N).
  template <class Real>
  constexpr std::size_t categorical(std::span<const Real> weights) {
    double total = 0;
    for (const Real weight : weights) {
      if (!(weight >= 0 && weight <= 1e300)) {
        throw invalid_value("RandomStream::categorical: weight", weight, "finite and at least 0");
      }
      total += static_cast<double>(weight);
    }
    if (!(total > 0)) throw invalid_value("RandomStream::categorical: sum of the weights", total, "more than 0");
    double rest = uniform() * total;
    std::size_t last = 0;
    for (std::size_t index = 0; index < weights.size(); ++index) {
      if (!(weights[index] > 0)) continue;
      last = index;
      rest -= static_cast<double>(weights[index]);
      if (rest < 0) break;
    }
    return last;
  }

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

}  // namespace gptnas
