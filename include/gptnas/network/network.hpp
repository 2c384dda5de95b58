// A network as a value: a graph of operations whose shapes are known as soon as it is built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/network/operations.hpp>

namespace gptnas {

/// The shape of what a node gives for one image.
struct TensorShape {
  std::size_t channels = 0, height = 0, width = 0;

  std::size_t pixels() const { return height * width; }
  std::size_t size() const { return channels * height * width; }
  friend bool operator==(const TensorShape&, const TensorShape&) = default;
  friend std::ostream& operator<<(std::ostream& out, const TensorShape& shape) {
    return out << shape.channels << 'x' << shape.height << 'x' << shape.width;
  }
};

/// A directed acyclic graph of operations, built from the input on; a node's inputs are older than the node.
///
/// Every function that adds a node infers its shape at once.
/// @throws std::invalid_argument from each of them if an option is outside its domain, if an operation does not fit
///         its inputs, or if a node is not of this network.
class Network {
 public:
  /// A node of one network.
  enum class NodeId : std::uint32_t {};

  struct Node {
    Operation operation;
    std::vector<NodeId> inputs;
    TensorShape shape;                     ///< of the result for one image
    std::size_t parameters = 0;            ///< learned numbers
    std::size_t multiply_accumulates = 0;  ///< for one image
  };

  /// @throws std::invalid_argument if a number of the task is 0.
  explicit Network(const TaskShape& task) : task_(task) {
    require_positive("TaskShape::channels", task.channels);
    require_positive("TaskShape::height", task.height);
    require_positive("TaskShape::width", task.width);
    require_positive("TaskShape::classes", task.classes);
    append({operations::Input{}, {}, {task.channels, task.height, task.width}});
  }

  /// The images, (channels, height, width) of the task.
  NodeId input() const { return NodeId{0}; }

  NodeId convolution(NodeId from, const operations::Convolution& options) {
    const TensorShape& shape = node(from).shape;
    require_positive("Convolution::channels", options.channels);
    require_positive("Convolution::groups", options.groups);
    if (shape.channels % options.groups != 0) {
      throw invalid_value("Convolution::groups", options.groups,
                          joined({"a divisor of the input's channels, ", shape.channels}));
    }
    if (options.channels % options.groups != 0) {
      throw invalid_value("Convolution::channels", options.channels,
                          joined({"a multiple of the groups, ", options.groups}));
    }
    const TensorShape result =
        windows("Convolution", shape, options.kernel, options.dilation, options.stride, options.channels);
    const std::size_t weights = product(
        "Convolution: weights", {options.kernel, options.kernel, shape.channels / options.groups, options.channels});
    return append({options,
                   {from},
                   result,
                   weights + (options.bias ? options.channels : 0),
                   product("Convolution: multiply-accumulates", {weights, result.height, result.width})});
  }

  NodeId batch_norm(NodeId from) {
    const TensorShape shape = node(from).shape;
    return append({operations::BatchNorm{}, {from}, shape, 2 * shape.channels});
  }

  NodeId relu(NodeId from) { return elementwise(operations::Relu{}, from); }
  NodeId sigmoid(NodeId from) { return elementwise(operations::Sigmoid{}, from); }
  NodeId hard_sigmoid(NodeId from) { return elementwise(operations::HardSigmoid{}, from); }
  NodeId swish(NodeId from) { return elementwise(operations::Swish{}, from); }
  NodeId hard_swish(NodeId from) { return elementwise(operations::HardSwish{}, from); }

  NodeId max_pool(NodeId from, const operations::MaxPool& options) {
    const TensorShape& shape = node(from).shape;
    return append({options, {from}, windows("MaxPool", shape, options.kernel, 1, options.stride, shape.channels)});
  }

  NodeId average_pool(NodeId from, const operations::AveragePool& options) {
    const TensorShape& shape = node(from).shape;
    return append({options, {from}, windows("AveragePool", shape, options.kernel, 1, options.stride, shape.channels)});
  }

  NodeId global_average_pool(NodeId from) {
    return append({operations::GlobalAveragePool{}, {from}, {node(from).shape.channels, 1, 1}});
  }

  NodeId linear(NodeId from, const operations::Linear& options) {
    require_positive("Linear::features", options.features);
    const std::size_t weights = product("Linear: weights", {node(from).shape.size(), options.features});
    return append(
        {options, {from}, {options.features, 1, 1}, weights + (options.bias ? options.features : 0), weights});
  }

  NodeId add(std::span<const NodeId> from) {
    require_inputs("Network::add", from);
    const TensorShape shape = node(from[0]).shape;
    for (const NodeId id : from) {
      if (node(id).shape != shape) throw misfit("Network::add", from[0], id);
    }
    return append({operations::Add{}, {from.begin(), from.end()}, shape});
  }
  NodeId add(NodeId left, NodeId right) { return add(std::initializer_list<NodeId>{left, right}); }
  NodeId add(std::initializer_list<NodeId> from) { return add(std::span(from.begin(), from.size())); }

  /// @param gates  of shape (channels of `from`, 1, 1)
  NodeId multiply(NodeId from, NodeId gates) {
    const TensorShape& shape = node(from).shape;
    if (node(gates).shape != TensorShape{shape.channels, 1, 1}) throw misfit("Network::multiply", from, gates);
    return append({operations::Multiply{}, {from, gates}, shape});
  }

  NodeId concatenate(std::span<const NodeId> from) {
    require_inputs("Network::concatenate", from);
    TensorShape shape = node(from[0]).shape;
    shape.channels = 0;
    for (const NodeId id : from) {
      const TensorShape& other = node(id).shape;
      if (other.height != shape.height || other.width != shape.width) {
        throw misfit("Network::concatenate", from[0], id);
      }
      shape.channels += other.channels;
      require_size(shape);
    }
    return append({operations::Concatenate{}, {from.begin(), from.end()}, shape});
  }
  NodeId concatenate(std::initializer_list<NodeId> from) { return concatenate(std::span(from.begin(), from.size())); }

  NodeId slice(NodeId from, const operations::Slice& options) {
    const TensorShape& shape = node(from).shape;
    require_positive("Slice::channels", options.channels);
    if (options.first >= shape.channels) {
      throw invalid_value("Slice::first", options.first, joined({"below the input's channels, ", shape.channels}));
    }
    if (options.channels > shape.channels - options.first) {
      throw invalid_value("Slice::channels", options.channels,
                          joined({"at most the rest of the input's channels, ", shape.channels - options.first}));
    }
    return append({options, {from}, {options.channels, shape.height, shape.width}});
  }

  NodeId channel_shuffle(NodeId from, const operations::ChannelShuffle& options) {
    const TensorShape& shape = node(from).shape;
    require_positive("ChannelShuffle::groups", options.groups);
    if (shape.channels % options.groups != 0) {
      throw invalid_value("ChannelShuffle::groups", options.groups,
                          joined({"a divisor of the input's channels, ", shape.channels}));
    }
    return append({options, {from}, shape});
  }

  NodeId shift(NodeId from, const operations::Shift& options) {
    const TensorShape& shape = node(from).shape;
    if (options.rows > shape.height) {
      throw invalid_value("Shift::rows", options.rows, joined({"at most the input's height, ", shape.height}));
    }
    if (options.columns > shape.width) {
      throw invalid_value("Shift::columns", options.columns, joined({"at most the input's width, ", shape.width}));
    }
    return append({options, {from}, shape});
  }

  NodeId identity(NodeId from) { return elementwise(operations::Identity{}, from); }

  NodeId zero(NodeId from, const operations::Zero& options = {}) {
    require_positive("Zero::stride", options.stride);
    const TensorShape& shape = node(from).shape;
    return append({options,
                   {from},
                   {shape.channels, (shape.height - 1) / options.stride + 1, (shape.width - 1) / options.stride + 1}});
  }

  /// Names the node that gives the class scores (logits).
  ///
  /// @throws std::invalid_argument if its shape is not (classes, 1, 1).
  void set_output(NodeId id) {
    const TensorShape& shape = node(id).shape;
    if (shape != TensorShape{task_.classes, 1, 1}) {
      throw std::invalid_argument(joined({"Network::set_output: the node's shape is ", text(shape), "; expected ",
                                          text(TensorShape{task_.classes, 1, 1}), ", one score a class"}));
    }
    output_ = id;
  }

  /// @throws std::logic_error if none was set.
  NodeId output() const {
    if (!output_) throw std::logic_error("Network::output: no output was set; call set_output first");
    return *output_;
  }

  const TaskShape& task() const { return task_; }
  std::span<const Node> nodes() const { return nodes_; }  ///< in the order of building; the first is the input
  const Node& node(NodeId id) const {
    if (index(id) >= nodes_.size()) {
      throw invalid_value("Network::node", index(id), joined({"below the number of nodes, ", nodes_.size()}));
    }
    return nodes_[index(id)];
  }
  static std::size_t index(NodeId id) { return static_cast<std::size_t>(id); }

  /// Learned numbers of all nodes, whether or not they reach the output.
  std::size_t parameters() const {
    std::size_t sum = 0;
    for (const Node& each : nodes_) sum += each.parameters;
    return sum;
  }

  /// Multiply-accumulates of the convolutions and linear layers for one image.
  std::size_t multiply_accumulates() const {
    std::size_t sum = 0;
    for (const Node& each : nodes_) sum += each.multiply_accumulates;
    return sum;
  }

  /// One line a node: number, operation, inputs, shape, parameters; then the totals.
  friend std::ostream& operator<<(std::ostream& out, const Network& network);

 private:
  NodeId append(Node node) {
    require_size(node.shape);
    nodes_.push_back(std::move(node));
    return static_cast<NodeId>(nodes_.size() - 1);
  }

  NodeId elementwise(const Operation& operation, NodeId from) { return append({operation, {from}, node(from).shape}); }

  static void require_positive(const char* name, std::size_t value) {
    if (value == 0) throw invalid_value(name, value, "at least 1");
  }

  /// The bound of a node is what a double, as metrics are, holds exactly.
  static std::size_t product(const char* name, std::initializer_list<std::size_t> factors) {
    constexpr std::size_t most = std::size_t{1} << 53;
    std::size_t result = 1;
    for (const std::size_t factor : factors) {
      if (factor != 0 && result > most / factor) {
        throw std::invalid_argument(joined({name, " are more than 2^53; expected fewer"}));
      }
      result *= factor;
    }
    return result;
  }

  static void require_size(const TensorShape& shape) {
    product("Network: values of a node", {shape.channels, shape.height, shape.width});
  }

  static void require_inputs(const char* name, std::span<const NodeId> from) {
    if (from.empty()) throw invalid_value(joined({name, ": number of inputs"}), from.size(), "at least 1");
  }

  /// The bound keeps the extent of a window and the square of its kernel far below the largest number.
  static void require_window(const std::string& name, std::size_t value) {
    if (value == 0 || value > 65536) throw invalid_value(name, value, "in [1, 65536]");
  }

  static TensorShape windows(const std::string& name, const TensorShape& shape, std::size_t kernel,
                             std::size_t dilation, std::size_t stride, std::size_t channels) {
    require_window(name + "::kernel", kernel);
    require_window(name + "::dilation", dilation);
    require_window(name + "::stride", stride);
    const std::size_t extent = dilation * (kernel - 1) + 1;
    const auto count = [&](std::size_t size) {
      const std::size_t padded = size + 2 * ((extent - 1) / 2);
      if (extent > padded) {
        throw invalid_value(name + (dilation == 1 ? "::kernel" : ": dilation * (kernel - 1) + 1"), extent,
                            joined({"at most the padded input, which is ", padded, " for ", text(shape)}));
      }
      return (padded - extent) / stride + 1;
    };
    return {channels, count(shape.height), count(shape.width)};
  }

  std::invalid_argument misfit(const std::string& name, NodeId left, NodeId right) const {
    return std::invalid_argument(
        joined({name, ": the shapes ", text(node(left).shape), " and ", text(node(right).shape), " do not fit"}));
  }

  static std::string text(const TensorShape& shape) {
    return joined({shape.channels, "x", shape.height, "x", shape.width});
  }

  TaskShape task_;
  std::vector<Node> nodes_;
  std::optional<NodeId> output_;
};

inline std::ostream& operator<<(std::ostream& out, const Network& network) {
  std::size_t number = 0;
  for (const Network::Node& node : network.nodes()) {
    out << number++ << ": " << node.operation;
    const char* separator = " of ";
    for (const Network::NodeId id : node.inputs) {
      out << separator << Network::index(id);
      separator = ", ";
    }
    out << " -> " << node.shape;
    if (node.parameters > 0) out << ", " << node.parameters << " parameters";
    out << '\n';
  }
  return out << network.parameters() << " parameters, " << network.multiply_accumulates()
             << " multiply-accumulates an image\n";
}

}  // namespace gptnas
