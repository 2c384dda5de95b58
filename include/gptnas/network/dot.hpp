// A network as a drawing: the DOT language of Graphviz.
#pragma once

#include <cstddef>
#include <filesystem>
#include <ostream>
#include <sstream>

#include <gptnas/core/write_file.hpp>
#include <gptnas/network/network.hpp>

namespace gptnas {

/// Writes the graph in the DOT language: a box a node, with its operation, shape and parameters.
inline void write_dot(const Network& network, std::ostream& out) {
  out << "digraph network {\n  node [shape=box, fontname=\"Helvetica\"];\n";
  for (std::size_t index = 0; index < network.nodes().size(); ++index) {
    const Network::Node& node = network.nodes()[index];
    out << "  n" << index << " [label=\"" << node.operation << "\\n" << node.shape;
    if (node.parameters > 0) out << "\\n" << node.parameters << " parameters";
    out << "\"];\n";
    for (const Network::NodeId from : node.inputs) out << "  n" << Network::index(from) << " -> n" << index << ";\n";
  }
  out << "}\n";
}

/// Writes the graph to a file, whole or not at all.
///
/// @throws FileError if the file cannot be written.
inline void write_dot(const Network& network, const std::filesystem::path& path) {
  std::ostringstream text;
  write_dot(network, text);
  write_file(path, text.str());
}

}  // namespace gptnas
