# cmake -DCOMPILER=... -DINCLUDES=FOLDERS -DSOURCES=FILES -P without_boost_math.cmake: neither a table search nor gptnas.hpp includes
# Boost.Math, which would cost them seconds of compilation.
cmake_minimum_required(VERSION 3.25.1)
list(TRANSFORM INCLUDES PREPEND "-I")
foreach(source IN LISTS SOURCES)
  execute_process(COMMAND "${COMPILER}" -std=c++20 ${INCLUDES} -x c++ -M "${source}" OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  if(NOT headers MATCHES "gptnas/study/|gptnas/trainers/")
    message(SEND_ERROR "${source}: the headers are not listed: ${headers}")
  endif()
  if(headers MATCHES "[^ ]*boost/math/[^ ]*")
    message(SEND_ERROR "${source} includes ${CMAKE_MATCH_0}")
  endif()
endforeach()
