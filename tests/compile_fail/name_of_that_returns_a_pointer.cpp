// Its names would not count.
// expect: gptnas: name_of must be constexpr std::string_view name_of(Enumeration); see docs/concepts.md#genome
#include <gptnas/genome/choice.hpp>

enum class Kernel { small, large };
constexpr const char* name_of(Kernel kernel) { return kernel == Kernel::small ? "3x3" : "5x5"; }

int main() { return static_cast<int>(gptnas::Choice<Kernel::small, Kernel::large>().name().size()); }
