// Which tokens may follow each other, as a graph.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <gptnas/core/errors.hpp>

namespace gptnas {

/// A token that may come next, and where it leads.
struct TokenEdge {
  std::int32_t token;
  std::uint32_t target;  ///< a node
  std::uint64_t cost;    ///< what the token costs
  std::uint64_t most;    ///< that may have been paid before; with more, every rest exceeds the bound
};

/// A grammar of token sequences, a bound on their cost included, that can be followed without any knowledge of what it
/// describes: so that a device can.
///
/// From `start`, where nothing is paid, one goes along edges; a sequence is complete in a node without any. What is not
/// complete has an edge that may be taken.
struct TokenGraph {
  std::vector<std::uint32_t> first_edge;  ///< (nodes + 1) node n has the edges from first_edge[n] to first_edge[n + 1]
  std::vector<TokenEdge> edges;           ///< of a node by their tokens, each of which occurs once
  std::uint32_t start = 0;
  std::size_t longest = 0;  ///< tokens of the longest sequence

  bool complete(std::uint32_t node) const { return first_edge[node] == first_edge[node + 1]; }

  /// The node behind one of a node's tokens.
  ///
  /// @throws std::invalid_argument if the node has no such token. Complexity: O(edges of the node).
  std::uint32_t next(std::uint32_t node, std::int32_t token) const {
    for (std::size_t edge = first_edge[node]; edge < first_edge[node + 1]; ++edge) {
      if (edges[edge].token == token) return edges[edge].target;
    }
    throw invalid_value("TokenGraph::next: token", token, "one of the node's edges");
  }
};

}  // namespace gptnas
