// A grammar's graph against the prefixes that it stands for.
#include <gptnas/genome/grammar_graph.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/prefix.hpp>
#include <gptnas/genome/sample.hpp>

#include "constrained_shapes.hpp"
#include "shapes.hpp"

namespace grammar_graph_test {

using namespace gptnas;

struct Vertices {
  using CellType = gptnas::Cell<4, 4, 1, 2>;
  BOOST_HANA_DEFINE_STRUCT(Vertices, (CellType, cell), (Choice<false, true>, flag));
};

template <class Genome>
struct GrammarGraph : testing::Test {
  /// Follows random tokens until the graph ends; a prefix must find the same ones legal.
  static void walk(const TokenGraph& graph, Prefix<Genome> prefix, std::size_t end, RandomStream& random) {
    std::uint32_t node = graph.start;
    std::uint64_t paid = 0;
    std::size_t tokens = 0;
    for (; prefix.state() < end; ++tokens) {
      ASSERT_FALSE(graph.complete(node));
      TokenMask<Genome> legal{};
      for (std::size_t edge = graph.first_edge[node]; edge < graph.first_edge[node + 1]; ++edge) {
        const TokenEdge& each = graph.edges[edge];
        legal[static_cast<std::size_t>(each.token)] = paid <= each.most;
        ASSERT_TRUE(edge == graph.first_edge[node] || graph.edges[edge - 1].token < each.token);
      }
      ASSERT_EQ(legal, prefix.legal());
      const std::size_t token = sample_legal(legal, random);
      for (std::size_t edge = graph.first_edge[node]; edge < graph.first_edge[node + 1]; ++edge) {
        if (graph.edges[edge].token == static_cast<std::int32_t>(token)) paid += graph.edges[edge].cost;
      }
      node = graph.next(node, static_cast<std::int32_t>(token));
      prefix.push(token);
    }
    ASSERT_TRUE(graph.complete(node));
    ASSERT_LE(tokens, graph.longest);
  }
};
using Shapes = testing::Types<shapes::Flat, shapes::Chain, shapes::Nested, shapes::Small, shapes::Bare, shapes::Bounded,
                              shapes::Balanced, shapes::Picky, Vertices>;
TYPED_TEST_SUITE(GrammarGraph, Shapes);

TYPED_TEST(GrammarGraph, AllowsWhatAPrefixAllows) {
  const TokenGraph graph = grammar_graph<TypeParam>();
  EXPECT_EQ(graph.longest, Layout<TypeParam>::max_tokens);
  RandomStream random(1);
  for (int i = 0; i < 200; ++i) this->walk(graph, Prefix<TypeParam>(), Layout<TypeParam>::steps, random);
}

TYPED_TEST(GrammarGraph, KeepsWhatIsKept) {
  RandomStream random(2);
  for (int i = 0; i < 200; ++i) {
    PartialGenome<TypeParam> kept(sample<TypeParam>(random));
    for (const ComponentSite& component : layout<TypeParam>.components) {
      if (random.chance(0.4)) kept.open(component);
    }
    const TokenGraph graph = grammar_graph(kept);
    for (int j = 0; j < 5; ++j) this->walk(graph, Prefix<TypeParam>(kept), kept.open_end(), random);
  }
}

TEST(TokenGraphs, RefuseATokenThatNoEdgeHas) {
  const TokenGraph graph = grammar_graph<shapes::Flat>();
  EXPECT_THROW(graph.next(graph.start, 0), std::invalid_argument);
}

}  // namespace grammar_graph_test
