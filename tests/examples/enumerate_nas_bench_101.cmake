# cmake -DPROGRAM=enumerate_nas_bench_101 -DOUTPUT=FILE -P enumerate_nas_bench_101.cmake: the published counts, and the SHA-256
# of the benchmark's sorted hashes, one a line.
cmake_minimum_required(VERSION 3.25.1)

execute_process(COMMAND "${PROGRAM}" --hashes OUTPUT_FILE "${OUTPUT}" ERROR_VARIABLE counts COMMAND_ERROR_IS_FATAL ANY)
message("${counts}")
string(REGEX REPLACE "[ \n]+" " " counts "${counts}")
if(NOT counts MATCHES "^vertices cells 2 1 3 6 4 84 5 2441 6 62010 7 359082 all 423624 in ")
  message(SEND_ERROR "expected 1, 6, 84, 2441, 62010, 359082 cells for 2 to 7 vertices, 423624 in all")
endif()
file(SHA256 "${OUTPUT}" sum)
if(NOT sum STREQUAL "53e1438d11675d9eb3899166c29ca07fe0c4b81af9d99d5aec3ecd31bd5bca7f")
  message(SEND_ERROR "the SHA-256 of the hashes is ${sum}")
endif()
