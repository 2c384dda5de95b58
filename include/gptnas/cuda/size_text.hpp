// Sizes of memory, as words.
#pragma once

#include <cstddef>
#include <string>

#include <gptnas/core/joined.hpp>

namespace gptnas::detail::cuda {

/// "12 bytes", "3.5 KiB", "1.0 GiB": rounded to the nearest tenth of the largest unit below the size.
inline std::string size_text(std::size_t bytes) {
  constexpr const char* units[] = {" KiB", " MiB", " GiB", " TiB"};
  if (bytes < 1024) return joined({bytes, " bytes"});
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; size >= 1024 && unit < 3; ++unit) size /= 1024;
  const auto tenths = static_cast<std::size_t>(size * 10 + 0.5);
  return joined({tenths / 10, ".", tenths % 10, units[unit]});
}

inline std::string out_of_memory_text(std::size_t asked, std::size_t free, std::size_t total) {
  return joined({"the CUDA device is out of memory: asked for ", size_text(asked), ", free are ", size_text(free),
                 " of ", size_text(total)});
}

}  // namespace gptnas::detail::cuda
