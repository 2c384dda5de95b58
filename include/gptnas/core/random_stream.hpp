// Random numbers that depend on nothing but their key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// What a stream is for. Streams of one run and one individual that differ in purpose are independent.
/// Values from 1024 upwards are free for users.
enum class Purpose : std::uint32_t {
  propose,
  recombine,
  reconstruct,
  evaluate,
  initialize,
  fit,
  sample,
  augment,
  shuffle,
  dropout,
  rank
};

namespace detail {

__extension__ using Wide = unsigned __int128;

using PhiloxBlock = std::array<std::uint32_t, 4>;

// One of the ten rounds.
template <std::size_t Count>
[[gnu::always_inline]] constexpr void philox_round(std::array<PhiloxBlock, Count>& counters,
                                                   std::array<std::uint32_t, 2>& key) {
  for (PhiloxBlock& counter : counters) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
  }
  key[0] += 0x9E3779B9;
  key[1] += 0xBB67AE85;
}

// Philox for several counters: the processor computes one block in the other's shadow. Two rounds a step: all ten are no
// faster, and take long to compile.
template <std::size_t Count>
constexpr std::array<PhiloxBlock, Count> philox_blocks(std::array<PhiloxBlock, Count> counters,
                                                       std::array<std::uint32_t, 2> key) {
  for (int pair = 0; pair < 5; ++pair) {
    philox_round(counters, key);
    philox_round(counters, key);
  }
  return counters;
}

}  // namespace detail

/// The counter-based generator Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011).
///
/// @param counter  128 bits, @param key  64 bits.
/// @return 128 random bits. Complexity: ten rounds, no state.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  return detail::philox_blocks<1>({counter}, key)[0];
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
    if (used_ == words_.size()) refill();
    return words_[used_++];
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
    if (bound == 0) refuse_bound();
    std::uint64_t product = std::uint64_t{(*this)()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
      const std::uint32_t threshold = (0u - bound) % bound;
      while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{(*this)()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

  /// Uniform integers, one in each [0, bound), without bias, from as few words as the bounds allow (Brackett-Rozinsky
  /// and Lemire, "Batched Ranged Random Integer Generation", 2024).
  ///
  /// An array of them would be put together in a vector register and taken apart again, a tenth of the time of a
  /// regularized evolution: hence one by one.
  ///
  /// @param bound_of  each index's bound. @param take  called with each index and its integer, in order.
  /// @throws std::invalid_argument if a bound is 0. Complexity: O(Count).
  template <std::size_t Count, class BoundOf, class Take>
  [[gnu::always_inline]] constexpr void each_below(const BoundOf& bound_of, const Take& take) {
    std::uint64_t range = 1;  // the product of the bounds
    bool fits = true;
    for (std::size_t index = 0; index < Count; ++index) {
      const auto product = detail::Wide{range} * bound_of(index);
      range = static_cast<std::uint64_t>(product);
      fits = fits && product >> 64 == 0;
    }
    if (fits && range != 0) {
      std::uint64_t word = range <= 1u << 24 ? fair_half(static_cast<std::uint32_t>(range)) : fair_word(range);
      for (std::size_t index = 0; index < Count; ++index) take(index, split_off(word, bound_of(index)));
    } else {
      for (std::size_t index = 0; index < Count; ++index) take(index, below(bound_of(index)));
    }
  }

  /// A set of the integers below `count`, as bits; each is a member with the given probability, whatever the others
  /// are.
  ///
  /// @param count  1 to 64, @param probability  in [0, 1]. Complexity: O(members) on average up to probability 0.5.
  /// Always inline: a caller whose count is a constant saves a third of the time or more.
  [[gnu::always_inline]] constexpr std::uint64_t subset(std::uint32_t count, double probability) {
    const bool complement = probability > 0.5;
    if (complement) probability = 1 - probability;
    // The number of members is binomial, drawn by inversion; which ones, by rejection.
    double term = 1;  // probability of so many members: (1 - probability)^count of none
    double factor = 1 - probability;
    for (std::uint32_t exponent = count; exponent != 0; exponent >>= 1, factor *= factor) {
      if (exponent & 1u) term *= factor;
    }
    const double odds = probability / (1 - probability);
    double rest = static_cast<double>((*this)()) * 0x1p-32, precision = 0x1p-32;
    std::uint32_t members = 0;
    for (; members < count; ++members) {
      if (rest < term && term < rest + precision) {  // the next digit decides
        precision *= 0x1p-32;
        rest += static_cast<double>((*this)()) * precision;
      }
      if (rest < term) break;
      rest -= term;
      term *= odds * (count - members) / (members + 1);
    }
    std::uint64_t set = 0;
    while (members != 0) {
      std::uint64_t word = fair_half(count * count * count * count);  // of four members
      for (int drawn = 0; drawn < 4; ++drawn) {
        const std::uint32_t member = split_off(word, count);
        const bool is_new = members != 0 && (set >> member & 1u) == 0;
        set |= std::uint64_t{is_new} << member;
        members -= is_new;
      }
    }
    return complement ? set ^ (~std::uint64_t{0} >> (64 - count)) : set;
  }

  /// A uniform real in [0, 1), a multiple of 2^-53.
  constexpr double uniform() { return static_cast<double>(bits64() >> 11) * 0x1p-53; }

  /// True with the given probability; 0 is never, 1 always.
  constexpr bool chance(double probability) {
    // A uniform real is compared digit by digit, of base 2^32: nearly always the first one decides.
    for (double rest = probability * 0x1p32; rest > 0; rest *= 0x1p32) {
      if (rest >= 0x1p32) return true;
      const auto digit = static_cast<std::uint32_t>(rest), drawn = (*this)();
      if (drawn != digit) return drawn < digit;
      rest -= digit;
    }
    return false;
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
  // Not inline: a program draws in many places.
  [[noreturn, gnu::cold, gnu::noinline]] static void refuse_bound() {
    throw invalid_value("RandomStream::below: bound", 0u, "at least 1");
  }

  // Random bits of which integers may be split off, without bias, whose bounds have the product `range`: what is left of
  // a word in the end is known in advance, and with it whether the word is rejected.
  template <class Word>
  constexpr Word fair_word(Word range) {
    Word word = 0, rest = 0;
    do {
      word = static_cast<Word>(sizeof(Word) == 4 ? (*this)() : bits64());
      rest = static_cast<Word>(word * range);
    } while (rest < range && rest < static_cast<Word>(0 - range) % range);
    return word;
  }

  // Of 32 bits, in the upper half. Few are rejected where the range is at most 2^24.
  constexpr std::uint64_t fair_half(std::uint32_t range) { return std::uint64_t{fair_word(range)} << 32; }

  static constexpr std::uint32_t split_off(std::uint64_t& word, std::uint32_t bound) {
    const auto product = detail::Wide{word} * bound;
    word = static_cast<std::uint64_t>(product);
    return static_cast<std::uint32_t>(product >> 64);
  }

  // Two blocks at once. Not inline: a program draws in many places.
  [[gnu::noinline]] constexpr void refill() {
    auto next = counter_;
    ++next[0];
    const auto blocks = detail::philox_blocks(std::array{counter_, next}, key_);
    counter_[0] += 2;
    for (std::size_t word = 0; word < words_.size(); ++word) words_[word] = blocks[word / 4][word % 4];
    used_ = 0;
  }

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 8> words_{};
  unsigned used_ = 8;
};

}  // namespace gptnas
