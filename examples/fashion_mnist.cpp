// The main job: searches a convolutional network for Fashion-MNIST with a GPT proposer and a genetic algorithm, trains
// every candidate for real, retrains the best one, and shows it beside a random network of the space trained the same
// way.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <gptnas/core/thread_executor.hpp>
#include <gptnas/core/write_file.hpp>
#include <gptnas/data/fashion_mnist.hpp>
#include <gptnas/evolution/genetic_algorithm.hpp>
#include <gptnas/genome/cardinality.hpp>
#include <gptnas/genome/print.hpp>
#include <gptnas/genome/record.hpp>
#include <gptnas/network/dot.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/proposers/ngram_proposer.hpp>
#include <gptnas/proposers/no_proposer.hpp>
#include <gptnas/proposers/uniform_proposer.hpp>
#include <gptnas/search/history.hpp>
#include <gptnas/search/interrupt.hpp>
#include <gptnas/search/progress_line.hpp>
#include <gptnas/search/search.hpp>
#include <gptnas/trainers/network_trainer.hpp>

namespace nas = gptnas;

// ---- The search space: 1.7 million networks ----

enum class Kind : std::uint8_t { convolution_1x1, convolution_3x3, residual_3x3, separable_3x3, separable_5x5 };

struct Block {
  BOOST_HANA_DEFINE_STRUCT(Block,
    (nas::Choice<Kind::convolution_1x1, Kind::convolution_3x3, Kind::residual_3x3, Kind::separable_3x3,
                 Kind::separable_5x5>, kind),
    (nas::Choice<16u, 24u, 32u>, width));
};

struct FashionSpace {
  struct Genome {
    BOOST_HANA_DEFINE_STRUCT(Genome,
      (nas::Choice<3u, 5u>, stem),                // kernel of the first convolution, at 28x28 pixels
      (nas::Sequence<Block, 1, 2>, middle),       // blocks at 14x14
      (nas::Sequence<Block, 1, 3>, deep));        // blocks at 7x7, 16 channels wider
  };

  static nas::Network build(const Genome& genome, const nas::TaskShape& task) {
    nas::Network network(task);
    auto node = network.max_pool(unit(network, network.input(), 16, genome.stem), {.kernel = 2, .stride = 2});
    for (const Block& block : genome.middle) node = add_block(network, node, block.kind, block.width);
    node = network.max_pool(node, {.kernel = 2, .stride = 2});
    for (const Block& block : genome.deep) node = add_block(network, node, block.kind, block.width + 16);
    network.set_output(network.linear(network.global_average_pool(node), {.features = task.classes}));
    return network;
  }

 private:
  using Node = nas::Network::NodeId;

  static Node unit(nas::Network& network, Node from, std::size_t channels, std::size_t kernel, std::size_t groups = 1) {
    return network.relu(
        network.batch_norm(network.convolution(from, {.channels = channels, .kernel = kernel, .groups = groups})));
  }

  static Node add_block(nas::Network& network, Node from, Kind kind, std::size_t channels) {
    const std::size_t before = network.node(from).shape.channels;
    switch (kind) {
      case Kind::convolution_1x1: return unit(network, from, channels, 1);
      case Kind::convolution_3x3: return unit(network, from, channels, 3);
      case Kind::residual_3x3:
        return network.add(unit(network, from, channels, 3), before == channels ? from : unit(network, from, channels, 1));
      case Kind::separable_3x3: return unit(network, unit(network, from, before, 3, before), channels, 1);
      case Kind::separable_5x5: return unit(network, unit(network, from, before, 5, before), channels, 1);
    }
    return from;
  }
};

// ---- The program ----

using Trainer = nas::NetworkTrainer;
using Result = nas::SearchResult<FashionSpace, Trainer>;

constexpr std::size_t usual_evaluations = 40;

struct Options {
  nas::Budget budget{.evaluations = usual_evaluations};
  std::size_t expected_evaluations = 0;
  std::uint64_t seed = 1;
  std::string proposer = "gpt";
  std::filesystem::path data = "/usr/share/datasets/fashion-mnist", output = "fashion_mnist";
  std::size_t threads = std::max(1u, std::thread::hardware_concurrency());
};

// The decay of an elimination rate must be fixed before the run, and a budget in seconds does not tell its length.
std::size_t expected_evaluations(const Options& options) {
  if (options.expected_evaluations != 0) return options.expected_evaluations;
  return options.budget.evaluations != 0 ? options.budget.evaluations : usual_evaluations;
}

template <class Proposer>
Result search_with(Proposer proposer, const Options& options, const Trainer& trainer, std::stop_token stop) {
  using Strategy = nas::GeneticAlgorithm<FashionSpace, nas::Tournament<3>>;
  nas::Search<FashionSpace, Proposer, Trainer, Strategy> search{
      {.seed = options.seed, .expected_evaluations = expected_evaluations(options)},
      proposer,
      trainer,
      Strategy{{.population = 12}},
      nas::ThreadExecutor(options.threads)};
  return search.run(options.budget, nas::ProgressLine{}, stop);
}

Result search(const Options& options, const Trainer& trainer, std::stop_token stop) {
  if (options.proposer == "ngram") return search_with(nas::NGramProposer<FashionSpace>{}, options, trainer, stop);
  if (options.proposer == "uniform") return search_with(nas::UniformProposer<FashionSpace>{}, options, trainer, stop);
  if (options.proposer == "none") return search_with(nas::NoProposer<FashionSpace>{}, options, trainer, stop);
  // Few candidates: proposals may differ more than in a search of hundreds.
  return search_with(nas::GptProposer<FashionSpace>{{.seed = options.seed, .sampling = {.temperature = 1}}}, options,
                     trainer, stop);
}

void print_table(const Result& result) {
  std::cout << "\nThe best candidates, by accuracy on held-out images:\n"
            << "accuracy %  parameters   MMACs  seconds  network\n";
  for (const auto& entry : result.best(5)) {
    const nas::Measured& measured = *entry.outcome.measured();
    std::cout << std::fixed << std::setw(10) << std::setprecision(2) << 100 * measured.objectives[0]  //
              << std::setw(12) << std::setprecision(0) << measured.metrics[0]                          //
              << std::setw(8) << std::setprecision(2) << measured.metrics[1] / 1e6                     //
              << std::setw(9) << std::setprecision(1) << measured.cost << "  " << nas::print(entry.genome) << '\n';
  }
}

Trainer::FinalTraining train_final(const Trainer& trainer, const nas::Network& network, const char* name,
                                   const Options& options, std::stop_token stop) {
  std::cout << "\nFinal training of " << name << ", on all training images" << std::endl;
  nas::RandomStream random(options.seed, 0, nas::Purpose::fit);
  return trainer.train_final(network, options.threads, random, stop, [](const nas::TrainingProgress& progress) {
    std::cerr << "epoch " << progress.epoch << "/" << progress.epochs << std::fixed << std::setprecision(3) << "  loss "
              << progress.loss << std::setprecision(0) << "  elapsed " << progress.seconds << " s\n";
  });
}

void print_final(const char* name, const nas::Network& network, const Trainer::FinalTraining& training) {
  std::cout << name << std::fixed << std::setprecision(2) << "test accuracy " << 100 * *training.test_accuracy << " %, "
            << network.parameters() << " parameters, " << static_cast<double>(network.multiply_accumulates()) / 1e6
            << " MMACs\n";
}

// That results cannot be written should show before the search, not after it.
void prepare(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw nas::FileError(folder, "cannot be made (" + failure.message() + "); expected a folder to write to");
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    const std::string reason = std::generic_category().message(errno);
    throw nas::FileError(folder, "cannot be written to (" + reason + "); expected a folder to write to");
  }
}

// Of 60,000 images, candidates learn from 4,000 and are scored on 6,000.
Trainer make_trainer(nas::ImageDataset data) {
  const std::size_t images = data.training.size();
  return Trainer(std::move(data), {.final_training = {.epochs = 6, .batch = 128, .learning_rate = 0.2},
                                   .training_images = images / 15,
                                   .validation_images = images / 10});
}

std::string why_nothing_was_measured(const Result& result) {
  if (result.history.empty()) return std::string("no network was trained: ") + to_string(result.reason);
  return "all " + std::to_string(result.evaluations) + " networks failed, the first one so: " +
         result.history.front().outcome.failed()->message;
}

// 0, or 130 if the run was interrupted; then the results so far are written.
int run(const Options& options, const nas::Interrupt& interrupt) {
  prepare(options.output);
  const Trainer trainer = make_trainer(nas::fashion_mnist(options.data));
  std::cout << "Searching " << to_string(nas::cardinality<FashionSpace::Genome>()) << " networks for Fashion-MNIST, proposer "
            << options.proposer << ", " << options.threads << " threads, seed " << options.seed << std::endl;

  const std::stop_token stop = interrupt.token();
  const Result result = search(options, trainer, stop);
  const auto interrupted = [&] {
    std::cerr << "fashion_mnist: interrupted; "
              << (result.history.empty() ? "nothing was measured yet"
                                         : "the results so far are in " + options.output.string())
              << '\n';
    return 130;
  };
  if (!result.history.empty()) {
    // What an earlier run left is not to stand beside this run's history.
    for (const char* name : {"result.json", "best.dot"}) std::filesystem::remove(options.output / name);
    nas::write_history(result, options.output / "history.csv");
  }
  if (result.best(1).empty()) {
    if (stop.stop_requested()) return interrupted();
    throw std::runtime_error(why_nothing_was_measured(result));
  }
  std::cout << '\n' << result.evaluations << " networks trained in " << std::fixed << std::setprecision(0)
            << result.seconds << " s: " << to_string(result.reason) << '\n';
  print_table(result);

  const auto& best = result.best();
  const nas::Network network = FashionSpace::build(best.genome, trainer.task());
  nas::write_dot(network, options.output / "best.dot");
  nlohmann::ordered_json record = {{"test_accuracy", nullptr},
                                   {"random_test_accuracy", nullptr},
                                   {"validation_accuracy", *best.fitness()},
                                   {"parameters", network.parameters()},
                                   {"multiply_accumulates", network.multiply_accumulates()},
                                   {"evaluations", result.evaluations},
                                   {"seconds", result.seconds},
                                   {"seed", options.seed},
                                   {"proposer", options.proposer},
                                   {"best", nas::to_json(best.genome)}};
  const auto write_record = [&] { nas::write_file(options.output / "result.json", record.dump(2) + "\n"); };
  write_record();
  if (stop.stop_requested()) return interrupted();

  const Trainer::FinalTraining training = train_final(trainer, network, "the best network", options, stop);
  if (training.end == nas::TrainingEnd::interrupted) return interrupted();
  if (!training.test_accuracy) throw std::runtime_error("the final training of the best network diverged");
  record["test_accuracy"] = *training.test_accuracy;
  record["seconds"] = result.seconds + training.seconds;
  write_record();

  nas::RandomStream random(options.seed, 0, nas::Purpose::sample);
  const nas::Network control = FashionSpace::build(nas::sample<FashionSpace::Genome>(random), trainer.task());
  const Trainer::FinalTraining control_training = train_final(trainer, control, "a random network", options, stop);
  if (control_training.end == nas::TrainingEnd::interrupted) return interrupted();
  if (!control_training.test_accuracy) throw std::runtime_error("the final training of the random network diverged");
  record["random_test_accuracy"] = *control_training.test_accuracy;
  write_record();

  std::cout << '\n';
  print_final("Best network:    ", network, training);
  print_final("Random network:  ", control, control_training);
  std::cout << "Results are in " << options.output.string() << ": result.json, best.dot, history.csv\n";
  return 0;
}

int main(int argc, char** argv) {
  const nas::Interrupt interrupt;
  Options options;
  constexpr std::uint64_t limit = 1'000'000'000;
  const CLI::Range from_zero(std::uint64_t{0}, limit), from_one(std::uint64_t{1}, limit);
  CLI::App app("Searches a convolutional network for Fashion-MNIST, trains the best one and tests it");
  app.add_option("--evaluations", options.budget.evaluations, "networks to train in the search; 0 is no limit")
      ->check(from_zero)
      ->capture_default_str();
  app.add_option("--seconds", options.budget.seconds, "time for the search, without the final training; 0 is no limit")
      ->capture_default_str();
  app.add_option("--expected-evaluations", options.expected_evaluations,
                 "networks over which the part that ngram and uniform propose falls to nothing (gpt's is constant); 0 "
                 "is as many as --evaluations, or 40 without that limit")
      ->check(from_zero)
      ->capture_default_str();
  app.add_option("--seed", options.seed, "the same seed gives the same search")
      ->check(from_zero)
      ->capture_default_str();
  app.add_option("--proposer", options.proposer, "who proposes components: gpt, ngram, uniform or none")
      ->check(CLI::IsMember({"gpt", "ngram", "uniform", "none"}))
      ->capture_default_str();
  app.add_option("--data", options.data, "folder with the IDX files of Fashion-MNIST")->capture_default_str();
  app.add_option("--output", options.output, "folder for result.json, best.dot and history.csv")->capture_default_str();
  app.add_option("--threads", options.threads, "candidates trained at once")
      ->check(from_one)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options, interrupt);
  } catch (const std::exception& error) {
    std::cerr << "fashion_mnist: " << error.what() << '\n';
    return 1;
  }
}
