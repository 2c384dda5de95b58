// The softmax of a row of scores.
#pragma once

#include <cstddef>

#include <gptnas/tensor/eigen.hpp>

namespace gptnas {

/// values = softmax(scale values), in place: exp(scale (v - max)), divided by their sum. By vectors, for Eigen's loops
/// over rows as short as those of attention take half as long again. The same values give the same bits, wherever they
/// lie. Complexity: O(count), no allocation.
///
/// @param values  (count), at least one, finite. Behind them is room for what fills the last vector up, to 64 bytes at
///   most: it becomes 0. @param scale  finite, at least 0.
template <class Scalar>
void softmax(Scalar* values, std::size_t count, Scalar scale) {
  using namespace Eigen::internal;
  using Lanes = typename packet_traits<Scalar>::type;
  constexpr std::size_t lanes = packet_traits<Scalar>::size;
  static_assert(sizeof(Lanes) <= 64, "gptnas::softmax: there is room for 64 bytes");
  // The last vector is kept apart, filled up, and in registers: most rows of attention have one or two.
  const std::size_t last = (count - 1) / lanes * lanes;
  const Lanes is_value = pcmp_lt(plset<Lanes>(Scalar{0}), pset1<Lanes>(static_cast<Scalar>(count - last)));
  const Lanes last_values = pselect(is_value, ploadu<Lanes>(values + last), pset1<Lanes>(values[0]));
  Lanes greatest = last_values;
  for (std::size_t i = 0; i < last; i += lanes) greatest = pmax(greatest, ploadu<Lanes>(values + i));
  const Lanes shift = pset1<Lanes>(predux_max(greatest)), factor = pset1<Lanes>(scale);
  const auto exp = [&](const Lanes& in) { return pexp(pmul(factor, psub(in, shift))); };
  const auto exp_at = [&](std::size_t i) {
    const Lanes result = exp(ploadu<Lanes>(values + i));
    pstoreu(values + i, result);
    return result;
  };
  const Lanes last_exp = pand(is_value, exp(last_values));
  // Two sums, so that an addition need not wait for the one before it.
  Lanes even = pset1<Lanes>(0), odd = even;
  std::size_t done = 0;
  for (; done + 2 * lanes <= last; done += 2 * lanes) {
    even = padd(even, exp_at(done));
    odd = padd(odd, exp_at(done + lanes));
  }
  const Lanes sum =
      done < last ? padd(padd(even, exp_at(done)), padd(odd, last_exp)) : padd(padd(even, odd), last_exp);
  const Lanes share = pset1<Lanes>(1 / predux(sum));
  for (std::size_t i = 0; i < last; i += lanes) pstoreu(values + i, pmul(share, ploadu<Lanes>(values + i)));
  pstoreu(values + last, pmul(share, last_exp));
}

}  // namespace gptnas
