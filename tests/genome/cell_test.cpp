// Cells: what is none, and which of them are the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/reflection.hpp>
#include <gptnas/genome/sample.hpp>

#include "../message_of.hpp"
#include "relabelled.hpp"

namespace cell_test {

namespace nas = gptnas;
using gptnas_test::message_of;

template <class CellType>
struct Holder {
  BOOST_HANA_DEFINE_STRUCT(Holder, (CellType, cell));
};

TEST(Cell, RefusesWhatIsNone) {
  using CellType = nas::Cell<4, 2, 7, 8>;
  EXPECT_EQ(message_of([] { CellType({7}, {{0, 3}}); }), "Cell: number of operations is 1; expected 2");
  EXPECT_EQ(message_of([] {
              CellType({7, 8}, {{2, 1}, {0, 3}});
            }),
            "Cell: an edge from 2 to 1; expected one from a lower to a higher vertex, both below 4");
  EXPECT_EQ(message_of([] {
              CellType({7, 8}, {{0, 4}});
            }),
            "Cell: an edge from 0 to 4; expected one from a lower to a higher vertex, both below 4");
  EXPECT_EQ(message_of([] {
              CellType({7, 8}, {{0, 3}, {0, 3}});
            }),
            "Cell: a second edge from 0 to 3; expected at most one");
  EXPECT_EQ(message_of([] {
              CellType({7, 8}, {{0, 1}, {0, 3}, {1, 3}});
            }),
            "Cell: number of edges is 3; expected at most 2");
  EXPECT_EQ(message_of([] {
              CellType({7, 8}, {{0, 1}, {2, 3}});
            }),
            "Cell: no path leads from the input to the output; expected one");
  EXPECT_EQ(message_of([] { CellType({7, 9}, {{0, 3}}); }), "Choice is 9; expected one of 7, 8");
  EXPECT_EQ(nas::print(CellType{}), "(7 7 0>3)");
}

// Of all relabellings of a cell along its edges, worked out one by one.
TEST(Canonical, CellsAreTheSameIfAndOnlyIfTheyAreIsomorphic) {
  using CellType = nas::Cell<5, 10, 1, 2>;
  struct Form {
    std::size_t size;
    std::vector<std::vector<int>> matrix;
    std::vector<int> operations;
    auto operator<=>(const Form&) const = default;
  };
  const auto form_of = [](const CellType& cell) {
    std::vector<std::size_t> live;
    for (std::size_t vertex = 0; vertex < 5; ++vertex) {
      const auto leads = [&](const auto& self, std::size_t from, std::size_t to) -> bool {
        if (from == to) return true;
        for (std::size_t next = from + 1; next <= to; ++next) {
          if (cell.edge(from, next) && self(self, next, to)) return true;
        }
        return false;
      };
      if (leads(leads, 0, vertex) && leads(leads, vertex, 4)) live.push_back(vertex);
    }
    std::vector<std::size_t> order(live.begin() + 1, live.end() - 1);
    std::set<Form> forms;
    do {
      std::vector<std::size_t> all{0};
      all.insert(all.end(), order.begin(), order.end());
      all.push_back(4);
      Form form{all.size(), std::vector<std::vector<int>>(all.size(), std::vector<int>(all.size())), {}};
      for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < all.size(); ++j) form.matrix[i][j] = all[i] < all[j] && cell.edge(all[i], all[j]);
        if (i > 0 && i + 1 < all.size()) form.operations.push_back(cell.operation(all[i]));
      }
      forms.insert(form);
    } while (std::next_permutation(order.begin(), order.end()));
    return *forms.begin();
  };
  std::map<Form, CellType> canonical_of;
  std::set<std::string> canonicals;
  for (std::uint32_t bits = 0; bits < 1u << 10; ++bits) {
    std::vector<nas::CellEdge> edges;
    for (std::size_t to = 1, at = 0; to < 5; at += to++) {
      for (std::size_t from = 0; from < to; ++from) {
        if (bits >> (at + from) & 1u) edges.push_back({from, to});
      }
    }
    for (int label = 0; label < 8; ++label) {
      const std::vector<CellType::Operation> operations{1 + (label & 1), 1 + (label >> 1 & 1), 1 + (label >> 2)};
      CellType cell;
      try {
        cell = CellType(operations, edges);
      } catch (const std::invalid_argument&) {
        continue;  // no path
      }
      const CellType canonical = nas::canonical(cell);
      const auto [place, fresh] = canonical_of.try_emplace(form_of(cell), canonical);
      ASSERT_TRUE(nas::Equal{}(place->second, canonical));
      ASSERT_EQ(nas::is_canonical(cell), nas::Equal{}(cell, canonical));
      canonicals.insert(nas::print(canonical));
    }
  }
  EXPECT_EQ(canonicals.size(), canonical_of.size());
}

// Of the orders of a cell without dead vertices, each tried, the one with the least operations and sources.
TEST(Canonical, IsTheLeastOfAllOrders) {
  using CellType = nas::Cell<7, 21, 1, 2>;
  using Code = std::array<std::uint32_t, 12>;  // an operation and the sources of each vertex but the input
  nas::RandomStream random(2);
  for (int draw = 0; draw < 200; ++draw) {
    std::vector<nas::CellEdge> edges;
    std::array<bool, 6> leads{};  // somewhere
    for (std::size_t to = 1; to < 7; ++to) edges.push_back({random.below(static_cast<std::uint32_t>(to)), to});
    for (const auto& edge : edges) leads[edge.from] = true;
    for (std::size_t from = 0; from < 6; ++from) {
      if (!leads[from]) edges.push_back({from, 6});
    }
    std::vector<CellType::Operation> operations;
    for (int vertex = 0; vertex < 5; ++vertex) operations.push_back(1 + static_cast<int>(random.below(2)));
    const CellType cell(operations, edges);

    std::array<std::size_t, 7> order{0, 1, 2, 3, 4, 5, 6};
    Code least;
    least.fill(~0u);
    do {
      Code code{};
      bool along_edges = true;
      for (std::size_t place = 1; place < 7; ++place) {
        code[2 * place - 2] = place < 6 ? static_cast<std::uint32_t>(cell.operation(order[place])) : 0;
        for (std::size_t other = 0; other < 7; ++other) {
          if (order[other] >= order[place] || !cell.edge(order[other], order[place])) continue;
          along_edges = along_edges && other < place;
          code[2 * place - 1] |= 1u << other;
        }
      }
      if (along_edges) least = std::min(least, code);
    } while (std::next_permutation(order.begin() + 1, order.end() - 1));

    const CellType form = nas::canonical(cell);
    for (std::size_t vertex = 1; vertex < 7; ++vertex) {
      EXPECT_EQ(vertex < 6 ? static_cast<std::uint32_t>(form.operation(vertex)) : 0, least[2 * vertex - 2]);
      EXPECT_EQ(form.sources(vertex), least[2 * vertex - 1]) << nas::print(cell);
    }
  }
}

TEST(Canonical, OfTheSmallestAndTheLargestCells) {
  using Smallest = nas::Cell<2, 1, 1>;
  static_assert(nas::is_canonical(Smallest()));
  using Largest = nas::Cell<16, 15, 1, 2>;
  std::array<Largest::Operation, 14> operations{};
  operations[12] = 2;
  // From the input over the last inner vertices to the output; the others are dead.
  const std::array<nas::CellEdge, 4> edges{{{0, 13}, {13, 14}, {14, 15}, {1, 2}}};
  const Largest form = nas::canonical(Largest(operations, edges));
  EXPECT_EQ(nas::print(form), "(2 1 1 1 1 1 1 1 1 1 1 1 1 1 0>1 1>2 2>15)");
  EXPECT_TRUE(nas::is_canonical(form));
}

TEST(Canonical, OfWhatIsNoValidCellNothingIsLeft) {
  using CellType = nas::Cell<4, 4, 1, 2>;
  nas::GenomeBytes<Holder<CellType>> bytes{};
  bytes[CellType::operation_byte(1)] = 1;
  bytes[CellType::edge_byte(0, 1)] = 1;  // and nothing into the output
  const CellType form = nas::canonical(nas::from_bytes<Holder<CellType>>(bytes)).cell;
  EXPECT_EQ(form.edge_count(), 0u);
  EXPECT_EQ(form.operation(1), 1);
  EXPECT_TRUE(nas::is_canonical(form));
}

template <class Type>
struct LargeCells : testing::Test {};
using Large = testing::Types<nas::Cell<7, 21, 1, 2>, nas::Cell<10, 20, 1, 2, 3>, nas::Cell<12, 14, 1, 2, 3>>;
TYPED_TEST_SUITE(LargeCells, Large);

TYPED_TEST(LargeCells, HaveOneFormInWhateverOrder) {
  nas::RandomStream random(1);
  for (int draw = 0; draw < 100; ++draw) {
    const TypeParam cell = nas::sample<Holder<TypeParam>>(random).cell, form = nas::canonical(cell);
    const TypeParam other = gptnas_test::relabelled(cell, random);
    EXPECT_TRUE(nas::Equal{}(nas::canonical(other), form)) << nas::print(cell);
    EXPECT_TRUE(nas::is_canonical(form)) << nas::print(form);
    EXPECT_TRUE(nas::Equal{}(nas::canonical(form), form));
    EXPECT_EQ(nas::is_canonical(other), nas::Equal{}(other, form)) << nas::print(other);
    EXPECT_EQ(nas::pruned(other).edge_count(), form.edge_count());
  }
}

}  // namespace cell_test
