// The bounds of a processor: the best that programs can get out of its multiply-add units and out of its memory.
//
// roofline THREADS
//
// Prints GFLOP/s in float, of products of registers, and GB/s, of y += a x over arrays that no cache holds.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <gptnas/core/thread_team.hpp>
#include <gptnas/tensor/eigen.hpp>

namespace {

using Lanes = Eigen::internal::packet_traits<float>::type;
constexpr std::size_t lanes = Eigen::internal::packet_traits<float>::size;

/// The median of nine times that the work took, in seconds.
template <class Work>
double median_seconds(gptnas::ThreadTeam& team, Work work) {
  std::array<double, 9> seconds;
  for (double& each : seconds) {
    const auto begin = std::chrono::steady_clock::now();
    team.run(team.size(), [&](std::size_t share, std::size_t) { work(share); });
    each = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  std::ranges::nth_element(seconds, seconds.begin() + seconds.size() / 2);
  return seconds[seconds.size() / 2];
}

double peak(gptnas::ThreadTeam& team) {
  constexpr std::size_t registers = 12, rounds = 10'000'000;
  std::vector<float> results(team.size() * lanes);
  const double seconds = median_seconds(team, [&](std::size_t share) {
    const Lanes x = Eigen::internal::pset1<Lanes>(0.5f), y = Eigen::internal::pset1<Lanes>(1.0f);
    // Of equal sums the compiler would compute one.
    const auto start = [](float value) { return Eigen::internal::pset1<Lanes>(value); };
    Lanes s0 = start(0), s1 = start(1), s2 = start(2), s3 = start(3), s4 = start(4), s5 = start(5), s6 = start(6),
          s7 = start(7), s8 = start(8), s9 = start(9), s10 = start(10), s11 = start(11);
    for (std::size_t round = 0; round < rounds; ++round) {
      for (Lanes* const sum : {&s0, &s1, &s2, &s3, &s4, &s5, &s6, &s7, &s8, &s9, &s10, &s11}) {
        *sum = Eigen::internal::pmadd(*sum, x, y);
      }
    }
    for (const Lanes sum : {s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11}) s0 = Eigen::internal::padd(s0, sum);
    Eigen::internal::pstoreu(results.data() + share * lanes, s0);
  });
  volatile float seen = results[0];  // lest the work is left out
  static_cast<void>(seen);
  return static_cast<double>(2 * registers * lanes * rounds * team.size()) / seconds / 1e9;
}

double bandwidth(gptnas::ThreadTeam& team) {
  constexpr std::size_t count = std::size_t{1} << 28;
  Eigen::ArrayXf x(count), y(count);
  x.setOnes();
  y.setZero();
  const std::size_t part = count / team.size();
  const double seconds = median_seconds(team, [&](std::size_t share) {
    const auto first = static_cast<Eigen::Index>(share * part), size = static_cast<Eigen::Index>(part);
    y.segment(first, size) += 0.5f * x.segment(first, size);
  });
  return static_cast<double>(3 * sizeof(float) * part * team.size()) / seconds / 1e9;
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t threads = count == 2 ? std::strtoul(arguments[1], nullptr, 10) : 0;
  if (threads == 0) {
    std::fputs("usage: roofline THREADS\n", stderr);
    return 2;
  }
  gptnas::ThreadTeam team(threads);
  const double operations = peak(team);
  std::printf("%.1f %.1f\n", operations, bandwidth(team));
}
