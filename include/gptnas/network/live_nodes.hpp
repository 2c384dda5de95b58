// Which nodes of a network are computed, and which with others.
#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include <gptnas/network/network.hpp>

namespace gptnas::detail {

/// For each node, whether the output depends on it; the input always counts.
inline std::vector<bool> live_nodes(const Network& network) {
  std::vector<bool> live(network.nodes().size());
  live[Network::index(network.output())] = true;
  for (std::size_t i = live.size(); i-- > 0;) {
    const Network::Node& node = network.nodes()[i];
    if (!live[i] || std::holds_alternative<operations::Zero>(node.operation)) continue;
    for (const Network::NodeId from : node.inputs) live[Network::index(from)] = true;
  }
  live[0] = true;
  return live;
}

/// For each batch norm whose only live reader is a ReLU, that node's number; else 0.
inline std::vector<std::size_t> fused_relus(const Network& network, const std::vector<bool>& live) {
  std::vector<std::size_t> readers(live.size()), last_reader(live.size());
  for (std::size_t i = 0; i < live.size(); ++i) {
    if (!live[i]) continue;
    for (const Network::NodeId from : network.nodes()[i].inputs) {
      ++readers[Network::index(from)];
      last_reader[Network::index(from)] = i;
    }
  }
  for (std::size_t i = 0; i < live.size(); ++i) {
    const bool fuses = std::holds_alternative<operations::BatchNorm>(network.nodes()[i].operation) &&
                       readers[i] == 1 &&
                       std::holds_alternative<operations::Relu>(network.nodes()[last_reader[i]].operation);
    if (!fuses) last_reader[i] = 0;
  }
  return last_reader;
}

}  // namespace gptnas::detail
