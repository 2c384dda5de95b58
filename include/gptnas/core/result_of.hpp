// A result that is made where it stays.
#pragma once

#include <utility>

namespace gptnas {

/// A call as an argument of `emplace` and the like: what it returns is made in its place, where a value would be copied.
template <class Call>
class ResultOf {
 public:
  explicit ResultOf(Call call) : call_(std::move(call)) {}

  operator decltype(std::declval<Call&>()())() { return call_(); }

 private:
  Call call_;
};

}  // namespace gptnas
