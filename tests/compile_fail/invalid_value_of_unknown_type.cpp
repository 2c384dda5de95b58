// expect: no matching function for call to
#include <gptnas/core/errors.hpp>

struct Options {};

int main() { throw gptnas::invalid_value("Search::options", Options{}, "a number or a string"); }
