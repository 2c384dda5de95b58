# What the tests, examples and benchmarks of this project have in common.

set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT DEFINED CMAKE_COMPILE_WARNING_AS_ERROR)
  set(CMAKE_COMPILE_WARNING_AS_ERROR ON)
endif()

set(GPTNAS_DATA_DIR "${PROJECT_SOURCE_DIR}/../shared/data" CACHE PATH "Benchmark tables; tests and benchmarks that need them are skipped where it is absent")

add_library(gptnas_program INTERFACE)
target_compile_options(gptnas_program INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${GPTNAS_NATIVE}>:-march=native>>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Wshadow>)
target_link_libraries(gptnas_program INTERFACE
  gptnas $<$<BOOL:${nlohmann_json_FOUND}>:gptnas_json> $<$<BOOL:${ZLIB_FOUND}>:gptnas_zlib>
  $<$<BOOL:${dnnl_FOUND}>:gptnas_onednn>)
target_link_options(gptnas_program INTERFACE LINKER:--as-needed)  # who multiplies without oneDNN does not load it

# The kernels, compiled once for all programs; a user's program gets them with gptnas::cuda.
if(TARGET gptnas_cuda)
  add_library(gptnas_kernels STATIC)
  target_link_libraries(gptnas_kernels PRIVATE gptnas_program gptnas_cuda PUBLIC CUDA::cublasLt)
endif()

# Links the kernels to a program if its source is one for a GPU.
function(gptnas_link_kernels program source)
  file(STRINGS "${source}" found REGEX "#include <gptnas/cuda/")
  if(found)
    target_link_libraries(${program} PRIVATE gptnas_kernels)
  endif()
endfunction()

# Takes out of a list the sources that include a header whose package was not found.
function(gptnas_keep_buildable list)
  set(missing)
  if(NOT nlohmann_json_FOUND)
    list(APPEND missing nlohmann/ "${GPTNAS_JSON_HEADERS}")
  endif()
  if(NOT CLI11_FOUND)
    list(APPEND missing CLI/)
  endif()
  if(NOT TARGET gptnas_kernels)
    list(APPEND missing "gptnas/cuda/cublas_backend\\.hpp")
  endif()
  list(JOIN missing "|" missing)
  set(buildable)
  foreach(source IN LISTS ${list})
    set(found)
    if(missing)
      file(STRINGS "${source}" found REGEX "#include <(${missing})")
    endif()
    if(found)
      cmake_path(GET source FILENAME name)
      message(STATUS "${name} is left out, its package was not found: ${found}")
    else()
      list(APPEND buildable "${source}")
    endif()
  endforeach()
  set(${list} ${buildable} PARENT_SCOPE)
endfunction()
