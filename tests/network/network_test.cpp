#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gptnas/core/errors.hpp>
#include <gptnas/network/dot.hpp>
#include <gptnas/network/network.hpp>

#include "../message_of.hpp"
#include "../temporary_folder.hpp"

namespace network_test {

using gptnas::Network;
using gptnas::TensorShape;

constexpr gptnas::TaskShape cifar10{3, 32, 32, 10};

using gptnas_test::message_of;
using gptnas_test::TemporaryFolder;

// ResNet-20 of He et al. (2016), with projections where the shape changes.
Network resnet20() {
  Network net{cifar10};
  const auto convolution_norm = [&](Network::NodeId x, std::size_t channels, std::size_t kernel, std::size_t stride) {
    return net.batch_norm(net.convolution(x, {.channels = channels, .kernel = kernel, .stride = stride}));
  };
  auto x = net.relu(convolution_norm(net.input(), 16, 3, 1));
  for (const std::size_t width : {16u, 32u, 64u}) {
    for (int block = 0; block < 3; ++block) {
      const std::size_t stride = width > 16 && block == 0 ? 2 : 1;
      const auto shortcut = stride == 2 ? convolution_norm(x, width, 1, 2) : x;
      const auto y = net.relu(convolution_norm(x, width, 3, stride));
      x = net.relu(net.add(convolution_norm(y, width, 3, 1), shortcut));
    }
  }
  net.set_output(net.linear(net.global_average_pool(x), {.features = 10}));
  return net;
}

TEST(Network, CountsTheParametersOfResNet20) { EXPECT_EQ(resnet20().parameters(), 272474u); }

TEST(Network, CountsTheMultiplyAccumulatesOfResNet20) {
  // By hand: the stem; six 3x3 convolutions a stage, but the first of a later stage halves; two projections; the layer.
  const std::size_t same = 16 * 16 * 9 * 1024;
  EXPECT_EQ(resnet20().multiply_accumulates(),
            3u * 16 * 9 * 1024 + 6 * same + 2 * (same / 2 + 5 * same) + 2 * (16 * 32 * 256) + 64 * 10);
}

TEST(Network, InfersShapesAsPyTorchDoes) {
  Network net{{3, 15, 28, 4}};
  const auto shape = [&](Network::NodeId id) { return net.node(id).shape; };
  EXPECT_EQ(shape(net.convolution(net.input(), {.channels = 6, .kernel = 5, .stride = 2})), (TensorShape{6, 8, 14}));
  EXPECT_EQ(shape(net.convolution(net.input(), {.channels = 6, .kernel = 1, .stride = 2})), (TensorShape{6, 8, 14}));
  EXPECT_EQ(shape(net.max_pool(net.input(), {.kernel = 3, .stride = 2})), (TensorShape{3, 8, 14}));
  EXPECT_EQ(shape(net.average_pool(net.input(), {.kernel = 2, .stride = 2})), (TensorShape{3, 7, 14}));
  EXPECT_EQ(shape(net.zero(net.input(), {.stride = 2})), (TensorShape{3, 8, 14}));
  EXPECT_EQ(shape(net.convolution(net.input(), {.channels = 6, .kernel = 5, .stride = 2, .dilation = 2})),
            (TensorShape{6, 8, 14}));
  EXPECT_EQ(shape(net.multiply(net.input(), net.global_average_pool(net.input()))), (TensorShape{3, 15, 28}));
  EXPECT_EQ(shape(net.slice(net.input(), {.first = 1, .channels = 2})), (TensorShape{2, 15, 28}));
  EXPECT_EQ(shape(net.channel_shuffle(net.input(), {.groups = 3})), (TensorShape{3, 15, 28}));
  EXPECT_EQ(shape(net.shift(net.input(), {.rows = 15, .columns = 1})), (TensorShape{3, 15, 28}));
  EXPECT_EQ(shape(net.concatenate({net.input(), net.input()})), (TensorShape{6, 15, 28}));
  EXPECT_EQ(shape(net.global_average_pool(net.input())), (TensorShape{3, 1, 1}));
}

TEST(Network, CountsGroupsAndBiases) {
  Network net{{8, 4, 4, 2}};
  const auto grouped = net.convolution(net.input(), {.channels = 16, .kernel = 3, .groups = 4, .bias = true});
  EXPECT_EQ(net.node(grouped).parameters, 3u * 3 * 2 * 16 + 16);
  EXPECT_EQ(net.node(grouped).multiply_accumulates, 3u * 3 * 2 * 16 * 16);
  const auto depthwise = net.convolution(net.input(), {.channels = 8, .kernel = 3, .groups = 8});
  EXPECT_EQ(net.node(depthwise).parameters, 3u * 3 * 8);
  EXPECT_EQ(net.node(net.linear(net.input(), {.features = 2})).parameters, 8u * 16 * 2 + 2);
}

TEST(Network, RefusesWhatDoesNotFit) {
  Network net{{8, 4, 4, 2}};
  const auto pooled = net.max_pool(net.input(), {.kernel = 3, .stride = 2});
  EXPECT_EQ(message_of([&] { net.add(net.input(), pooled); }), "Network::add: the shapes 8x4x4 and 8x2x2 do not fit");
  EXPECT_EQ(message_of([&] {
              net.concatenate({net.input(), pooled});
            }),
            "Network::concatenate: the shapes 8x4x4 and 8x2x2 do not fit");
  EXPECT_EQ(message_of([&] { net.convolution(net.input(), {.channels = 9, .groups = 3}); }),
            "Convolution::groups is 3; expected a divisor of the input's channels, 8");
  EXPECT_EQ(message_of([&] { net.convolution(net.input(), {.channels = 9, .groups = 4}); }),
            "Convolution::channels is 9; expected a multiple of the groups, 4");
  EXPECT_EQ(message_of([&] { net.convolution(net.input(), {}); }), "Convolution::channels is 0; expected at least 1");
  EXPECT_EQ(message_of([&] { net.average_pool(net.input(), {.kernel = 8, .stride = 1}); }), "no exception");
  EXPECT_EQ(message_of([&] { net.average_pool(pooled, {.kernel = 4, .stride = 1}); }), "no exception");
  EXPECT_EQ(message_of([&] { net.max_pool(net.global_average_pool(pooled), {.kernel = 2}); }),
            "MaxPool::kernel is 2; expected at most the padded input, which is 1 for 8x1x1");
  EXPECT_EQ(message_of([&] { net.convolution(net.input(), {.channels = 8, .dilation = 0}); }),
            "Convolution::dilation is 0; expected in [1, 65536]");
  EXPECT_EQ(message_of(
                [&] { net.convolution(net.global_average_pool(pooled), {.channels = 8, .kernel = 2, .dilation = 3}); }),
            "Convolution: dilation * (kernel - 1) + 1 is 4; expected at most the padded input, which is 3 for 8x1x1");
  EXPECT_EQ(message_of([&] { net.multiply(net.input(), pooled); }),
            "Network::multiply: the shapes 8x4x4 and 8x2x2 do not fit");
  EXPECT_EQ(message_of([&] { net.slice(pooled, {.first = 8, .channels = 1}); }),
            "Slice::first is 8; expected below the input's channels, 8");
  EXPECT_EQ(message_of([&] { net.slice(pooled, {.first = 3, .channels = 6}); }),
            "Slice::channels is 6; expected at most the rest of the input's channels, 5");
  EXPECT_EQ(message_of([&] { net.slice(pooled, {}); }), "Slice::channels is 0; expected at least 1");
  EXPECT_EQ(message_of([&] { net.channel_shuffle(pooled, {.groups = 3}); }),
            "ChannelShuffle::groups is 3; expected a divisor of the input's channels, 8");
  EXPECT_EQ(message_of([&] { net.shift(pooled, {.rows = 3}); }),
            "Shift::rows is 3; expected at most the input's height, 2");
  EXPECT_EQ(message_of([&] { net.shift(pooled, {.columns = 3}); }),
            "Shift::columns is 3; expected at most the input's width, 2");
  EXPECT_EQ(message_of([&] { net.set_output(pooled); }),
            "Network::set_output: the node's shape is 8x2x2; expected 2x1x1, one score a class");
  EXPECT_EQ(message_of([&] { net.relu(static_cast<Network::NodeId>(99)); }).substr(0, 43),
            "Network::node is 99; expected below the num");
  EXPECT_EQ(message_of([] { Network{{0, 4, 4, 2}}; }), "TaskShape::channels is 0; expected at least 1");
  EXPECT_THROW(net.output(), std::logic_error);
}

// Their extents, or the squares of their kernels, are too large for a number.
TEST(Network, RefusesWindowsThatAreTooLarge) {
  Network net{{8, 4, 4, 2}};
  constexpr std::size_t half = std::size_t{1} << 63;
  EXPECT_EQ(message_of([&] { net.convolution(net.input(), {.channels = 8, .dilation = half}); }),
            "Convolution::dilation is 9223372036854775808; expected in [1, 65536]");
  EXPECT_EQ(message_of([&] { net.convolution(net.input(), {.channels = 8, .kernel = half + 1, .dilation = 2}); }),
            "Convolution::kernel is 9223372036854775809; expected in [1, 65536]");
  EXPECT_EQ(message_of([&] { net.average_pool(net.input(), {.kernel = 65537}); }),
            "AveragePool::kernel is 65537; expected in [1, 65536]");
  EXPECT_EQ(message_of([&] { net.max_pool(net.input(), {.stride = 65537}); }),
            "MaxPool::stride is 65537; expected in [1, 65536]");
  EXPECT_EQ(message_of([&] { net.average_pool(net.input(), {.kernel = 65535, .stride = 65536}); }), "no exception");
}

TEST(Network, RefusesWhatIsMoreThanANumberHolds) {
  constexpr std::size_t half = std::size_t{1} << 63, most = std::size_t{1} << 53;
  EXPECT_EQ(message_of([] { Network{{half, 2, 2, 2}}; }), "Network: values of a node are more than 2^53; expected fewer");
  Network net{{8, 4, 4, 2}};
  EXPECT_EQ(message_of([&] { net.convolution(net.input(), {.channels = half, .kernel = 1}); }),
            "Convolution: weights are more than 2^53; expected fewer");
  EXPECT_EQ(message_of([&] { net.convolution(net.input(), {.channels = most / 8, .kernel = 1}); }),
            "Convolution: multiply-accumulates are more than 2^53; expected fewer");
  EXPECT_EQ(message_of([&] { net.linear(net.input(), {.features = half}); }),
            "Linear: weights are more than 2^53; expected fewer");
  const std::size_t nodes = net.nodes().size();
  const auto wide = net.linear(net.input(), {.features = most / 128});
  EXPECT_EQ(net.node(wide).multiply_accumulates, most);
  const std::vector<Network::NodeId> many(129, wide);
  EXPECT_EQ(message_of([&] { net.concatenate(many); }), "Network: values of a node are more than 2^53; expected fewer");
  EXPECT_EQ(net.nodes().size(), nodes + 1);  // what was refused is no node
}

TEST(Network, TakesTheInputAsOutput) {
  Network net{{2, 1, 1, 2}};
  net.set_output(net.input());
  EXPECT_EQ(net.output(), net.input());
}

TEST(Network, PrintsALineANode) {
  Network net{{1, 4, 4, 2}};
  const auto x = net.relu(net.batch_norm(net.convolution(net.input(), {.channels = 8, .kernel = 3, .stride = 2})));
  net.set_output(net.linear(net.global_average_pool(x), {.features = 2}));
  std::ostringstream text;
  text << net;
  EXPECT_EQ(text.str(),
            "0: input -> 1x4x4\n"
            "1: convolution 3x3 stride 2 of 0 -> 8x2x2, 72 parameters\n"
            "2: batch norm of 1 -> 8x2x2, 16 parameters\n"
            "3: relu of 2 -> 8x2x2\n"
            "4: global average pool of 3 -> 8x1x1\n"
            "5: linear of 4 -> 2x1x1, 18 parameters\n"
            "106 parameters, 304 multiply-accumulates an image\n");
}

TEST(Network, PrintsEveryOperation) {
  Network net{{4, 4, 4, 2}};
  const auto x = net.input();
  const auto line = [&](Network::NodeId id) {
    std::ostringstream text;
    text << net.node(id).operation;
    return text.str();
  };
  EXPECT_EQ(line(net.convolution(x, {.channels = 8, .kernel = 5, .dilation = 2, .groups = 2, .bias = true})),
            "convolution 5x5 dilation 2 groups 2 bias");
  EXPECT_EQ(line(net.max_pool(x, {.stride = 2})), "max pool 3x3 stride 2");
  EXPECT_EQ(line(net.average_pool(x, {})), "average pool 3x3");
  EXPECT_EQ(line(net.sigmoid(x)), "sigmoid");
  EXPECT_EQ(line(net.hard_sigmoid(x)), "hard sigmoid");
  EXPECT_EQ(line(net.swish(x)), "swish");
  EXPECT_EQ(line(net.hard_swish(x)), "hard swish");
  EXPECT_EQ(line(net.add(x, x)), "add");
  EXPECT_EQ(line(net.multiply(x, net.global_average_pool(x))), "multiply");
  EXPECT_EQ(line(net.concatenate({x, x})), "concatenate");
  EXPECT_EQ(line(net.slice(x, {.first = 1, .channels = 2})), "channels 1 to 2");
  EXPECT_EQ(line(net.channel_shuffle(x, {.groups = 4})), "channel shuffle groups 4");
  EXPECT_EQ(line(net.shift(x, {.rows = 1, .columns = 2})), "shift 1 2");
  EXPECT_EQ(line(net.identity(x)), "identity");
  EXPECT_EQ(line(net.zero(x)), "zero");
}

TEST(Dot, WritesNodesAndEdges) {
  Network net{{1, 4, 4, 2}};
  net.set_output(net.linear(net.input(), {.features = 2}));
  const TemporaryFolder folder;
  gptnas::write_dot(net, folder.path() / "net.dot");
  EXPECT_EQ(folder.content("net.dot"),
            "digraph network {\n"
            "  node [shape=box, fontname=\"Helvetica\"];\n"
            "  n0 [label=\"input\\n1x4x4\"];\n"
            "  n1 [label=\"linear\\n2x1x1\\n34 parameters\"];\n"
            "  n0 -> n1;\n"
            "}\n");
}

TEST(Dot, SaysWhichFileCannotBeWritten) {
  const TemporaryFolder folder;
  const std::string message =
      message_of<gptnas::FileError>([&] { gptnas::write_dot(Network{cifar10}, folder.path() / "none" / "net.dot"); });
  EXPECT_NE(message.find("net.dot: cannot be written"), std::string::npos) << message;
  EXPECT_EQ(folder.files(), 0u);
}

TEST(Dot, LeavesNoPartOfAFile) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "net.dot" / "inside");  // cannot be replaced by a file
  EXPECT_THROW(gptnas::write_dot(Network{cifar10}, folder.path() / "net.dot"), gptnas::FileError);
  EXPECT_EQ(folder.files(), 1u);
}

}  // namespace network_test
