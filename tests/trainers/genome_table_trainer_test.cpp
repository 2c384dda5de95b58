#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <gptnas/concepts/trainer.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/trainers/genome_table_trainer.hpp>

#include "../temporary_folder.hpp"

namespace genome_table_trainer_test {

using gptnas::Choice;
using gptnas::Direction;
using gptnas::Table;
using gptnas_test::TemporaryFolder;

enum class Op : std::uint8_t { conv, pool };

struct MySpace {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Choice<Op::conv, Op::pool>, op), (Choice<3, 5>, kernel));
  };
};
using Trainer = gptnas::GenomeTableTrainer<MySpace>;
using Minimizer = gptnas::GenomeTableTrainer<MySpace, Direction::minimize>;
static_assert(gptnas::Trainer<Trainer, MySpace>);

constexpr const char* measurements =
    "op,kernel,key,valid,test,milliseconds\n"
    "conv,3,00,91.5,91,7\n"
    "conv,5,01,93.5,92,9\n"
    "pool,3,10,71,72,2\n"
    "pool,5,11,73,70,3\n";

gptnas::Outcome ask(const auto& trainer, Op op, int kernel) {
  gptnas::RandomStream random(1);
  return trainer.evaluate({0, {op, kernel}, {}}, 1, random, {});
}

TEST(GenomeTableTrainer, AnswersFromTheRowOfTheGenome) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", measurements));
  for (const char* const digits : {"", "key"}) {
    const Trainer trainer(table, {.select = "valid", .report = "test", .digits = digits});
    const auto outcome = ask(trainer, Op::pool, 5);
    ASSERT_NE(outcome.measured(), nullptr);
    ASSERT_EQ(outcome.measured()->objectives.size(), 1u);
    ASSERT_EQ(outcome.measured()->metrics.size(), 1u);
    EXPECT_EQ(outcome.measured()->objectives[0], 73);
    EXPECT_EQ(outcome.measured()->metrics[0], 70);
    EXPECT_EQ(outcome.measured()->cost, 1);
    EXPECT_EQ(ask(trainer, Op::conv, 5).measured()->objectives[0], 93.5);
    EXPECT_EQ(trainer.best_row(), 1u);
    EXPECT_EQ(trainer.selected(1), 93.5);
    EXPECT_EQ(trainer.reported(1), 92);
  }
}

TEST(GenomeTableTrainer, ReportsWhatItSelectsOnIfNothingElseIsNamed) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", measurements));
  const auto outcome = ask(Trainer(table, {.select = "test"}), Op::conv, 3);
  EXPECT_EQ(outcome.measured()->objectives[0], 91);
  EXPECT_EQ(outcome.measured()->metrics[0], 91);
}

// A user names columns as he likes; one that he does not name would look like a member that the genome lacks.
TEST(GenomeTableTrainer, ReadsColumnsWhoseNamesLookLikeMembers) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "op,kernel,op.valid,op.test\nconv,3,91,92\n"));
  const Trainer trainer(table, {.select = "op.valid", .report = "op.test", .complete = false});
  EXPECT_EQ(trainer.selected(0), 91);
  EXPECT_EQ(trainer.reported(0), 92);
  EXPECT_THROW(Trainer(table, {.select = "op.valid", .complete = false}), gptnas::FileError);
}

TEST(GenomeTableTrainer, Minimizes) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", measurements));
  const Minimizer trainer(table, {.select = "milliseconds"});
  EXPECT_EQ(trainer.best_row(), 2u);
  gptnas::NoProposer<MySpace> proposer;
  gptnas::Search<MySpace, gptnas::NoProposer<MySpace>, Minimizer> search{{.seed = 1}, proposer, trainer};
  const auto result = search.run({.evaluations = 20});  // more than there are genomes
  EXPECT_EQ(result.evaluations, 4u);
  EXPECT_EQ(result.best().outcome.measured()->objectives[0], 2);
}

TEST(GenomeTableTrainer, RefusesATableThatLacksGenomes) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "op,kernel,valid\nconv,3,91\npool,3,70\npool,5,73\n"));
  EXPECT_EQ(folder.refusal([&] { Trainer(table, {.select = "valid"}); }),
            "table.csv: 3 rows; expected 4, one a genome of the space; conv-5 has none, unless the table is said to be "
            "incomplete");
  const Trainer trainer(table, {.select = "valid", .complete = false});
  EXPECT_EQ(ask(trainer, Op::pool, 3).measured()->objectives[0], 70);
  ASSERT_NE(ask(trainer, Op::conv, 5).failed(), nullptr);
  EXPECT_EQ(ask(trainer, Op::conv, 5).failed()->kind, gptnas::FailureKind::invalid_network);
}

TEST(GenomeTableTrainer, OfNoRowsHasNoBest) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "op,kernel,valid\n"));
  EXPECT_EQ(Trainer(table, {.select = "valid", .complete = false}).best_row(), std::nullopt);
}

TEST(GenomeTableTrainer, RefusesWhatIsNoNumber) {
  const auto refused = [](std::string_view csv) {
    const TemporaryFolder folder;
    const Table table(folder.write("table.csv", csv));
    return folder.refusal([&] { Trainer(table, {.select = "valid", .report = "test", .complete = false}); });
  };
  EXPECT_EQ(refused("op,kernel,valid,test\nconv,3,91,90\npool,3,nan,80\n"),
            "table.csv: line 3: valid is \"nan\"; expected a finite number");
  EXPECT_EQ(refused("op,kernel,valid,test\nconv,3,91,\n"), "table.csv: line 2: test is \"\"; expected a finite number");
  EXPECT_EQ(refused("op,kernel,valid\nconv,3,91\n"),
            "table.csv: has no column \"test\"; the columns are op, kernel, valid");
}

}  // namespace genome_table_trainer_test
