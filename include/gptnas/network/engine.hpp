// Forward and backward of a whole network on the CPU.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/network/layers/activation.hpp>
#include <gptnas/network/layers/batch_norm.hpp>
#include <gptnas/network/layers/channel_gates.hpp>
#include <gptnas/network/layers/convolution.hpp>
#include <gptnas/network/layers/depthwise_convolution.hpp>
#include <gptnas/network/layers/elementwise.hpp>
#include <gptnas/network/layers/linear.hpp>
#include <gptnas/network/layers/pooling.hpp>
#include <gptnas/network/layers/shift.hpp>
#include <gptnas/network/live_nodes.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/network/weights.hpp>
#include <gptnas/tensor/eigen.hpp>

namespace gptnas {

/// Whether batch norm uses the statistics of the batch or the running ones.
enum class Phase { training, evaluation };

namespace detail {

/// Convolutions, depthwise or not.
template <class Layer, class Scalar>
concept ConvolutionLayer =
    std::same_as<Layer, layers::Convolution<Scalar>> || std::same_as<Layer, layers::DepthwiseConvolution<Scalar>>;

/// Pools of windows.
template <class Layer, class Scalar>
concept PoolLayer = std::same_as<Layer, layers::MaxPool<Scalar>> || std::same_as<Layer, layers::AveragePool<Scalar>>;

}  // namespace detail

/// Runs a network forward and backward in the calling thread; holds all buffers for a batch, so that a step allocates
/// nothing. Nodes that do not reach the output are not computed.
///
/// Values lie as (B,H,W,C). A batch norm and a ReLU that alone follows it are one step. The memory of gradients is
/// shared between those that are never needed at the same time.
template <class Scalar>
class NetworkEngine {
 public:
  /// @param batch  images that one pass holds at most, at least 1.
  /// @throws std::invalid_argument if `batch` is 0; std::logic_error if the network has no output.
  NetworkEngine(const Network& network, std::size_t batch) : batch_(batch), parameters_(network.parameters()) {
    if (batch == 0) throw invalid_value("NetworkEngine: batch", batch, "at least 1");
    add_steps(network, detail::live_nodes(network));
    allocate_values();
    plan_gradients();
    std::size_t scratch = 0;
    for (const Step& step : steps_) {
      std::visit([&](const auto& layer) { scratch = std::max(scratch, scratch_size(layer)); }, step.layer);
    }
    scratch_.resize(scratch);
  }

  std::size_t batch() const { return batch_; }

  /// Where the images of the next pass go: (batch,H,W,C).
  std::span<Scalar> images() { return values_.front(); }

  /// The scores of the last pass: (batch,classes).
  std::span<const Scalar> logits() const { return values_[output_]; }

  /// Where the gradient of the loss with respect to the scores goes: (batch,classes).
  std::span<Scalar> logit_gradients() { return gradients_[gradient_of_[output_]]; }

  /// The statistics of the batch of the last training pass, as `Weights::statistics`.
  std::span<const Scalar> batch_statistics() const { return statistics_; }

  /// Computes the scores of the first `count` images.
  ///
  /// @throws std::invalid_argument if `count` is not in [1, batch] or if the weights have other sizes than the
  ///         network's.
  void forward(const Weights<Scalar>& weights, std::size_t count, Phase phase) {
    check(weights, count);
    for (Step& step : steps_) {
      std::visit([&](auto& layer) { forward_step(layer, step, weights, count, phase); }, step.layer);
    }
  }

  /// After a training pass of as many images: gradients = those of the parameters, 0 for nodes that were not computed.
  ///
  /// @param gradients  as `Weights::parameters`.
  /// @throws std::invalid_argument as `forward`, or if there are not as many gradients as parameters.
  void backward(const Weights<Scalar>& weights, std::size_t count, std::span<Scalar> gradients) {
    check(weights, count);
    check_size("gradients", gradients.size(), parameters_);
    std::fill(gradients.begin(), gradients.end(), Scalar{});
    for (std::size_t i = steps_.size(); i-- > 0;) {
      Step& step = steps_[i];
      std::visit([&](auto& layer) { backward_step(layer, step, weights, count, gradients.data()); }, step.layer);
    }
  }

 private:
  using Buffer = std::vector<Scalar, Eigen::aligned_allocator<Scalar>>;
  using Convolution = layers::Convolution<Scalar>;
  using DepthwiseConvolution = layers::DepthwiseConvolution<Scalar>;
  using BatchNorm = layers::BatchNorm<Scalar>;
  using MaxPool = layers::MaxPool<Scalar>;
  using AveragePool = layers::AveragePool<Scalar>;
  using GlobalAveragePool = layers::GlobalAveragePool<Scalar>;
  using Linear = layers::Linear<Scalar>;
  using ChannelGates = layers::ChannelGates<Scalar>;
  using Shift = layers::Shift<Scalar>;
  struct Sum {};
  struct Join {};
  struct Part {
    std::size_t first;
  };
  struct Shuffle {
    std::size_t groups;
  };
  using Layer = std::variant<Convolution, DepthwiseConvolution, BatchNorm, layers::Relu, layers::Sigmoid,
                             layers::HardSigmoid, layers::Swish, layers::HardSwish, MaxPool, AveragePool,
                             GlobalAveragePool, Linear, ChannelGates, Shift, Sum, Join, Part, Shuffle>;

  /// A value that a step reads, and what its backward does with the value's gradient.
  struct Operand {
    std::size_t value;
    bool wants_gradient = false;
    Update update = Update::assign;
  };

  struct Step {
    Layer layer;
    std::vector<Operand> operands;
    std::size_t result;
    std::size_t parameters = 0, statistics = 0;  // where this node's lie
  };

  void check(const Weights<Scalar>& weights, std::size_t count) const {
    if (count == 0 || count > batch_) {
      throw invalid_value("NetworkEngine: number of images", count, joined({"in [1, ", batch_, "], the batch"}));
    }
    check_size("parameters", weights.parameters.size(), parameters_);
    check_size("statistics", weights.statistics.size(), statistics_.size());
  }

  static void check_size(const char* name, std::size_t size, std::size_t expected) {
    if (size == expected) return;
    throw invalid_value(joined({"NetworkEngine: number of ", name}), size, joined({expected, ", as the network has"}));
  }

  // -- What is computed, in which order, into which value --

  void add_steps(const Network& network, const std::vector<bool>& live) {
    const std::vector<std::size_t> fused = detail::fused_relus(network, live);
    std::vector<std::size_t> value_of(live.size());
    std::vector<bool> is_done(live.size());
    std::size_t parameters = 0, statistics = 0;
    shapes_.push_back(network.nodes()[0].shape);
    depends_.push_back(false);
    for (std::size_t i = 1; i < live.size(); ++i) {
      const Network::Node& node = network.nodes()[i];
      if (live[i] && !is_done[i]) {
        if (std::holds_alternative<operations::Identity>(node.operation)) {
          value_of[i] = value_of[Network::index(node.inputs[0])];
        } else {
          value_of[i] = shapes_.size();
          shapes_.push_back(node.shape);
          bool depends = node.parameters > 0;
          if (!std::holds_alternative<operations::Zero>(node.operation)) {  // zeros lie in their value from the start
            steps_.push_back({layer_of(network, node, fused[i] != 0), {}, value_of[i], parameters, statistics});
            for (const Network::NodeId from : node.inputs) {
              steps_.back().operands.push_back({value_of[Network::index(from)]});
              depends = depends || depends_[value_of[Network::index(from)]];
            }
          }
          depends_.push_back(depends);
        }
        if (fused[i] != 0) {
          value_of[fused[i]] = value_of[i];
          is_done[fused[i]] = true;
        }
      }
      parameters += node.parameters;
      if (std::holds_alternative<operations::BatchNorm>(node.operation)) statistics += 2 * node.shape.channels;
    }
    statistics_.resize(statistics);
    output_ = value_of[Network::index(network.output())];
  }

  Layer layer_of(const Network& network, const Network::Node& node, bool fuses_relu) const {
    const TensorShape& from = network.node(node.inputs[0]).shape;
    return std::visit(
        [&](const auto& operation) -> Layer {
          using Type = std::decay_t<decltype(operation)>;
          if constexpr (std::is_same_v<Type, operations::Convolution>) {
            const bool depthwise = operation.groups == from.channels && operation.groups == operation.channels;
            if (depthwise && operation.groups > 1 && !operation.bias) {
              return DepthwiseConvolution(from, node.shape, operation);
            }
            return Convolution(from, node.shape, operation);
          } else if constexpr (std::is_same_v<Type, operations::BatchNorm>) {
            return BatchNorm(from.channels, fuses_relu);
          } else if constexpr (std::is_same_v<Type, operations::MaxPool>) {
            return MaxPool(from, node.shape, operation, batch_);
          } else if constexpr (std::is_same_v<Type, operations::AveragePool>) {
            return AveragePool(from, node.shape, operation);
          } else if constexpr (std::is_same_v<Type, operations::GlobalAveragePool>) {
            return GlobalAveragePool(from);
          } else if constexpr (std::is_same_v<Type, operations::Linear>) {
            return Linear(from.size(), node.shape.channels, operation.bias);
          } else if constexpr (std::is_same_v<Type, operations::Relu>) {
            return layers::Relu{};
          } else if constexpr (std::is_same_v<Type, operations::Sigmoid>) {
            return layers::Sigmoid{};
          } else if constexpr (std::is_same_v<Type, operations::HardSigmoid>) {
            return layers::HardSigmoid{};
          } else if constexpr (std::is_same_v<Type, operations::Swish>) {
            return layers::Swish{};
          } else if constexpr (std::is_same_v<Type, operations::HardSwish>) {
            return layers::HardSwish{};
          } else if constexpr (std::is_same_v<Type, operations::Add>) {
            return Sum{};
          } else if constexpr (std::is_same_v<Type, operations::Multiply>) {
            return ChannelGates(from);
          } else if constexpr (std::is_same_v<Type, operations::Concatenate>) {
            return Join{};
          } else if constexpr (std::is_same_v<Type, operations::Slice>) {
            return Part{operation.first};
          } else if constexpr (std::is_same_v<Type, operations::ChannelShuffle>) {
            return Shuffle{operation.groups};
          } else if constexpr (std::is_same_v<Type, operations::Shift>) {
            return Shift(from, operation);
          } else {
            throw std::logic_error("NetworkEngine: this operation is no step");
          }
        },
        node.operation);
  }

  // -- Memory --

  void allocate_values() {
    for (const TensorShape& shape : shapes_) values_.emplace_back(batch_ * shape.size());
  }

  /// Walks the backward pass once: who is first to write a gradient assigns it, and its memory is free once the step
  /// that gave the value has read it.
  void plan_gradients() {
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    gradient_of_.assign(shapes_.size(), none);
    std::vector<std::size_t> free;
    const auto take = [&](std::size_t value) {
      const std::size_t size = batch_ * shapes_[value].size();
      auto best = free.end();
      for (auto each = free.begin(); each != free.end(); ++each) {
        const bool fits = gradients_[*each].size() >= size;
        if (fits && (best == free.end() || gradients_[*each].size() < gradients_[*best].size())) best = each;
      }
      if (best != free.end()) {
        gradient_of_[value] = *best;
        free.erase(best);
      } else {
        gradient_of_[value] = gradients_.size();
        gradients_.emplace_back(size);
      }
    };
    take(output_);
    for (std::size_t i = steps_.size(); i-- > 0;) {
      for (Operand& operand : steps_[i].operands) {
        operand.wants_gradient = depends_[operand.value];
        if (!operand.wants_gradient) continue;
        operand.update = gradient_of_[operand.value] == none ? Update::assign : Update::add;
        if (operand.update == Update::assign) take(operand.value);
      }
      const std::size_t read = gradient_of_[steps_[i].result];
      if (read != none && steps_[i].result != output_) free.push_back(read);
    }
  }

  template <class AnyLayer>
  static std::size_t scratch_size(const AnyLayer& layer) {
    if constexpr (requires { layer.scratch_size(); }) return layer.scratch_size();
    return 0;
  }

  // -- Running the steps --

  const Scalar* input(const Step& step, std::size_t operand = 0) const {
    return values_[step.operands[operand].value].data();
  }
  const TensorShape& input_shape(const Step& step, std::size_t operand = 0) const {
    return shapes_[step.operands[operand].value];
  }
  Scalar* result(const Step& step) { return values_[step.result].data(); }
  const Scalar* result_gradients(const Step& step) const { return gradients_[gradient_of_[step.result]].data(); }
  /// Null if nobody needs them.
  Scalar* input_gradients(const Step& step, std::size_t operand = 0) {
    const Operand& each = step.operands[operand];
    return each.wants_gradient ? gradients_[gradient_of_[each.value]].data() : nullptr;
  }

  template <detail::ConvolutionLayer<Scalar> AnyConvolution>
  void forward_step(AnyConvolution& layer, const Step& step, const Weights<Scalar>& weights, std::size_t count, Phase) {
    layer.forward(input(step), weights.parameters.data() + step.parameters, result(step), count, scratch_.data());
  }
  template <detail::ConvolutionLayer<Scalar> AnyConvolution>
  void backward_step(AnyConvolution& layer, const Step& step, const Weights<Scalar>& weights, std::size_t count,
                     Scalar* gradients) {
    layer.backward(input(step), weights.parameters.data() + step.parameters, result_gradients(step),
                   input_gradients(step), step.operands[0].update, gradients + step.parameters, count, scratch_.data());
  }

  void forward_step(BatchNorm& layer, const Step& step, const Weights<Scalar>& weights, std::size_t count,
                    Phase phase) {
    const Scalar* parameters = weights.parameters.data() + step.parameters;
    const std::size_t pixels = count * input_shape(step).pixels();
    if (phase == Phase::training) {
      layer.forward_training(input(step), parameters, result(step), statistics_.data() + step.statistics, pixels);
    } else {
      layer.forward_evaluation(input(step), parameters, result(step), weights.statistics.data() + step.statistics,
                               pixels);
    }
  }
  void backward_step(BatchNorm& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar* gradients) {
    layer.backward(input(step), result_gradients(step), input_gradients(step), step.operands[0].update,
                   gradients + step.parameters, count * input_shape(step).pixels());
  }

  template <detail::PoolLayer<Scalar> Pool>
  void forward_step(Pool& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    layer.forward(input(step), result(step), count, scratch_.data());
  }
  template <detail::PoolLayer<Scalar> Pool>
  void backward_step(Pool& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    if (Scalar* gradients = input_gradients(step)) {
      layer.backward(result_gradients(step), gradients, step.operands[0].update, count, scratch_.data());
    }
  }

  void forward_step(GlobalAveragePool& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    layer.forward(input(step), result(step), count);
  }
  void backward_step(GlobalAveragePool& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    if (Scalar* gradients = input_gradients(step)) {
      layer.backward(result_gradients(step), gradients, step.operands[0].update, count);
    }
  }

  void forward_step(Linear& layer, const Step& step, const Weights<Scalar>& weights, std::size_t count, Phase) {
    layer.forward(input(step), weights.parameters.data() + step.parameters, result(step), count);
  }
  void backward_step(Linear& layer, const Step& step, const Weights<Scalar>& weights, std::size_t count,
                     Scalar* gradients) {
    layer.backward(input(step), weights.parameters.data() + step.parameters, result_gradients(step),
                   input_gradients(step), step.operands[0].update, gradients + step.parameters, count);
  }

  template <layers::Activation Function>
  void forward_step(Function&, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    layers::activate<Function>(input(step), result(step), count * input_shape(step).size());
  }
  template <layers::Activation Function>
  void backward_step(Function&, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    if (Scalar* gradients = input_gradients(step)) {
      layers::activate_backward<Function>(input(step), result_gradients(step), gradients, step.operands[0].update,
                                          count * input_shape(step).size());
    }
  }

  void forward_step(ChannelGates& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    layer.forward(input(step), input(step, 1), result(step), count);
  }
  void backward_step(ChannelGates& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    if (Scalar* gradients = input_gradients(step)) {
      layer.backward_images(input(step, 1), result_gradients(step), gradients, step.operands[0].update, count);
    }
    if (Scalar* gradients = input_gradients(step, 1)) {
      layer.backward_gates(input(step), result_gradients(step), gradients, step.operands[1].update, count);
    }
  }

  void forward_step(Shift& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    layer.forward(input(step), result(step), count);
  }
  void backward_step(Shift& layer, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    if (Scalar* gradients = input_gradients(step)) {
      layer.backward(result_gradients(step), gradients, step.operands[0].update, count);
    }
  }

  void forward_step(Sum&, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      layers::accumulate(input(step, i), result(step), i == 0 ? Update::assign : Update::add,
                         count * input_shape(step).size());
    }
  }
  void backward_step(Sum&, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      if (Scalar* gradients = input_gradients(step, i)) {
        layers::accumulate(result_gradients(step), gradients, step.operands[i].update,
                           count * input_shape(step).size());
      }
    }
  }

  void forward_step(Join&, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    const std::size_t channels = shapes_[step.result].channels;
    Scalar* to = result(step);
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      const TensorShape& shape = input_shape(step, i);
      layers::accumulate_rows(input(step, i), shape.channels, to, channels, Update::assign, count * shape.pixels(),
                              shape.channels);
      to += shape.channels;
    }
  }
  void backward_step(Join&, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    const std::size_t channels = shapes_[step.result].channels;
    std::size_t first = 0;
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      const TensorShape& shape = input_shape(step, i);
      if (Scalar* gradients = input_gradients(step, i)) {
        layers::accumulate_rows(result_gradients(step) + first, channels, gradients, shape.channels,
                                step.operands[i].update, count * shape.pixels(), shape.channels);
      }
      first += shape.channels;
    }
  }

  void forward_step(Part& part, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    const std::size_t channels = shapes_[step.result].channels;
    layers::accumulate_rows(input(step) + part.first, input_shape(step).channels, result(step), channels,
                            Update::assign, count * input_shape(step).pixels(), channels);
  }
  void backward_step(Part& part, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    const TensorShape& shape = input_shape(step);
    if (Scalar* gradients = input_gradients(step)) {
      if (step.operands[0].update == Update::assign) std::fill_n(gradients, count * shape.size(), Scalar{});
      const std::size_t channels = shapes_[step.result].channels;
      layers::accumulate_rows(result_gradients(step), channels, gradients + part.first, shape.channels, Update::add,
                              count * shape.pixels(), channels);
    }
  }

  void forward_step(Shuffle& shuffle, const Step& step, const Weights<Scalar>&, std::size_t count, Phase) {
    const TensorShape& shape = input_shape(step);
    layers::accumulate_transposed(input(step), result(step), Update::assign, count * shape.pixels(), shuffle.groups,
                                  shape.channels / shuffle.groups);
  }
  void backward_step(Shuffle& shuffle, const Step& step, const Weights<Scalar>&, std::size_t count, Scalar*) {
    const TensorShape& shape = input_shape(step);
    if (Scalar* gradients = input_gradients(step)) {
      layers::accumulate_transposed(result_gradients(step), gradients, step.operands[0].update, count * shape.pixels(),
                                    shape.channels / shuffle.groups, shuffle.groups);
    }
  }

  std::size_t batch_;
  std::size_t parameters_;  // of the network
  std::vector<Step> steps_;
  std::size_t output_ = 0;
  std::vector<TensorShape> shapes_;       // of each value; value 0 are the images
  std::vector<bool> depends_;             // whether a value depends on a parameter, thus has a gradient
  std::vector<std::size_t> gradient_of_;  // the buffer of each value's gradient
  std::vector<Buffer> values_, gradients_;
  std::vector<Scalar> statistics_;
  Buffer scratch_;
};

}  // namespace gptnas
