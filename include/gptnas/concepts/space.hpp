// The contract of a search space.
#pragma once

#include <concepts>
#include <type_traits>

namespace gptnas {

/// A search space: a type with a member `Genome`, made of `Choice`, `Repeat`, `Sequence` and reflected structs.
///
/// A space whose candidates are trained also has `static Network build(const Genome&, TaskShape)`. A space may have
/// `static Genome canonical(const Genome&)`: one genome for all that mean the same; only the search calls it, as the
/// key for duplicates.
///
/// Laws: `canonical` is idempotent.
template <class Type>
concept Space = requires { typename Type::Genome; } && std::is_trivially_copyable_v<typename Type::Genome>;

}  // namespace gptnas
