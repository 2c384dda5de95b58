# cmake -DPROJECT=FOLDER -DBUILD=FOLDER -DGENERATOR=NAME -DCOMPILER=FILE -P without_cuda.cmake: with GPTNAS_CUDA=OFF the project
# is configured without a look at a CUDA toolkit, and nothing that it builds needs one.
cmake_minimum_required(VERSION 3.25.1)
execute_process(
  COMMAND "${CMAKE_COMMAND}" --fresh -S "${PROJECT}" -B "${BUILD}" -G "${GENERATOR}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
    -DGPTNAS_CUDA=OFF -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
  OUTPUT_QUIET ERROR_VARIABLE problem RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "the project cannot be configured: ${problem}")
endif()

function(expect_none file pattern)
  file(STRINGS "${file}" found REGEX "${pattern}" LIMIT_COUNT 1)
  if(found)
    message(SEND_ERROR "${file} has ${pattern}: ${found}")
  endif()
endfunction()

expect_none("${BUILD}/CMakeCache.txt" "CUDA_COMPILER|CUDAToolkit|CUDA_ARCHITECTURES")
expect_none("${BUILD}/compile_commands.json" "nvcc|\\.cu\"|gpt_on_a_gpu|gpt_gpu_bench")
file(GLOB_RECURSE rules "${BUILD}/build.ninja" "${BUILD}/link.txt")
foreach(file IN LISTS rules)
  expect_none("${file}" "libcublas|libcudart")
endforeach()
