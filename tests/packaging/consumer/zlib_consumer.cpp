#include <zlib.h>

#include <iostream>

#ifndef GPTNAS_WITH_ZLIB
#error "gptnas::zlib must define GPTNAS_WITH_ZLIB"
#endif

int main() { std::cout << "gptnas with zlib " << zlibVersion() << '\n'; }
