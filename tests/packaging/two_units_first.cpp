#include <every_header.hpp>

const int* version_seen_elsewhere();

int main() { return version_seen_elsewhere() == &gptnas::version_major ? 0 : 1; }
