#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <gptnas/genome/choice.hpp>

#include "../message_of.hpp"
#include "shapes.hpp"

namespace choice_test {

enum class Rate { low, high };
constexpr std::string_view name_of(Rate rate) { return rate == Rate::low ? "1e-4" : "3e-4"; }

using gptnas::Choice;
using shapes::Op;
using Kernel = Choice<3, 5, 7>;
using OpChoice = Choice<Op::conv, Op::max_pool>;

static_assert(sizeof(Kernel) == 1 && std::is_trivially_copyable_v<Kernel>);
static_assert(Kernel::cardinality == 3);
static_assert(Kernel{}.value() == 3 && Kernel{}.index() == 0);
static_assert(Kernel(7).index() == 2 && Kernel::at(1) == 5);
static_assert(std::is_same_v<OpChoice::Value, Op>);

static_assert(Kernel::ordered && Choice<2, -1, -3>::ordered && Choice<16u, 20u, 64u, 65u>::ordered);
static_assert(!Choice<16, 64, 32>::ordered && !Choice<64, 16, 32>::ordered && !Choice<1, 2, 3, 5, 4>::ordered);
static_assert(!Choice<1>::ordered && !Choice<1, 2>::ordered && !Choice<false, true>::ordered);
static_assert(!Choice<Op::conv, Op::depthwise, Op::max_pool>::ordered);

using gptnas_test::message_of;

TEST(Choice, ConvertsToItsValue) {
  const OpChoice op = Op::max_pool;
  EXPECT_TRUE(op == Op::max_pool);
  const int width = Kernel(5);
  EXPECT_EQ(width, 5);
  Kernel kernel;
  kernel = 7;
  EXPECT_EQ(kernel, 7);
}

TEST(Choice, NamesItsValues) {
  EXPECT_EQ(OpChoice(Op::max_pool).name(), "max_pool");
  EXPECT_EQ(OpChoice::domain(), "conv, max_pool");
  EXPECT_EQ(Kernel(5).name(), "5");
  EXPECT_EQ((Choice<-1, 0>(-1).name()), "-1");
  EXPECT_EQ((Choice<false, true>::domain()), "false, true");
}

struct Layer {
  enum class Kind { plain, separable };
  friend constexpr std::string_view name_of(Kind kind) { return kind == Kind::plain ? "3x3" : "sep-3x3"; }
};

// What is no identifier.
TEST(Choice, HasTheNamesThatAFunctionBesideItsEnumerationGives) {
  using Learning = Choice<Rate::low, Rate::high>;
  EXPECT_EQ(Learning(Rate::high).name(), "3e-4");
  EXPECT_EQ(Learning::domain(), "1e-4, 3e-4");
  EXPECT_EQ((Choice<Layer::Kind::plain, Layer::Kind::separable>::domain()), "3x3, sep-3x3");
  EXPECT_EQ(message_of([] { Choice<Rate::low>{Rate::high}; }), "Choice is 1; expected one of 1e-4");
}

TEST(Choice, RefusesAValueOutside) {
  EXPECT_EQ(message_of([] { Kernel kernel(4); }), "Choice is 4; expected one of 3, 5, 7");
  EXPECT_EQ(message_of([] { OpChoice op(Op::identity); }), "Choice is 3; expected one of conv, max_pool");
}

TEST(Choice, RefusesAnIndexOutside) {
  EXPECT_EQ(message_of([] { Kernel::at(3); }), "Choice::at: index is 3; expected below 3");
}

}  // namespace choice_test
