// The operations of NAS-Bench-101, as its files name them.
#pragma once

#include <array>
#include <string_view>

namespace gptnas {

/// In the order of the digits that tables hold.
inline constexpr std::array<std::string_view, 3> nas_bench_101_operations{"conv3x3-bn-relu", "conv1x1-bn-relu",
                                                                          "maxpool3x3"};

}  // namespace gptnas
