// A cell whose inner vertices are in another order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <gptnas/core/random_stream.hpp>
#include <gptnas/genome/cell.hpp>

namespace gptnas_test {

/// The cell in a random order along its edges.
template <class CellType>
CellType relabelled(const CellType& cell, gptnas::RandomStream& random) {
  std::vector<std::size_t> order{0}, rest;
  for (std::size_t vertex = 1; vertex + 1 < CellType::vertices; ++vertex) rest.push_back(vertex);
  while (!rest.empty()) {
    const std::size_t pick = random.below(static_cast<std::uint32_t>(rest.size()));
    bool ready = true;
    for (const std::size_t other : rest) ready = ready && !(other < rest[pick] && cell.edge(other, rest[pick]));
    if (!ready) continue;
    order.push_back(rest[pick]);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(pick));
  }
  order.push_back(CellType::vertices - 1);
  std::vector<typename CellType::Operation> operations;
  std::vector<gptnas::CellEdge> edges;
  for (std::size_t to = 1; to < order.size(); ++to) {
    if (to + 1 < order.size()) operations.push_back(cell.operation(order[to]));
    for (std::size_t from = 0; from < to; ++from) {
      if (order[from] < order[to] && cell.edge(order[from], order[to])) edges.push_back({from, to});
    }
  }
  return CellType(std::span<const typename CellType::Operation>(operations), edges);
}

}  // namespace gptnas_test
