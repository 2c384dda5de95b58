// Elites against all that was measured, sorted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/genes.hpp>
#include <gptnas/genome/sample.hpp>
#include <gptnas/genome/tokens.hpp>
#include <gptnas/proposers/elites.hpp>

#include "../message_of.hpp"

namespace elites_test {

using namespace gptnas;
using gptnas_test::message_of;

struct Genome {
  BOOST_HANA_DEFINE_STRUCT(Genome, (Repeat<Choice<0, 1, 2>, 4>, genes));
};

// Of equal ones the earlier first; each genome once, with its first fitness.
TEST(Elites, AreTheBestOnceEach) {
  for (const EliteOptions& options :
       {EliteOptions{.most = 1}, EliteOptions{.most = 6}, EliteOptions{.most = 1000},
        EliteOptions{.most = 6, .share = 0.25}, EliteOptions{.most = 1000, .share = 0.3}}) {
    Elites<Genome> elites(options);
    std::vector<std::pair<double, Genome>> measured;
    RandomStream random(7);
    for (int i = 0; i < 200; ++i) {
      const auto genome = sample<Genome>(random);
      const auto is_known = [&](const auto& each) { return Equal{}(each.second, genome); };
      if (std::any_of(measured.begin(), measured.end(), is_known)) continue;
      const std::vector<Genome> before(elites.genomes().begin(), elites.genomes().end());
      measured.emplace_back(random.below(20), genome);
      const bool changed = elites.add(genome, measured.back().first);
      EXPECT_FALSE(elites.add(elites.genomes()[0], 20));

      std::stable_sort(measured.begin(), measured.end(),
                       [](auto& first, auto& second) { return first.first > second.first; });
      const double share = std::ceil(options.share * static_cast<double>(measured.size()));
      ASSERT_EQ(elites.genomes().size(), std::min(options.most, static_cast<std::size_t>(share)));
      ASSERT_EQ(elites.sequences().size(), elites.genomes().size());
      for (std::size_t place = 0; place < elites.genomes().size(); ++place) {
        EXPECT_TRUE(Equal{}(elites.genomes()[place], measured[place].second));
        EXPECT_EQ(elites.sequences()[place][1], encode(measured[place].second)[0]);
      }
      const auto now = elites.genomes();
      EXPECT_EQ(changed, !std::equal(before.begin(), before.end(), now.begin(), now.end(), Equal{}));
    }
  }
}

TEST(Elites, RefuseBadOptions) {
  const auto refusal = [](const EliteOptions& options) { return message_of([&] { Elites<Genome>{options}; }); };
  EXPECT_EQ(refusal({.most = 0}), "Elites::most is 0; expected at least 1");
  EXPECT_EQ(refusal({.share = 0}), "Elites::share is 0; expected in (0, 1]");
  EXPECT_EQ(refusal({.share = 1.1}), "Elites::share is 1.1; expected in (0, 1]");
  EXPECT_EQ(refusal({.share = std::nan("")}), "Elites::share is nan; expected in (0, 1]");
}

TEST(Elites, RefuseNan) {
  Elites<Genome> elites({.most = 2});
  Genome genome;
  elites.add(genome, 3);
  set_gene_value(genome, 0, 1);
  EXPECT_EQ(message_of([&] { elites.add(genome, std::nan("")); }), "Elites::add: fitness is nan; expected a number");
  EXPECT_TRUE(elites.add(genome, 5));  // it is not taken for known
  EXPECT_TRUE(Equal{}(elites.genomes()[0], genome));
}

}  // namespace elites_test
