// A table could not tell them apart.
// expect: gptnas: name_of must give each enumerator of a Choice another name; see docs/concepts.md#genome
#include <string_view>

#include <gptnas/genome/choice.hpp>

enum class Kernel { small, large };
constexpr std::string_view name_of(Kernel) { return "3x3"; }

int main() { return static_cast<int>(gptnas::Choice<Kernel::small, Kernel::large>().name().size()); }
