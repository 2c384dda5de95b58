#include <gtest/gtest.h>

#include <string>

#include <gptnas/core/errors.hpp>

namespace errors_test {

TEST(InvalidValue, NamesTheThingTheValueAndTheDomain) {
  EXPECT_STREQ(gptnas::invalid_value("Options::size", 0, "at least 1").what(),
               "Options::size is 0; expected at least 1");
  EXPECT_STREQ(gptnas::invalid_value("Options::name", std::string("x"), "a, b or c").what(),
               "Options::name is \"x\"; expected a, b or c");
  EXPECT_STREQ(gptnas::invalid_value("Options::rate", 1.5, "in [0, 1]").what(),
               "Options::rate is 1.5; expected in [0, 1]");
  // What is wrong is not rounded away.
  EXPECT_STREQ(gptnas::invalid_value("Options::rate", 1 + 0x1p-52, "in [0, 1]").what(),
               "Options::rate is 1.0000000000000002; expected in [0, 1]");
  EXPECT_STREQ(gptnas::invalid_value("Options::rate", -0.1f, "in [0, 1]").what(),
               "Options::rate is -0.1; expected in [0, 1]");
}

TEST(FileError, NamesThePathAndThePlace) {
  EXPECT_STREQ(gptnas::FileError("folder/a.csv", "is missing").what(), "folder/a.csv: is missing");
  EXPECT_STREQ(gptnas::FileError("a.idx", 16, "is cut off").what(), "a.idx: at byte 16: is cut off");
}

}  // namespace errors_test
