// Laws that hold for every replacement, and who stays.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include <gptnas/concepts/replacement.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/evolution/aging.hpp>
#include <gptnas/evolution/generational.hpp>
#include <gptnas/evolution/mu_plus_lambda.hpp>

#include "../genome/shapes.hpp"

namespace replacement_test {

using namespace gptnas;

struct FlatSpace {
  using Genome = shapes::Flat;
};
using Members = std::vector<Member<FlatSpace>>;
using Ids = std::vector<std::uint64_t>;

// Members of consecutive ids; few different values, so that there are ties.
Members members(std::uint64_t first_id, std::size_t count, RandomStream& random) {
  Members result;
  for (std::uint64_t id = first_id; id < first_id + count; ++id) {
    result.push_back({{.id = id}, static_cast<double>(random.below(6))});
  }
  return result;
}

Ids ids(const Members& list) {
  Ids result;
  for (const auto& member : list) result.push_back(member.individual.id);
  return result;
}

std::vector<double> best_values(const Members& list, std::size_t count) {
  std::vector<double> values;
  for (const auto& member : list) values.push_back(member.fitness);
  std::sort(values.begin(), values.end(), std::greater<>());
  values.resize(std::min(count, values.size()));
  return values;
}

// Calls `check(population, offspring, size, next)` on populations and offspring of many sizes.
template <class Policy, class Check>
void for_many(const Policy& policy, Check check) {
  RandomStream random(1);
  for (std::size_t size : {1u, 2u, 5u, 12u}) {
    for (std::size_t present = 0; present <= size; ++present) {
      for (std::size_t born = present == 0 ? 1 : 0; born < 16; born += 3) {
        const Members population = members(3, present, random), offspring = members(100, born, random);
        Members next = population, consumed = offspring;
        policy.replace(next, consumed, size);
        check(population, offspring, size, next);
      }
    }
  }
}

template <class Policy>
struct ReplacementLaws : testing::Test {};
using Policies = testing::Types<Generational, MuPlusLambda, Aging>;
TYPED_TEST_SUITE(ReplacementLaws, Policies);

TYPED_TEST(ReplacementLaws, SizeOrderAndOrigin) {
  static_assert(Replacement<TypeParam, FlatSpace>);
  for_many(TypeParam{}, [](const Members& population, const Members& offspring, std::size_t size, const Members& next) {
    EXPECT_EQ(next.size(), std::min(size, std::max(next.size(), population.size())));  // never shrinks
    EXPECT_FALSE(next.empty());
    const Ids order = ids(next);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    EXPECT_EQ(std::set<std::uint64_t>(order.begin(), order.end()).size(), order.size());
    for (const auto& member : next) {
      const auto same = [&](const auto& other) {
        return other.individual.id == member.individual.id && other.fitness == member.fitness;
      };
      EXPECT_TRUE(std::any_of(population.begin(), population.end(), same) ||
                  std::any_of(offspring.begin(), offspring.end(), same));
    }
  });
}

TEST(Aging, KeepsTheYoungest) {
  for_many(Aging{}, [](const Members& population, const Members& offspring, std::size_t size, const Members& next) {
    Ids all = ids(population);
    for (const std::uint64_t id : ids(offspring)) all.push_back(id);
    if (all.size() > size) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(ids(next), all);
  });
}

TEST(MuPlusLambda, KeepsTheBest) {
  for_many(MuPlusLambda{}, [](const Members& population, const Members& offspring, std::size_t size,
                              const Members& next) {
    Members all = population;
    all.insert(all.end(), offspring.begin(), offspring.end());
    EXPECT_EQ(best_values(next, next.size()), best_values(all, size));
  });
}

TEST(MuPlusLambda, PrefersTheYoungerOfEqualOnes) {
  Members population{{{.id = 0}, 2}, {{.id = 1}, 1}, {{.id = 2}, 1}}, offspring{{{.id = 3}, 1}};
  MuPlusLambda{}.replace(population, offspring, 2);
  EXPECT_EQ(ids(population), (Ids{0, 3}));
}

TEST(Generational, KeepsElitesAndTheBestOffspring) {
  for (const std::size_t elites : {0u, 1u, 3u, 20u}) {
    for_many(Generational{.elites = elites}, [&](const Members& population, const Members& offspring, std::size_t size,
                                                 const Members& next) {
      const auto born = [](const auto& member) { return member.individual.id >= 100; };
      const auto first_child = std::find_if(next.begin(), next.end(), born);
      const Members stayed(next.begin(), first_child), entered(first_child, next.end());
      EXPECT_EQ(best_values(stayed, size), best_values(population, stayed.size()));
      EXPECT_EQ(best_values(entered, size), best_values(offspring, entered.size()));
      EXPECT_EQ(entered.size(), std::min(offspring.size(), size - std::min({elites, size - 1, population.size()})));
      EXPECT_EQ(stayed.size(), std::min(population.size(), size - entered.size()));
    });
  }
}

}  // namespace replacement_test
