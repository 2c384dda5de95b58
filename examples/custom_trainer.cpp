// A trainer of your own: anything that measures a candidate.
//
// This one trains nothing. It asks for the network with the most parameters within a bound on multiply-accumulates, and
// reports those that cost more as failures: a failed candidate is recorded, and the run goes on.

#include <array>
#include <cstdint>
#include <iostream>
#include <stop_token>
#include <string>
#include <string_view>

#include <gptnas/gptnas.hpp>

namespace nas = gptnas;

struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block,
    (nas::Choice<1u, 3u, 5u>, kernel),
    (nas::Choice<16u, 32u, 64u, 128u>, width),
    (nas::Choice<1u, 2u>, stride));
};

struct ChainSpace {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome, (nas::Sequence<Block, 1, 8>, blocks));
  };

  static nas::Network build(const Genome& genome, const nas::TaskShape& task) {
    nas::Network network(task);
    auto node = network.input();
    for (const Block& block : genome.blocks) {
      node = network.convolution(node, {.channels = block.width, .kernel = block.kernel, .stride = block.stride});
      node = network.relu(network.batch_norm(node));
    }
    network.set_output(network.linear(network.global_average_pool(node), {.features = task.classes}));
    return network;
  }
};

// The whole contract: two lists of names and one function.
struct ParameterCounter {
  static constexpr std::array objectives{nas::Objective{"parameters", nas::Direction::maximize}};
  static constexpr std::array<std::string_view, 1> metrics{"MMACs"};

  double most_mmacs = 20;

  template <class Space>
  nas::Outcome evaluate(const nas::Individual<Space>& individual, double /*fidelity*/, nas::RandomStream& /*random*/,
                        std::stop_token /*stop*/) const {
    const nas::Network network = Space::build(individual.genome, {.channels = 3, .height = 32, .width = 32, .classes = 10});
    const double mmacs = static_cast<double>(network.multiply_accumulates()) / 1e6;
    if (mmacs > most_mmacs) {
      return nas::Failed{nas::FailureKind::invalid_network, std::to_string(mmacs) + " MMACs are too many"};
    }
    return nas::Measured{{static_cast<double>(network.parameters())}, {mmacs}, 1};
  }
};

int main() {
  const ParameterCounter trainer;
  nas::NoProposer<ChainSpace> proposer;
  nas::Search<ChainSpace, nas::NoProposer<ChainSpace>, ParameterCounter> search{{.seed = 1}, proposer, trainer};
  const auto result = search.run({.evaluations = 2000});

  std::size_t failures = 0;
  for (const auto& entry : result.history) failures += entry.outcome.failed() != nullptr;
  std::cout << "best:     " << result.best() << '\n'
            << "failures: " << failures << " of " << result.history.size() << " candidates\n";
}
