// Channels side by side: the vectors that element-wise loops over (B,H,W,C) are written in.
#pragma once

#include <cstddef>
#include <type_traits>

#include <gptnas/tensor/eigen.hpp>
#include <gptnas/tensor/matrix_product.hpp>

namespace gptnas::layers {

/// As many neighbouring channels as one step of a loop handles; Eigen turns them into vector registers.
template <class Scalar, int Count>
using Lanes = Eigen::Array<Scalar, Count, 1>;

template <int Count, class Scalar>
Eigen::Map<Lanes<Scalar, Count>> lanes(Scalar* first) {
  return Eigen::Map<Lanes<Scalar, Count>>(first);
}

template <int Count, class Scalar>
Eigen::Map<const Lanes<Scalar, Count>> lanes(const Scalar* first) {
  return Eigen::Map<const Lanes<Scalar, Count>>(first);
}

/// to = or += values
template <int Count, class Scalar>
void accumulate(const Lanes<Scalar, Count>& values, Scalar* to, Update update) {
  if (update == Update::assign) {
    lanes<Count>(to) = values;
  } else {
    lanes<Count>(to) += values;
  }
}

/// Calls `function(std::integral_constant<int, Count>, first)` for blocks that cover all channels: blocks of 16, of 8,
/// then single channels.
template <class Function>
void for_channel_blocks(std::size_t channels, Function function) {
  constexpr int wide = 16, half = 8;
  std::size_t channel = 0;
  for (; channel + wide <= channels; channel += wide) function(std::integral_constant<int, wide>{}, channel);
  for (; channel + half <= channels; channel += half) function(std::integral_constant<int, half>{}, channel);
  for (; channel < channels; ++channel) function(std::integral_constant<int, 1>{}, channel);
}

}  // namespace gptnas::layers
