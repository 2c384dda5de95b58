// The softmax of a row of scores.
#pragma once

#include <cstddef>

#include <gptnas/tensor/eigen.hpp>

namespace gptnas {

/// values = softmax(scale values), in place: exp(scale (v - max)), divided by their sum. By vectors, for Eigen's loops
/// over rows as short as those of attention take half as long again. The same values give the same bits, wherever they
/// lie. Complexity: O(count), no allocation.
///
/// @param values  (count), finite; whole cache lines of them, at least one. What fills a line up has the lowest value, and
///   becomes no more than the smallest normal number, as Eigen's exponential does.
template <class Scalar>
void softmax(Scalar* values, std::size_t count, Scalar scale) {
  using namespace Eigen::internal;
  using Lanes = typename packet_traits<Scalar>::type;
  constexpr std::size_t lanes = packet_traits<Scalar>::size;
  static_assert(64 / sizeof(Scalar) % lanes == 0, "gptnas::softmax: a cache line must be a whole number of vectors");
  Lanes greatest = ploadu<Lanes>(values);
  for (std::size_t i = lanes; i < count; i += lanes) greatest = pmax(greatest, ploadu<Lanes>(values + i));
  const Lanes shift = pset1<Lanes>(predux_max(greatest)), factor = pset1<Lanes>(scale);
  const auto exp = [&](std::size_t i) {
    const Lanes result = pexp(pmul(factor, psub(ploadu<Lanes>(values + i), shift)));
    pstoreu(values + i, result);
    return result;
  };
  // Two sums, so that an addition need not wait for the one before it.
  Lanes even = pset1<Lanes>(0), odd = even;
  std::size_t done = 0;
  for (; done + 2 * lanes <= count; done += 2 * lanes) {
    even = padd(even, exp(done));
    odd = padd(odd, exp(done + lanes));
  }
  Lanes sum = padd(even, odd);
  if (done < count) sum = padd(sum, exp(done));
  const Lanes share = pset1<Lanes>(1 / predux(sum));
  for (std::size_t i = 0; i < count; i += lanes) pstoreu(values + i, pmul(share, ploadu<Lanes>(values + i)));
}

}  // namespace gptnas
