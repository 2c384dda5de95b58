# cmake -DPROJECT=FOLDER -P readme.cmake: the README shows examples/custom_space.cpp as it is.
cmake_minimum_required(VERSION 3.25.1)
file(READ "${PROJECT}/README.md" readme)
file(READ "${PROJECT}/examples/custom_space.cpp" program)
string(FIND "${program}" "#include" begin)  # behind the comment
string(SUBSTRING "${program}" ${begin} -1 program)
string(FIND "${readme}" "```cpp\n${program}```" place)
if(place EQUAL -1)
  message(FATAL_ERROR "README.md does not show examples/custom_space.cpp as it is")
endif()
