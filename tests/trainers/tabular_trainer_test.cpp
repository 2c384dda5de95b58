#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <gptnas/concepts/trainer.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/data/cached_table.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/spaces/nas_bench_201.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

#include "../temporary_folder.hpp"

namespace tabular_trainer_test {

namespace fs = std::filesystem;
using gptnas::NasBench201;
using gptnas::Table;
using gptnas_test::TemporaryFolder;

// Three genomes, which a table names by letters.
struct Letters {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<0, 1, 2>, letter));
  };
  static constexpr std::size_t size = 3;
  static std::size_t index(const Genome& genome) { return genome.letter.index(); }
  static std::size_t index_of(std::string_view key) {
    if (key != "a" && key != "b" && key != "c") throw gptnas::invalid_value("letter", key, "a, b or c");
    return static_cast<std::size_t>(key[0] - 'a');
  }
};

using Trainer = gptnas::TabularTrainer<Letters>;
static_assert(gptnas::Trainer<Trainer, Letters>);
static_assert(gptnas::Trainer<gptnas::TabularTrainer<NasBench201>, NasBench201>);

// A trainer on a table of this content.
Trainer trainer(const TemporaryFolder& folder, std::string_view content, std::string_view validation = "valid") {
  return Trainer(Table(folder.write("table.csv", content)), "key", validation, "test");
}

std::string refusal(std::string_view content, std::string_view validation = "valid") {
  const TemporaryFolder folder;
  return folder.refusal([&] { trainer(folder, content, validation); });
}

TEST(TabularTrainer, AnswersFromTheRowOfTheGenome) {
  const TemporaryFolder folder;
  const Trainer answers = trainer(folder, "key,valid,test\nc,30,33\na,10,11\nb,20,22\n");
  for (std::size_t index = 0; index < 3; ++index) {
    gptnas::RandomStream random(1);
    gptnas::Individual<Letters> individual;
    individual.genome.letter = gptnas::Choice<0, 1, 2>::at(index);
    const gptnas::Outcome outcome = answers.evaluate(individual, 1, random, {});
    ASSERT_NE(outcome.measured(), nullptr);
    ASSERT_EQ(outcome.measured()->objectives.size(), Trainer::objectives.size());
    ASSERT_EQ(outcome.measured()->metrics.size(), Trainer::metrics.size());
    EXPECT_EQ(outcome.measured()->objectives[0], 10.0 * static_cast<double>(index + 1));
    EXPECT_EQ(outcome.measured()->metrics[0], 11.0 * static_cast<double>(index + 1));
    EXPECT_EQ(outcome.measured()->cost, 1.0);
  }
  EXPECT_EQ(answers.best_validation(), 30.0);
}

TEST(TabularTrainer, AnswersFromTheBinaryFormAsWell) {
  const TemporaryFolder folder;
  const auto answers = [&](std::string_view content) {
    const auto source = folder.write("table.csv", content);
    return Trainer(gptnas::cached_table(source, folder.path() / "cache"), "key", "valid", "test");
  };
  EXPECT_EQ(answers("key,valid,test\nc,30,33\na,10,11\nb,20,22\n").best_validation(), 30);
  EXPECT_EQ(folder.refusal([&] { answers("key,valid,test\na,1,1\na,1,1\nc,1,1\n"); }),
            "cache: row 1: a second row for \"a\"; expected one a genome");
  EXPECT_EQ(folder.refusal([&] { answers("key,valid,test\na,1,1\nb,1,x\nc,1,1\n"); }),
            "cache: row 1: test is \"x\"; expected a finite number");
}

TEST(TabularTrainer, RefusesATableWithARowTooFewOrTooMany) {
  EXPECT_EQ(refusal("key,valid,test\na,1,1\nc,1,1\n"), "table.csv: 2 rows; expected 3, one a genome of the space; genome 1 has none");
  EXPECT_EQ(refusal("key,valid,test\na,1,1\nb,1,1\na,2,2\n"),
            "table.csv: line 4: a second row for \"a\"; expected one a genome");
}

TEST(TabularTrainer, RefusesWhatIsNoGenome) {
  EXPECT_EQ(refusal("key,valid,test\na,1,1\nd,1,1\nc,1,1\n"), "table.csv: line 3: letter is \"d\"; expected a, b or c");
}

TEST(TabularTrainer, RefusesWhatIsNoNumber) {
  EXPECT_EQ(refusal("key,valid,test\na,1,1\nb,nan,1\nc,1,1\n"),
            "table.csv: line 3: valid is \"nan\"; expected a finite number");
  EXPECT_EQ(refusal("key,valid,test\na,1,1\nb,1,\nc,1,1\n"),
            "table.csv: line 3: test is \"\"; expected a finite number");
}

TEST(TabularTrainer, RefusesAColumnThatIsMissing) {
  EXPECT_EQ(refusal("key,valid,test\na,1,1\n", "accuracy"),
            "table.csv: has no column \"accuracy\"; the columns are key, valid, test");
}

#if defined(GPTNAS_WITH_ZLIB)
TEST(TableOfNasBench201, HasTheKnownBestCells) {
  const fs::path path = GPTNAS_DATA_DIR "/nas_bench_201.csv.gz";
  if (!fs::exists(path)) GTEST_SKIP() << path << " is absent; set GPTNAS_DATA_DIR";
  const Table table(path);
  struct Known {
    const char *validation, *test;
    double best_validation, its_test, best_test;
  };
  for (const Known& known : {Known{"c10_valid_200", "c10_test_200", 91.61, 94.37, 94.373},
                             Known{"c100_valid_200", "c100_test_200", 73.49, 73.51, 73.513}}) {
    const gptnas::TabularTrainer<NasBench201> trainer(table, "ops", known.validation, known.test);
    gptnas::RandomStream random(1);
    double its_test = 0, best_test = 0;
    for (std::size_t index = 0; index < NasBench201::size; ++index) {
      const gptnas::Individual<NasBench201> individual{index, NasBench201::genome(index), {}};
      const gptnas::Outcome outcome = trainer.evaluate(individual, 1, random, {});
      const double test = outcome.measured()->metrics[0];
      if (outcome.measured()->objectives[0] == trainer.best_validation()) its_test = test;
      best_test = best_test < test ? test : best_test;
    }
    EXPECT_NEAR(trainer.best_validation(), known.best_validation, 0.005);
    EXPECT_NEAR(its_test, known.its_test, 0.005);
    EXPECT_NEAR(best_test, known.best_test, 0.0005);
  }
}
#endif

// Genomes with keys of their own, of which a table may lack some.
struct Keyed {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (gptnas::Choice<0, 1, 2, 3>, letter));
  };
  static std::uint64_t key(const Genome& genome) { return 1000 * genome.letter.index() + 7; }
};
using KeyedTrainer = gptnas::TabularTrainer<Keyed>;
static_assert(gptnas::Trainer<KeyedTrainer, Keyed>);

TEST(TabularTrainer, FindsRowsByKey) {
  const TemporaryFolder folder;
  const KeyedTrainer answers(Table(folder.write("table.csv", "key,valid,test\n7,1,2\n2007,5,6\n3007,3,4\n9999,0,0\n")), "key",
                             "valid", "test");
  for (std::size_t letter = 0; letter < 4; ++letter) {
    gptnas::RandomStream random(1);
    gptnas::Individual<Keyed> individual;
    individual.genome.letter = gptnas::Choice<0, 1, 2, 3>::at(letter);
    const gptnas::Outcome outcome = answers.evaluate(individual, 1, random, {});
    if (letter == 1) {
      ASSERT_NE(outcome.failed(), nullptr);
      EXPECT_EQ(outcome.failed()->kind, gptnas::FailureKind::invalid_network);
    } else {
      ASSERT_NE(outcome.measured(), nullptr);
      EXPECT_EQ(outcome.measured()->objectives[0], letter == 0 ? 1 : letter == 2 ? 5 : 3);
      EXPECT_EQ(outcome.measured()->metrics[0], letter == 0 ? 2 : letter == 2 ? 6 : 4);
    }
  }
  EXPECT_EQ(answers.find(8), nullptr);
  EXPECT_EQ(answers.best_validation(), 5.0);
}

// Letters of which each second one is the canonical form of two.
struct InPairs : Keyed {
  inline static int forms = 0;  // that were searched for
  static std::uint64_t key(const Genome& genome) {
    ++forms;
    return genome.letter.index() / 2 * 2;
  }
  static std::uint64_t canonical_key(const Genome& genome) { return genome.letter.index(); }
};

TEST(TabularTrainer, LooksACanonicalGenomeUpAsItIs) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "key,valid,test\n2,3,4\n"));
  const gptnas::TabularTrainer<InPairs> answers(table, "key", "valid", "test");
  const auto evaluate = [&](std::size_t letter) {
    InPairs::forms = 0;
    gptnas::RandomStream random(1);
    gptnas::Individual<InPairs> individual;
    individual.genome.letter = gptnas::Choice<0, 1, 2, 3>::at(letter);
    return answers.evaluate(individual, 1, random, {});
  };
  EXPECT_EQ(evaluate(2).measured()->metrics[0], 4);
  EXPECT_EQ(InPairs::forms, 0);
  EXPECT_EQ(evaluate(3).measured()->metrics[0], 4);
  EXPECT_EQ(InPairs::forms, 1);
  EXPECT_NE(evaluate(0).failed(), nullptr);
  EXPECT_NE(evaluate(1).failed(), nullptr);
}

TEST(TabularTrainer, RefusesKeysThatDoNotAscend) {
  const TemporaryFolder folder;
  const auto refused = [&](std::string_view keys) {
    return folder.refusal([&] {
      KeyedTrainer(Table(folder.write("table.csv", keys)), "key", "key", "key");
    });
  };
  EXPECT_EQ(refused("key\n7\n7\n"),
            "table.csv: line 3: key is 7 after 7; expected a larger natural number below 2^53");
  EXPECT_EQ(refused("key\n7.5\n"),
            "table.csv: line 2: key is 7.5 after -1; expected a larger natural number below 2^53");
  EXPECT_EQ(refused("key\n"), "no exception");
}

}  // namespace tabular_trainer_test
