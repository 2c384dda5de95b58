# The targets that a user links: gptnas::gptnas, and on demand gptnas::json, gptnas::zlib, gptnas::onednn and gptnas::cuda.
# They carry include folders, C++20 and libraries, but no optimisation, processor or warning flag: those are the user's.

include(GNUInstallDirs)
find_package(Eigen3 REQUIRED)  # without a version: 3.4 and 5 reject each other's
find_package(Boost REQUIRED)
find_package(Threads REQUIRED)
find_package(nlohmann_json QUIET)
find_package(ZLIB QUIET)
# Debian's oneDNN looks for OpenCL and stops the configuration where that is missing.
find_package(OpenCL QUIET)
if(OpenCL_FOUND)
  find_package(dnnl CONFIG QUIET)
endif()

# Headers that need nlohmann-json belong to gptnas::json.
set(GPTNAS_JSON_HEADERS "gptnas/(genome/record|gpt/(gpt_checkpoint|gpt_weights|safetensors)|[a-z_/]+_json)\\.hpp")

# Headers that need oneDNN belong to gptnas::onednn.
set(GPTNAS_ONEDNN_HEADERS "gptnas/tensor/one_dnn_backend\\.hpp")

file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/*.hpp")
set(json_headers ${headers})
list(FILTER json_headers INCLUDE REGEX "${GPTNAS_JSON_HEADERS}$")
set(onednn_headers ${headers})
list(FILTER onednn_headers INCLUDE REGEX "${GPTNAS_ONEDNN_HEADERS}$")
list(FILTER headers EXCLUDE REGEX "(${GPTNAS_JSON_HEADERS}|${GPTNAS_ONEDNN_HEADERS})$")

add_library(gptnas INTERFACE)
add_library(gptnas::gptnas ALIAS gptnas)
target_sources(gptnas INTERFACE FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${headers})
target_compile_features(gptnas INTERFACE cxx_std_20)
target_link_libraries(gptnas INTERFACE Eigen3::Eigen Boost::headers Threads::Threads)

# JSON in and out.
add_library(gptnas_json INTERFACE)
add_library(gptnas::json ALIAS gptnas_json)
set_target_properties(gptnas_json PROPERTIES EXPORT_NAME json)
target_sources(gptnas_json INTERFACE FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${json_headers})
target_link_libraries(gptnas_json INTERFACE gptnas nlohmann_json::nlohmann_json)
if(NOT nlohmann_json_FOUND)
  set_target_properties(gptnas_json PROPERTIES VERIFY_INTERFACE_HEADER_SETS OFF)
endif()

# Reading .gz files.
add_library(gptnas_zlib INTERFACE)
add_library(gptnas::zlib ALIAS gptnas_zlib)
set_target_properties(gptnas_zlib PROPERTIES EXPORT_NAME zlib)
target_compile_definitions(gptnas_zlib INTERFACE GPTNAS_WITH_ZLIB)
target_link_libraries(gptnas_zlib INTERFACE gptnas ZLIB::ZLIB)

# Matrix products by oneDNN, which works with GNU's OpenMP.
add_library(gptnas_onednn INTERFACE)
add_library(gptnas::onednn ALIAS gptnas_onednn)
set_target_properties(gptnas_onednn PROPERTIES EXPORT_NAME onednn)
target_sources(gptnas_onednn INTERFACE FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${onednn_headers})
target_compile_definitions(gptnas_onednn INTERFACE GPTNAS_WITH_ONEDNN)
target_link_libraries(gptnas_onednn INTERFACE gptnas DNNL::dnnl -l:libgomp.so.1)
if(NOT dnnl_FOUND)
  set_target_properties(gptnas_onednn PROPERTIES VERIFY_INTERFACE_HEADER_SETS OFF)
endif()

# CUDA, never as a language of the whole project, so that a machine without it is none the worse. Who links gptnas::cuda
# compiles its kernels with nvcc, for CMAKE_CUDA_ARCHITECTURES; his own sources stay plain C++.
if(GPTNAS_CUDA)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    find_package(CUDAToolkit QUIET)
  endif()
  if(CUDAToolkit_FOUND)
    if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
      execute_process(COMMAND "${CMAKE_CUDA_COMPILER}" --list-gpu-arch OUTPUT_VARIABLE newest COMMAND_ERROR_IS_FATAL ANY)
      string(REGEX MATCHALL "[0-9]+" newest "${newest}")
      list(SORT newest COMPARE NATURAL ORDER DESCENDING)
      list(GET newest 0 newest)
      set(CMAKE_CUDA_ARCHITECTURES 80-real 90-real ${newest} CACHE STRING "GPUs that the programs have kernels for")
    endif()
    enable_language(CUDA)
    add_library(gptnas_cuda INTERFACE)
    add_library(gptnas::cuda ALIAS gptnas_cuda)
    set_target_properties(gptnas_cuda PROPERTIES EXPORT_NAME cuda)
    file(GLOB kernels CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/include/gptnas/cuda/*.cu")
    foreach(kernel IN LISTS kernels)
      cmake_path(RELATIVE_PATH kernel BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/include" OUTPUT_VARIABLE relative)
      target_sources(gptnas_cuda INTERFACE
        $<BUILD_INTERFACE:${kernel}> $<INSTALL_INTERFACE:$<INSTALL_PREFIX>/${CMAKE_INSTALL_INCLUDEDIR}/${relative}>)
    endforeach()
    # CMake 3.25 has no C++20 of nvcc's.
    target_compile_options(gptnas_cuda INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20 --expt-relaxed-constexpr>)
    target_link_libraries(gptnas_cuda INTERFACE gptnas CUDA::cublasLt)
  elseif(GPTNAS_CUDA STREQUAL "REQUIRED")
    message(FATAL_ERROR "GPTNAS_CUDA is REQUIRED, but no CUDA toolkit was found; set CUDACXX to its nvcc, or GPTNAS_CUDA to ON or OFF")
  endif()
endif()
