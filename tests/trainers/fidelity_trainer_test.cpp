#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <stop_token>
#include <string_view>
#include <vector>

#include <gptnas/concepts/trainer.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/trainers/fidelity_trainer.hpp>

#include "../message_of.hpp"

namespace fidelity_trainer_test {

using namespace gptnas;
using gptnas_test::message_of;

/// Gives its own value, and the fidelity that it was asked for.
struct Constant {
  static constexpr std::array objectives{Objective{"value", Direction::minimize}};
  static constexpr std::array<std::string_view, 1> metrics{"fidelity"};
  Outcome evaluate(const Individual<NasBench201>&, double fidelity, RandomStream&, std::stop_token) const {
    if (value < 0) return Failed{FailureKind::diverged, "negative"};
    return Measured{{value}, {fidelity}, 10};
  }
  double value;
};

using Levels = FidelityTrainer<Constant>;
using List = std::vector<Levels::Level>;
static_assert(Trainer<Levels, NasBench201>);
static_assert(Levels::objectives[0].direction == Direction::minimize);

TEST(FidelityTrainer, AsksTheTrainerOfTheFidelity) {
  const Levels trainer(List{{0.1, {1}}, {0.5, {2}}, {1, {3}}});
  RandomStream random(1);
  const auto at = [&](double fidelity) {
    return *trainer.evaluate(Individual<NasBench201>(), fidelity, random, {}).measured();
  };
  const std::vector<std::array<double, 3>> expected{{0.01, 1, 0.1}, {0.1, 1, 0.1},  {0.49, 1, 0.1},
                                                    {0.5, 2, 0.5},  {0.99, 2, 0.5}, {1, 3, 1}};
  for (const auto& [fidelity, value, level] : expected) {
    const Measured measured = at(fidelity);
    EXPECT_EQ(measured.objectives[0], value) << fidelity;
    EXPECT_EQ(measured.metrics[0], level) << fidelity;
    EXPECT_EQ(measured.cost, 10 * level) << fidelity;
  }
}

TEST(FidelityTrainer, PassesFailuresOn) {
  const Levels trainer(List{{1, {-1}}});
  RandomStream random(1);
  const Outcome outcome = trainer.evaluate(Individual<NasBench201>(), 1, random, {});
  ASSERT_TRUE(outcome.failed());
  EXPECT_EQ(outcome.failed()->kind, FailureKind::diverged);
}

TEST(FidelityTrainer, RefusesBadInput) {
  EXPECT_EQ(message_of([] { Levels(List{}); }), "FidelityTrainer: levels is 0; expected at least 1");
  EXPECT_EQ(message_of([] {
              Levels(List{{0.5, {1}}, {0.5, {1}}});
            }),
            "FidelityTrainer: fidelity is 0.5; expected above 0.5, at most 1");
  EXPECT_EQ(message_of([] { Levels(List{{0.5, {1}}}); }), "FidelityTrainer: last fidelity is 0.5; expected 1");
  EXPECT_THROW(Levels(List{{0, {1}}, {1, {1}}}), std::invalid_argument);
  EXPECT_THROW(Levels(List{{std::nan(""), {1}}}), std::invalid_argument);
  const Levels trainer(List{{1, {1}}});
  RandomStream random(1);
  EXPECT_EQ(message_of([&] { trainer.evaluate(Individual<NasBench201>(), 0, random, {}); }),
            "FidelityTrainer::evaluate: fidelity is 0; expected in (0, 1]");
}

}  // namespace fidelity_trainer_test
