#include <every_header.hpp>

const int* version_seen_elsewhere();
const int* version_seen_elsewhere() { return &gptnas::version_major; }
