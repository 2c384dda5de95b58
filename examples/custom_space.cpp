// The program of the README: a search space of your own, from a struct to a trained network.

#include <exception>
#include <iostream>

#include <gptnas/gptnas.hpp>

namespace nas = gptnas;

enum class Op : std::uint8_t { conv, depthwise, max_pool, identity };

struct Block {  // a component: what the GPT proposes and the evolution recombines
  BOOST_HANA_DEFINE_STRUCT(Block,
    (nas::Choice<Op::conv, Op::depthwise, Op::max_pool, Op::identity>, op),
    (nas::Choice<3u, 5u>, kernel),
    (nas::Choice<8u, 16u, 32u>, width));
};

struct MySpace {  // a search space: a genome, and how to build it
  struct Genome { BOOST_HANA_DEFINE_STRUCT(Genome, (nas::Sequence<Block, 3, 10>, blocks)); };

  static nas::Network build(const Genome& genome, const nas::TaskShape& task) {
    nas::Network network(task);
    auto node = network.convolution(network.input(), {.channels = 16, .kernel = 3, .stride = 2});
    for (const Block& block : genome.blocks) {
      const std::size_t channels = network.node(node).shape.channels;
      if (block.op == Op::conv) node = network.convolution(node, {.channels = block.width, .kernel = block.kernel});
      if (block.op == Op::depthwise) node = network.convolution(node, {.channels = channels, .kernel = block.kernel, .groups = channels});
      if (block.op == Op::max_pool) node = network.max_pool(node, {.kernel = block.kernel});
      node = network.relu(network.batch_norm(node));
    }
    network.set_output(network.linear(network.global_average_pool(node), {.features = task.classes}));
    return network;
  }
};

int main(int argc, char** argv) try {
  const char* const data = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
  nas::NetworkTrainer trainer{nas::fashion_mnist(data), {.training_images = 2000}};
  nas::GptProposer<MySpace> proposer;
  nas::Search<MySpace, nas::GptProposer<MySpace>, nas::NetworkTrainer> search{{.seed = 1}, proposer, trainer};
  const auto result = search.run({.evaluations = 40}, nas::ProgressLine{});
  std::cout << result.best() << '\n';
  nas::write_dot(MySpace::build(result.best().genome, trainer.task()), "best.dot");
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
