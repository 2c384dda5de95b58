// Several likenesses at once.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

namespace gptnas {

/// The mean of some kernels: genomes are alike if they are in each respect.
template <class... Kernels>
struct MeanKernel {
  static_assert(sizeof...(Kernels) > 0, "gptnas::MeanKernel needs at least one kernel; see docs/concepts.md#ranker");

  using Features = std::tuple<typename Kernels::Features...>;

  std::tuple<Kernels...> kernels = {};

  template <class Genome>
  Features features(const Genome& genome) const {
    return std::apply([&](const Kernels&... each) { return Features(each.features(genome)...); }, kernels);
  }

  /// Complexity: that of all kernels.
  double operator()(const Features& first, const Features& second) const {
    return sum(first, second, std::index_sequence_for<Kernels...>()) / sizeof...(Kernels);
  }

 private:
  template <std::size_t... Index>
  double sum(const Features& first, const Features& second, std::index_sequence<Index...>) const {
    return (std::get<Index>(kernels)(std::get<Index>(first), std::get<Index>(second)) + ...);
  }
};

}  // namespace gptnas
