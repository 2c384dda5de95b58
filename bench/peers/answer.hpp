// Our side of the comparisons.
#pragma once

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>

/// Does the work as often as lines come in, and answers each with the seconds it took.
template <class Work>
void answer(Work work) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::printf("%.9f\n", seconds.count());
    std::fflush(stdout);
  }
}
