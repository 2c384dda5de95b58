#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <gptnas/data/cached_table.hpp>
#include <gptnas/spaces/nas_bench_101_table.hpp>
#include <gptnas/trainers/tabular_trainer.hpp>

#include "../data/nas_bench_101_files.hpp"
#include "../message_of.hpp"
#include "../temporary_folder.hpp"

namespace nas_bench_101_table_test {

using gptnas::NasBench101;
using gptnas_test::base64;
using gptnas_test::message_of;
using gptnas_test::RecordParts;
using gptnas_test::TemporaryFolder;
using gptnas_test::tfrecord;

// The cells of which a table may lack some.
struct SomeCells {
  using Genome = NasBench101::Genome;
  static std::uint64_t key(const Genome& genome) { return NasBench101::key(genome); }
};

// Two trainings of a cell, one of them of a relabelled one, and a shorter training that does not count.
TEST(NasBench101Table, IsReadFromTheBenchmarksFile) {
  const TemporaryFolder folder;
  RecordParts first, second, shorter;
  first.metrics = base64(gptnas_test::metrics(0.5, 0.7));
  second.metrics = base64(gptnas_test::metrics(0.5, 0.8));
  second.adjacency =
      "01010"
      "00100"
      "00001"
      "00001"
      "00000";
  second.operations = "input,maxpool3x3,conv1x1-bn-relu,conv3x3-bn-relu,output";
  shorter.epochs = "36";
  const auto source =
      folder.write("cells.tfrecord", tfrecord(first.text()) + tfrecord(second.text()) + tfrecord(shorter.text()));
  const gptnas::Table table = gptnas::cached_table(source, folder.path() / "cache", gptnas::read_nas_bench_101_cells);
  ASSERT_EQ(table.rows(), 1u);
  EXPECT_NEAR(table.numbers("final_validation_accuracy")[0], 0.77, 1e-12);
  const gptnas::TabularTrainer<SomeCells> trainer(table, "key", "final_validation_accuracy", "final_test_accuracy");
  gptnas::RandomStream random(1);
  const NasBench101::Genome genome = gptnas::nas_bench_101_cell(5, "2a3", "021");
  const auto outcome = trainer.evaluate({.genome = genome}, 1, random, {});
  ASSERT_NE(outcome.measured(), nullptr);
  EXPECT_NEAR(outcome.measured()->metrics[0], 0.76, 1e-12);
  EXPECT_NE(trainer.evaluate({}, 1, random, {}).failed(), nullptr);
  EXPECT_EQ(folder.refusal([&] { gptnas::TabularTrainer<NasBench101>(table, "key", "key", "key"); }),
            "cache: 1 rows; expected 423624, one a key of the space");
}

TEST(NasBench101Table, SaysWhatIsWrong) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& csv) {
    return folder.refusal([&] { gptnas::read_nas_bench_101_cells(folder.write("cells.csv", csv)); });
  };
  EXPECT_EQ(refused("vertices,adj\n2,1\n"), "cells.csv: has no column \"ops\"; the columns are vertices, adj");
  EXPECT_EQ(refused("vertices,adj,ops\n2,1,-\n,1,-\n"),
            "cells.csv: line 3: vertices is \"\"; expected a finite number");
  for (const std::string size : {"8", "1", "-1", "2.5", "1e+300"}) {
    const std::string problem = refused("vertices,adj,ops\n" + size + ",1,-\n");
    EXPECT_EQ(problem, "cells.csv: line 2: vertices is " + size + "; expected 2 to 7");
  }
  EXPECT_EQ(refused("vertices,adj,ops\n2,1,-\n2,x,-\n"),
            "cells.csv: line 3: adj is \"x\"; expected a hexadecimal number");
  EXPECT_EQ(refused("vertices,adj,ops\n3,8,1\n"), "cells.csv: line 2: adj is \"8\"; expected 3 bits for 3 vertices");
  EXPECT_EQ(refused("vertices,adj,ops\n3,5,7\n"),
            "cells.csv: line 2: ops is \"7\"; expected digits from 0 to 2, or \"-\"");
  EXPECT_EQ(refused("vertices,adj,ops\n3,5,11\n"),
            "cells.csv: line 2: ops is \"11\"; expected 1 digits for 3 vertices");
  EXPECT_EQ(refused("vertices,adj,ops\n2,0,-\n"),
            "cells.csv: line 2: Cell: no path leads from the input to the output; expected one");
  EXPECT_EQ(refused("vertices,adj,ops,epochs\n2,1,-,108\n2,1,-,\n"),
            "cells.csv: line 3: epochs is \"\"; expected a finite number");
}

}  // namespace nas_bench_101_table_test
