// The history as CSV.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <gptnas/core/errors.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/search/history.hpp>
#include <gptnas/search/result.hpp>

#include "../temporary_folder.hpp"

namespace history_test {

using namespace gptnas;

struct Space {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (Choice<3, 5>, kernel));
  };
};
struct Trainer {
  static constexpr std::array objectives{Objective{"accuracy", Direction::maximize},
                                         Objective{"seconds", Direction::minimize}};
  static constexpr std::array<std::string_view, 2> metrics{"parameters", "epochs"};
};
using Result = SearchResult<Space, Trainer>;

const std::string header = "id,repeated,status,accuracy,seconds,parameters,epochs,cost,parents,genome,message\n";

std::string csv(const Result& result) {
  std::ostringstream stream;
  write_history(result, stream);
  return stream.str();
}

Result::Entry entry(std::uint64_t id, Outcome outcome, bool repeated = false) {
  Result::Entry entry{{}, std::move(outcome), repeated};
  entry.id = id;
  return entry;
}

TEST(History, OfNothingIsItsHeader) { EXPECT_EQ(csv({}), header); }

// A stream that writes 1.234,5, and that is to go on as it was.
TEST(History, NeitherFollowsNorChangesAStream) {
  struct Comma : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
  };
  const std::locale before = std::locale::global(std::locale(std::locale(), new Comma));
  Result result;
  result.history.push_back(entry(1234, Measured{{0.5, 1234.5}, {1e6, 3}, 1.5}));
  std::ostringstream stream;
  write_history(result, stream);
  stream << 1234.0625;
  std::locale::global(before);
  EXPECT_EQ(stream.str(), header + "1234,0,measured,0.5,1234.5,1000000,3,1.5,,\"3\",\n1.234,06");
}

TEST(History, HasALineAnIndividual) {
  Result result;
  result.history.push_back(entry(0, Measured{{0.5, 2}, {100, 3}, 1.5}));
  result.history.push_back(entry(7, Measured{{0.75, 4}, {200, 3}, 2}, true));
  result.history[1].parents = {0, 12};
  result.history[1].genome.kernel = 5;
  EXPECT_EQ(csv(result), header +
                             "0,0,measured,0.5,2,100,3,1.5,,\"3\",\n"
                             "7,1,measured,0.75,4,200,3,2,0 12,\"5\",\n");
}

TEST(History, NumbersAreReadBackAsTheyWere) {
  Result result;
  const double third = 1.0 / 3, tiny = std::numeric_limits<double>::denorm_min();
  result.history.push_back(entry(0, Measured{{third, tiny}, {1e300, 12345678}, 0.1}));
  std::istringstream fields(csv(result).substr(header.size()));
  std::string field;
  for (int skipped = 0; skipped < 3; ++skipped) std::getline(fields, field, ',');
  for (const double expected : {third, tiny, 1e300, 12345678.0, 0.1}) {
    std::getline(fields, field, ',');
    EXPECT_EQ(std::strtod(field.c_str(), nullptr), expected) << field;
  }
}

TEST(History, AFailureHasNoValuesAndAQuotedMessage) {
  Result result;
  result.history.push_back(entry(3, Failed{FailureKind::threw, "no \"such\" layer, or\ntwo"}));
  EXPECT_EQ(csv(result), header + "3,0,threw,,,,,,,\"3\",\"no \"\"such\"\" layer, or\ntwo\"\n");
}

TEST(History, IsReadByATable) {
  Result result;
  result.history.push_back(entry(0, Measured{{0.5, 2}, {100, 3}, 1}));
  result.history.push_back(entry(3, Failed{FailureKind::threw, "no \"such\" layer, or two"}));
  const gptnas_test::TemporaryFolder folder;
  const Table table(folder.write("history.csv", csv(result)));
  EXPECT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.texts("genome")[1], "3");
  EXPECT_EQ(table.texts("message")[1], "no \"such\" layer, or two");
}

TEST(History, MetricsThatATrainerLeftOutAreEmpty) {
  Result result;
  result.history.push_back(entry(0, Measured{{0.5, 2}, {100}, 1}));
  EXPECT_EQ(csv(result), header + "0,0,measured,0.5,2,100,,1,,\"3\",\n");
}

TEST(History, IsWrittenWholeOrNotAtAll) {
  const gptnas_test::TemporaryFolder folder;
  folder.write("file", "");
  Result result;
  result.history.push_back(entry(0, Measured{{0.5, 2}, {100, 3}, 1}));
  write_history(result, folder.path() / "history.csv");
  EXPECT_EQ(folder.content("history.csv"), csv(result));
  EXPECT_EQ(folder.refusal([&] { write_history(result, folder.path() / "file" / "history.csv"); }),
            "file/history.csv: cannot be written; expected a writable folder");
  EXPECT_EQ(folder.files(), 2u);
}

}  // namespace history_test
