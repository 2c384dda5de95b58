#include <gtest/gtest.h>

#include <string>

#include <gptnas/core/objective.hpp>
#include <gptnas/core/outcome.hpp>

namespace outcome_test {

using gptnas::Failed;
using gptnas::FailureKind;
using gptnas::Measured;
using gptnas::Outcome;

TEST(Outcome, HoldsWhatWasMeasured) {
  const Outcome outcome = Measured{{0.5, 2.0}, {0.25}, 3};
  ASSERT_NE(outcome.measured(), nullptr);
  EXPECT_EQ(outcome.failed(), nullptr);
  EXPECT_EQ(outcome.measured()->objectives.size(), 2u);
  EXPECT_EQ(outcome.measured()->objectives[1], 2.0);
  EXPECT_EQ(outcome.measured()->metrics[0], 0.25);
  EXPECT_EQ(outcome.measured()->cost, 3.0);
}

TEST(Outcome, HoldsWhyItFailed) {
  const Outcome outcome = Failed{FailureKind::diverged, "the loss is nan"};
  EXPECT_EQ(outcome.measured(), nullptr);
  ASSERT_NE(outcome.failed(), nullptr);
  EXPECT_EQ(outcome.failed()->kind, FailureKind::diverged);
  EXPECT_EQ(outcome.failed()->message, "the loss is nan");
}

TEST(Outcome, NamesTheKindsOfFailure) {
  EXPECT_STREQ(to_string(FailureKind::invalid_network), "invalid_network");
  EXPECT_STREQ(to_string(FailureKind::diverged), "diverged");
  EXPECT_STREQ(to_string(FailureKind::threw), "threw");
  EXPECT_STREQ(to_string(FailureKind::interrupted), "interrupted");
}

TEST(Objective, TurnsValuesIntoFitness) {
  EXPECT_EQ((gptnas::Objective{"accuracy"}.fitness(0.5)), 0.5);
  EXPECT_EQ((gptnas::Objective{"seconds", gptnas::Direction::minimize}.fitness(0.5)), -0.5);
}

}  // namespace outcome_test
