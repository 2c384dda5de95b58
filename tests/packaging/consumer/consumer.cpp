// Needs the headers of gptnas, Eigen and Boost.Hana on the include path, threads to link, and C++20.
#include <boost/hana/version.hpp>
#include <Eigen/src/Core/util/Macros.h>

#include <iostream>
#include <thread>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/version.hpp>

int main() {
  std::thread([] {
    std::cout << "gptnas " << gptnas::version_major << '.' << gptnas::version_minor << '.' << gptnas::version_patch
              << ", Eigen " << EIGEN_WORLD_VERSION << '.' << EIGEN_MAJOR_VERSION << ", a die shows "
              << gptnas::RandomStream(1).below(6) + 1 << '\n';
  }).join();
}
