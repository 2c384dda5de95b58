#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <gptnas/core/joined.hpp>
#include <gptnas/data/cached_table.hpp>
#include <gptnas/data/table.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/record.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/trainers/genome_table.hpp>

#include "../genome/shapes.hpp"
#include "../temporary_folder.hpp"

namespace genome_table_test {

using gptnas::Choice;
using gptnas::Equal;
using gptnas::GenomeTable;
using gptnas::joined;
using gptnas::Repeat;
using gptnas::Sequence;
using gptnas::Table;
using gptnas_test::TemporaryFolder;
using shapes::Op;

template <class GenomeType>
struct SpaceOf {
  using Genome = GenomeType;
};

// The genomes of a CSV's rows, printed.
template <class Genome, class... Column>
std::vector<std::string> printed(std::string_view csv, Column... digits) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", csv));
  const GenomeTable<SpaceOf<Genome>> genomes(table, digits...);
  std::vector<std::string> texts;
  for (const Genome& genome : genomes.genomes()) texts.push_back(gptnas::print(genome));
  return texts;
}

template <class Genome, class... Column>
std::string refusal(std::string_view csv, Column... digits) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", csv));
  return folder.refusal([&] { GenomeTable<SpaceOf<Genome>>(table, digits...); });
}

using Texts = std::vector<std::string>;

// ---- Any genome, through JSON, which knows nothing of members and layouts ----

// {"blocks": [{"op": "conv"}]} as blocks[0].op = conv, and blocks.size = 1.
void flatten(const nlohmann::ordered_json& record, const std::string& path,
             std::map<std::string, std::string>& fields) {
  if (record.is_object()) {
    for (const auto& [name, value] : record.items()) flatten(value, path + (path.empty() ? "" : ".") + name, fields);
  } else if (record.is_array()) {
    fields[path + (path.empty() ? "size" : ".size")] = std::to_string(record.size());
    for (std::size_t i = 0; i < record.size(); ++i) flatten(record[i], path + "[" + std::to_string(i) + "]", fields);
  } else {
    fields[path] = record.is_string() ? record.get<std::string>() : record.dump();
  }
}

// A CSV of these genomes; columns that hold nothing are left out. `keeps(path)` tells which lengths it shows.
template <class Genome, class Keeps>
std::string csv_of(const std::vector<Genome>& genomes, Keeps keeps) {
  std::vector<std::map<std::string, std::string>> rows;
  std::set<std::string> names;
  for (const Genome& genome : genomes) {
    flatten(gptnas::to_json(genome), "", rows.emplace_back());
    for (const auto& [name, field] : rows.back()) {
      if (!name.ends_with("size") || keeps(name)) names.insert(name);
    }
  }
  std::string csv = "accuracy";
  for (const std::string& name : names) csv += joined({",", name});
  for (std::size_t row = 0; row < rows.size(); ++row) {
    csv += joined({"\n", row});
    for (const std::string& name : names) csv += joined({",", rows[row][name]});
  }
  return csv + "\n";
}

template <class Genome>
std::vector<Genome> different_genomes(std::size_t count) {
  gptnas::RandomStream random(1);
  std::vector<Genome> genomes;
  while (genomes.size() < count) {
    const auto genome = gptnas::sample<Genome>(random);
    const auto is_it = [&](const Genome& other) { return Equal{}(genome, other); };
    if (std::none_of(genomes.begin(), genomes.end(), is_it)) genomes.push_back(genome);
  }
  return genomes;
}

template <class Genome>
class GenomeTableTest : public testing::Test {
 protected:
  const std::vector<Genome> genomes = different_genomes<Genome>(12);

  void expect_read(const GenomeTable<SpaceOf<Genome>>& table) const {
    ASSERT_EQ(table.genomes().size(), genomes.size());
    for (std::size_t row = 0; row < genomes.size(); ++row) {
      EXPECT_TRUE(Equal{}(table.genomes()[row], genomes[row])) << gptnas::print(genomes[row]);
      EXPECT_EQ(table.row(genomes[row]), row);
    }
    gptnas::RandomStream random(2);
    for (int i = 0; i < 100; ++i) {
      const auto genome = gptnas::sample<Genome>(random);
      const auto is_it = [&](const Genome& other) { return Equal{}(genome, other); };
      EXPECT_EQ(table.row(genome).has_value(), std::any_of(genomes.begin(), genomes.end(), is_it));
    }
  }
};
TYPED_TEST_SUITE(GenomeTableTest, shapes::All);

// Which lengths are those of sequences, and which must be there.
template <class Genome>
bool is_length(const std::string& path) {
  if constexpr (std::is_same_v<Genome, shapes::Nested>) return path != "tail.size";
  if constexpr (std::is_same_v<Genome, shapes::Cell>) return false;
  if constexpr (std::is_same_v<Genome, shapes::Large>) return path.ends_with("extra.size");
  return true;
}

TYPED_TEST(GenomeTableTest, ReadsAColumnForEachGene) {
  constexpr bool needs_lengths = std::is_same_v<TypeParam, shapes::Bare>;
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", csv_of(this->genomes, [](const std::string&) { return needs_lengths; })));
  this->expect_read(GenomeTable<SpaceOf<TypeParam>>(table));
}

TYPED_TEST(GenomeTableTest, ReadsLengthsThatAreThere) {
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", csv_of(this->genomes, is_length<TypeParam>)));
  this->expect_read(GenomeTable<SpaceOf<TypeParam>>(table));
}

TYPED_TEST(GenomeTableTest, ReadsTheBinaryForm) {
  const TemporaryFolder folder;
  const std::string source = folder.write("table.csv", csv_of(this->genomes, is_length<TypeParam>));
  const Table table = gptnas::cached_table(source, folder.path() / "cache");
  this->expect_read(GenomeTable<SpaceOf<TypeParam>>(table));
}

#if defined(GPTNAS_WITH_ZLIB)
TYPED_TEST(GenomeTableTest, ReadsGzip) {
  const TemporaryFolder folder;
  const Table table(folder.write_gzip("table.csv.gz", csv_of(this->genomes, is_length<TypeParam>)));
  this->expect_read(GenomeTable<SpaceOf<TypeParam>>(table));
}
#endif

// A single sequence, or none: the number of digits tells its length.
template <class Genome>
inline constexpr bool has_digits = !(std::is_same_v<Genome, shapes::Nested> || std::is_same_v<Genome, shapes::Small> ||
                                     std::is_same_v<Genome, shapes::Bare> || std::is_same_v<Genome, shapes::Large>);

TYPED_TEST(GenomeTableTest, ReadsAColumnOfDigits) {
  if constexpr (has_digits<TypeParam>) {
    for (const char* const separator : {"", "-", " ", " ; "}) {
      std::string csv = "accuracy,key\n";
      for (const TypeParam& genome : this->genomes) {
        csv += "1,";
        for (std::size_t gene = 0; gene < gptnas::gene_count(genome); ++gene) {
          csv += (gene == 0 ? "" : separator) + std::to_string(gptnas::gene_value(genome, gene));
        }
        csv += "\n";
      }
      const TemporaryFolder folder;
      const Table table(folder.write("table.csv", csv));
      this->expect_read(GenomeTable<SpaceOf<TypeParam>>(table, "key"));
    }
  }
}

// ---- What fields may look like ----

TEST(GenomeTable, ReadsNumbersAndBoolsInOtherSpellings) {
  EXPECT_EQ(
      printed<shapes::Flat>("op,shift,norm\n"
                            "conv,-1,false\n"
                            "conv,0.0,False\n"
                            "conv,+1,FALSE\n"
                            "identity,-1.00,0\n"
                            "conv,-1e0,1.0\n"
                            " identity , 0,\ttrue\n"),
      (Texts{"conv--1-false", "conv-0-false", "conv-1-false", "identity--1-false", "conv--1-true", "identity-0-true"}));
  EXPECT_EQ(refusal<shapes::Flat>("op,shift,norm\nconv,0.5,true\n"),
            "table.csv: line 2: shift is \"0.5\"; expected one of -1, 0, 1");
  EXPECT_EQ(refusal<shapes::Flat>("op,shift,norm\nconv,one,true\n"),
            "table.csv: line 2: shift is \"one\"; expected one of -1, 0, 1");
  EXPECT_EQ(refusal<shapes::Flat>("op,shift,norm\nconv,0,2\n"),
            "table.csv: line 2: norm is \"2\"; expected one of false, true");
  EXPECT_EQ(refusal<shapes::Flat>("op,shift,norm\nConv,0,true\n"),
            "table.csv: line 2: op is \"Conv\"; expected one of conv, identity");
  EXPECT_EQ(refusal<shapes::Flat>("op,shift,norm\n0,0,true\n"),
            "table.csv: line 2: op is \"0\"; expected one of conv, identity");
  EXPECT_EQ(refusal<shapes::Flat>("op,shift,norm\nconv,,true\n"),
            "table.csv: line 2: shift is \"\"; expected one of -1, 0, 1");
}

enum class Rate { low, high };
constexpr std::string_view name_of(Rate rate) { return rate == Rate::low ? "1e-4" : "0.001"; }

// As a number, too.
TEST(GenomeTable, ReadsNamesThatAreNoIdentifiers) {
  using Genome = Choice<Rate::low, Rate::high>;
  EXPECT_EQ(printed<Genome>("value\n0.001\n1e-4\n"), (Texts{"0.001", "1e-4"}));
  EXPECT_EQ(printed<Genome>("value\n1e-03\n0.0001\n"), (Texts{"0.001", "1e-4"}));
  EXPECT_EQ(refusal<Genome>("value\nhigh\n"), "table.csv: line 2: value is \"high\"; expected one of 1e-4, 0.001");
}

TEST(GenomeTable, DoesNotConfuseLargeIntegers) {
  using Genome = Choice<9007199254740992, 9007199254740993>;  // 2^53 and its successor, which no double is
  EXPECT_EQ(printed<Genome>("value\n9007199254740993\n9007199254740992\n"),
            (Texts{"9007199254740993", "9007199254740992"}));
  EXPECT_NE(refusal<Genome>("value\n9007199254740992.0\n"), "no exception");
}

struct Inner {
  BOOST_HANA_DEFINE_STRUCT(Inner, (Choice<3, 5>, kernel));
};
struct Outer {
  BOOST_HANA_DEFINE_STRUCT(Outer, (Inner, pool), (Repeat<Inner, 2>, sides));
};
struct Deep {
  BOOST_HANA_DEFINE_STRUCT(Deep, (Outer, head), (Outer, tail));
};

TEST(GenomeTable, ReadsMembersOfMembersInAnyOrderOfColumns) {
  const std::string csv =
      "tail.sides[1].kernel,top1 (%),head.sides[1].kernel,head.pool.kernel,tail.pool.kernel,head.sides[0].kernel,"
      "tail.sides[0].kernel\n5,91.5,3,5,3,5,3\n";
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", csv));
  const GenomeTable<SpaceOf<Deep>> genomes(table);
  ASSERT_EQ(genomes.genomes().size(), 1u);
  const Deep& genome = genomes.genomes()[0];
  EXPECT_EQ(genome.head.pool.kernel, 5);
  EXPECT_EQ(genome.head.sides[0].kernel, 5);
  EXPECT_EQ(genome.head.sides[1].kernel, 3);
  EXPECT_EQ(genome.tail.pool.kernel, 3);
  EXPECT_EQ(genome.tail.sides[0].kernel, 3);
  EXPECT_EQ(genome.tail.sides[1].kernel, 5);
}

// ---- Sequences ----

struct Pair {
  BOOST_HANA_DEFINE_STRUCT(Pair, (Choice<Op::conv, Op::max_pool>, op), (Choice<3, 5>, kernel));
};
struct Chain {
  BOOST_HANA_DEFINE_STRUCT(Chain, (Sequence<Pair, 1, 3>, blocks), (Choice<16, 32>, width));
};
constexpr const char* chain_columns = "blocks[0].op,blocks[0].kernel,blocks[1].op,blocks[1].kernel,width\n";

TEST(GenomeTable, TakesColumnsThatNoRowNeedsForEmpty) {
  EXPECT_EQ(printed<Chain>(std::string(chain_columns) + "conv,3,,,16\nconv,3,max_pool,5.0,32\n"),
            (Texts{"{blocks=[conv-3] width=16}", "{blocks=[conv-3 max_pool-5] width=32}"}));
  EXPECT_EQ(printed<Chain>("blocks[0].op,blocks[0].kernel,width\nconv,3,16\n"), Texts{"{blocks=[conv-3] width=16}"});
}

TEST(GenomeTable, RefusesItemsThatAreNotThere) {
  const auto refused = [](const char* row) { return refusal<Chain>(std::string(chain_columns) + row); };
  EXPECT_EQ(refused("conv,3,conv,,16\n"), "table.csv: line 2: blocks[1].kernel is \"\"; expected one of 3, 5");
  EXPECT_EQ(refused("conv,3,,,16\n,,,,16\n"),
            "table.csv: line 3: blocks[0].op is \"\"; expected one of conv, max_pool");
  EXPECT_EQ(refused(",,conv,3,16\n"), "table.csv: line 2: blocks[0].op is \"\"; expected one of conv, max_pool");
  EXPECT_EQ(
      refusal<Chain>("blocks[0].op,blocks[0].kernel,blocks[1].op,blocks[1].kernel,blocks[2].op,blocks[2].kernel,width\n"
                     "conv,3,,,,5,16\n"),
      "table.csv: line 2: blocks[2].kernel is \"5\"; expected nothing: blocks.size is 1");
}

TEST(GenomeTable, RefusesLengthsThatAreNotThoseOfTheItems) {
  const auto refused = [](const char* size) {
    return refusal<Chain>("blocks.size," + std::string(chain_columns) + size + ",conv,3,conv,5,16\n");
  };
  EXPECT_EQ(refused("2"), "no exception");
  EXPECT_EQ(refused("2.0"), "no exception");
  EXPECT_EQ(refused("1"), "table.csv: line 2: blocks[1].op is \"conv\"; expected nothing: blocks.size is 1");
  EXPECT_EQ(refused("3"),
            "table.csv: line 2: blocks.size is \"3\"; expected fewer: the table has no columns of so many items");
  for (const char* const size : {"0", "4", "1.5", "", "nan", "two", "-1", "1e300"}) {
    EXPECT_EQ(refused(size), "table.csv: line 2: blocks.size is \"" + std::string(size) + "\"; expected 1 to 3");
  }
}

TEST(GenomeTable, RefusesAColumnThatIsMissing) {
  EXPECT_EQ(refusal<Chain>("blocks[0].op,width\nconv,16\n"),
            "table.csv: has no column \"blocks[0].kernel\"; the columns are blocks[0].op, width");
  EXPECT_EQ(refusal<Chain>("blocks[0].op,blocks[0].kernel,blocks[2].op,width\nconv,3,,16\n"),
            "table.csv: has no column \"blocks[1].op\"; the columns are blocks[0].op, blocks[0].kernel, blocks[2].op, "
            "width");
  EXPECT_EQ(refusal<Chain>("width\n16\n"), "table.csv: has no column \"blocks[0].op\"; the columns are width");
  EXPECT_EQ(refusal<shapes::Bare>("[0][0][0]\n7\n"), "table.csv: has no column \"size\"; the columns are [0][0][0]");
  EXPECT_EQ((refusal<Chain>("width\n16\n", "digits")), "table.csv: has no column \"digits\"; the columns are width");
}

struct Stage {
  BOOST_HANA_DEFINE_STRUCT(Stage, (Choice<16, 32>, width), (Sequence<Pair, 0, 2>, pairs));
};
struct Stages {
  BOOST_HANA_DEFINE_STRUCT(Stages, (Sequence<Stage, 1, 2>, blocks));
};

// If the columns of a sequence that may be empty are named otherwise, all rows would be without it.
TEST(GenomeTable, RefusesAGeneThatHasNoColumnAtAll) {
  using Optional = Sequence<Pair, 0, 2>;
  EXPECT_EQ(refusal<Optional>("[0]_op,[0]_kernel\nconv,3\n"),
            "table.csv: has no column \"[0].op\"; the columns are [0]_op, [0]_kernel");
  EXPECT_EQ(printed<Optional>("[0].op,[0].kernel\n,\nconv,3\n"), (Texts{"[]", "[conv-3]"}));
  EXPECT_EQ(printed<Optional>("size,accuracy\n0,90\n"), Texts{"[]"});
  EXPECT_EQ(refusal<Optional>("sizes,accuracy\n0,90\n"),
            "table.csv: has no column \"[0].op\"; the columns are sizes, accuracy");
  EXPECT_EQ(refusal<Stages>("blocks.size,blocks[0].width,pairs_0_op,pairs_0_kernel\n1,16,conv,3\n"),
            "table.csv: has no column \"blocks[0].pairs[0].op\"; the columns are blocks.size, blocks[0].width, "
            "pairs_0_op, pairs_0_kernel");
  EXPECT_EQ(printed<Stages>("blocks.size,blocks[0].width,blocks[0].pairs.size\n1,16,0\n"), Texts{"{blocks=[{width=16 pairs=[]}]}"});
}

// A table of a larger space would otherwise be taken for one of this.
TEST(GenomeTable, RefusesMembersThatAGenomeDoesNotHave) {
  const std::string columns = "blocks[0].op,blocks[0].kernel,width,blocks[3].op,blocks_tried\n";
  EXPECT_EQ(refusal<Chain>(columns + "conv,3,16,,\nconv,3,32,conv,7\n"),
            "table.csv: line 3: blocks[3].op is \"conv\"; expected nothing: a genome has no such member");
  EXPECT_EQ(printed<Chain>(columns + "conv,3,16,,\nconv,3,32, ,7\n").size(), 2u);
}

TEST(GenomeTable, KnowsEmptyItemsByTheirLengths) {
  using Genome = Sequence<Sequence<Choice<7, 9>, 0, 2>, 0, 2>;
  EXPECT_EQ(printed<Genome>("size,[0].size,[0][0],[0][1],[1].size,[1][0]\n"
                            "0,,,,,\n"
                            "1,0,,,,\n"
                            "2,0,,,0,\n"
                            "2,2,7,9,0,\n"
                            "1,1,9,,0,\n"
                            "2,2,7,9,1,9\n"),
            (Texts{"[]", "[[]]", "[[] []]", "[[7 9] []]", "[[9]]", "[[7 9] [9]]"}));
  EXPECT_EQ(refusal<Genome>("size,[0].size,[0][0]\n1,,7\n"), "table.csv: line 2: [0].size is \"\"; expected 0 to 2");
}

TEST(GenomeTable, NeedsNoLengthThatIsAlwaysTheSame) {
  using Genome = Sequence<Sequence<Choice<7, 9>, 0, 1>, 2, 2>;
  EXPECT_EQ(printed<Genome>("[0][0],[1][0]\n,\n7,\n,9\n9,9\n"),
            (Texts{"[[] []]", "[[7] []]", "[[] [9]]", "[[9] [9]]"}));
}

// ---- Rows ----

TEST(GenomeTable, RefusesASecondRow) {
  EXPECT_EQ(refusal<Chain>(std::string(chain_columns) + "conv,3,,,16\nconv,5,,,16\nconv,3.0,,,16\n"),
            "table.csv: line 4: a second row for {blocks=[conv-3] width=16}; the first one is line 2; expected one a "
            "genome, such as their mean");
}

struct Ascending {
  BOOST_HANA_DEFINE_STRUCT(Ascending, (Repeat<Choice<1, 2, 3>, 2>, widths));

  struct Constraint {
    struct State {
      int least;
      friend constexpr auto operator<=>(const State&, const State&) = default;
    };
    static State start() { return {0}; }
    static State step(State state, Choice<1, 2, 3> width) { return {width < state.least ? 9 : int{width}}; }
    static bool accepts(State state) { return state.least < 9; }
  };
};

struct Odd {
  BOOST_HANA_DEFINE_STRUCT(Odd, (Choice<1, 2, 3>, first), (Choice<1, 2, 3>, second));
  static bool allows(const Odd& genome) { return (genome.first + genome.second) % 2 == 1; }
};

TEST(GenomeTable, RefusesARowThatBreaksAConstraint) {
  EXPECT_EQ(refusal<Ascending>("widths[0],widths[1]\n1,1\n2,1\n"),
            "table.csv: line 3: the genome {widths=[2 1]} breaks the constraint of its type");
  EXPECT_EQ((refusal<Ascending>("key\n10\n", "key")),
            "table.csv: line 2: the genome {widths=[2 1]} breaks the constraint of its type");
  EXPECT_EQ(refusal<Odd>("first,second\n1,2\n1,1\n"),
            "table.csv: line 3: the genome 1-1 breaks the constraint of its type");
}

TEST(GenomeTable, NamesAGenomeThatHasNoRow) {
  const auto missing = [](auto space, std::string_view csv) -> std::string {
    const TemporaryFolder folder;
    const Table table(folder.write("table.csv", csv));
    const auto genome = GenomeTable<decltype(space)>(table).missing();
    return genome ? gptnas::print(*genome) : "none";
  };
  EXPECT_EQ(missing(SpaceOf<Ascending>{}, "widths[0],widths[1]\n1,1\n1,2\n1,3\n2,2\n2,3\n3,3\n"), "none");
  EXPECT_EQ(missing(SpaceOf<Ascending>{}, "widths[0],widths[1]\n1,1\n1,2\n1,3\n2,3\n3,3\n"), "{widths=[2 2]}");
  EXPECT_EQ(missing(SpaceOf<Odd>{}, "first,second\n1,2\n2,1\n2,3\n3,2\n"), "none");
  EXPECT_EQ(missing(SpaceOf<Odd>{}, "first,second\n1,2\n2,1\n3,2\n"), "2-3");
  EXPECT_EQ(missing(SpaceOf<Chain>{}, "blocks[0].op,blocks[0].kernel,width\n"), "{blocks=[conv-3] width=16}");
  EXPECT_EQ(missing(SpaceOf<shapes::Chain>{},
                    "blocks[0].op,blocks[0].kernel,blocks[0].width,blocks[1].op,blocks[1].kernel,"
                    "blocks[1].width,blocks[2].op,blocks[2].kernel,blocks[2].width\n"),
            "{blocks=[conv-3-16 conv-3-16 conv-3-16]}");  // at once, though there are 6.6 x 10^13
}

// ---- Genomes that mean the same ----

using Cell = gptnas::Cell<4, 4, Op::conv, Op::max_pool>;

TEST(GenomeTable, FindsTheRowOfAnIsomorphicCell) {
  const TemporaryFolder folder;
  const Table table(
      folder.write("table.csv",
                   "operation[1],operation[2],edge[0][1],edge[0][2],edge[0][3],edge[1][2],edge[1][3],edge[2][3]\n"
                   "conv,max_pool,1,1,0,0,1,1\n"
                   "conv,conv,0,0,1,0,0,0\n"));
  const GenomeTable<SpaceOf<Cell>> genomes(table);
  EXPECT_EQ(genomes.row(Cell({Op::conv, Op::max_pool}, {{0, 1}, {0, 2}, {1, 3}, {2, 3}})), 0u);
  EXPECT_EQ(genomes.row(Cell({Op::max_pool, Op::conv}, {{0, 1}, {0, 2}, {1, 3}, {2, 3}})), 0u);
  EXPECT_EQ(genomes.row(Cell({Op::max_pool, Op::conv}, {{0, 3}, {0, 1}})), 1u);  // a dead vertex
  EXPECT_EQ(genomes.row(Cell({Op::conv, Op::conv}, {{0, 1}, {0, 2}, {1, 3}, {2, 3}})), std::nullopt);
}

TEST(GenomeTable, PrefersTheRowOfTheGenomeItself) {
  struct Unordered {
    using Genome = Odd;
    static Genome canonical(const Genome& genome) {
      return genome.first > genome.second ? Genome{genome.second, genome.first} : genome;
    }
  };
  const TemporaryFolder folder;
  const Table table(folder.write("table.csv", "first,second\n3,2\n2,1\n1,2\n"));
  const GenomeTable<Unordered> genomes(table);
  EXPECT_EQ(genomes.row({1, 2}), 2u);
  EXPECT_EQ(genomes.row({2, 1}), 1u);
  EXPECT_EQ(genomes.row({2, 3}), 0u);
  EXPECT_FALSE(genomes.missing());
}

// ---- Digits ----

struct Wide {
  BOOST_HANA_DEFINE_STRUCT(Wide, (Choice<0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11>, first), (Choice<2, 4>, second));
};

TEST(GenomeTable, ReadsDigitsAboveNine) {
  EXPECT_EQ((printed<Wide>("key\nb0\nA1\n11-1\n3 0\n[4; 1]\n\"10\t0\"\n05.01\n", "key")),
            (Texts{"11-2", "10-4", "11-4", "3-2", "4-4", "10-2", "5-4"}));
  EXPECT_EQ((printed<Choice<5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16>>("key\n11\n1\n", "key")), (Texts{"16", "6"}));
}

TEST(GenomeTable, RefusesDigitsOfNoGenome) {
  const auto refused = [](const char* key) {
    const std::string message = refusal<Wide>("key\n" + std::string(key) + "\n", "key");
    const std::string place = "table.csv: line 2: key is \"" + std::string(key) + "\"; expected ";
    return message.starts_with(place) ? message.substr(place.size()) : message;
  };
  EXPECT_EQ(refused("c0"), "digits below 12 for first, which is 12");
  EXPECT_EQ(refused("02"), "digits below 2 for second, which is 2");
  EXPECT_EQ(refused("1"), "2 digits, one a gene; there are 1, perhaps without leading zeros");
  EXPECT_EQ(refused("111"), "2 digits, one a gene; there are 3");
  EXPECT_EQ(refused(""), "2 digits, one a gene; there are 0, perhaps without leading zeros");
  EXPECT_EQ(refused("1-a"), "the digits of the genes");
  EXPECT_EQ(refused("1-99999999999999999999"), "the digits of the genes");
}

// A dash between numbers separates them.
TEST(GenomeTable, RefusesSigns) {
  for (const char* const key : {"[-1 0]", "[1 -0]", "1--0", "+1 0", "-1-0"}) {
    EXPECT_EQ((refusal<Wide>("key\n" + std::string(key) + "\n", "key")),
              "table.csv: line 2: key is \"" + std::string(key) + "\"; expected the digits of the genes");
  }
  EXPECT_EQ((refusal<Choice<5, 6, 7, 8>>("key\n-3\n", "key")),
            "table.csv: line 2: key is \"-3\"; expected the digits of the genes");
  EXPECT_EQ((printed<Wide>("key\n1-0\n(1) - (1)\n", "key")), (Texts{"1-2", "1-4"}));
}

TEST(GenomeTable, ReadsTheLengthOfASequenceFromTheNumberOfDigits) {
  EXPECT_EQ((printed<Chain>("key\n000\n01101\n1110010\n", "key")),
            (Texts{"{blocks=[conv-3] width=16}", "{blocks=[conv-5 max_pool-3] width=32}",
                   "{blocks=[max_pool-5 max_pool-3 conv-5] width=16}"}));
  const std::string expected =
      "the digits of a genome, each the index of a gene's value, from 0, in the order of the members";
  for (const char* const key : {"0", "0000", "002", "200", "000000000"}) {
    EXPECT_EQ((refusal<Chain>("key\n" + std::string(key) + "\n", "key")),
              "table.csv: line 2: key is \"" + std::string(key) + "\"; expected " + expected);
  }
}

struct TwoSequences {
  BOOST_HANA_DEFINE_STRUCT(TwoSequences, (Sequence<Choice<0, 1>, 0, 2>, first), (Sequence<Choice<0, 1>, 0, 2>, second));
};

TEST(GenomeTable, RefusesDigitsOfSeveralGenomes) {
  EXPECT_EQ((printed<TwoSequences>("key\n1011\n", "key")), Texts{"{first=[1 0] second=[1 1]}"});
  EXPECT_EQ((refusal<TwoSequences>("key\n101\n", "key")),
            "table.csv: line 2: key is \"101\"; expected the digits of one genome only: of different lengths there are "
            "several; give a column for each gene");
}

}  // namespace genome_table_test
