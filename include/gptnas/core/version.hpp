// The version of the library; CMakeLists.txt reads it from here.
#pragma once

namespace gptnas {

inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;

}  // namespace gptnas
