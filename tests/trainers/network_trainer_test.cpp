#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <system_error>
#include <vector>

#include <gptnas/concepts/trainer.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/trainers/network_trainer.hpp>
#include <gptnas/trainers/network_training.hpp>

#include "../message_of.hpp"
#include "../sanitized.hpp"

namespace network_trainer_test {

using gptnas::FailureKind;
using gptnas::Individual;
using gptnas::Network;
using gptnas::NetworkTrainer;
using gptnas::NetworkTrainerOptions;
using gptnas::Outcome;
using gptnas::RandomStream;
using gptnas::TrainingEnd;
using gptnas::TrainingOptions;
using gptnas::TrainingResult;
using gptnas_test::message_of;

constexpr gptnas::TaskShape task{1, 6, 6, 3};

// Noise with a bright bar: in the first row, in the last row or, turned, in a column.
gptnas::LabelledImages bars(std::size_t count, std::uint64_t seed) {
  RandomStream random(seed);
  gptnas::LabelledImages images;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t label = random.below(3), column = random.below(6);
    images.labels.push_back(static_cast<std::uint8_t>(label));
    for (std::uint32_t y = 0; y < 6; ++y) {
      for (std::uint32_t x = 0; x < 6; ++x) {
        const bool bright = label == 0 ? y == 0 : label == 1 ? y == 5 : x == column;
        images.pixels.push_back(static_cast<std::uint8_t>(random.below(100) + (bright ? 150 : 0)));
      }
    }
  }
  return images;
}

gptnas::ImageDataset dataset() { return {task, bars(400, 1), bars(200, 2)}; }

Network small_network(std::size_t channels, const gptnas::TaskShape& shape = task) {
  Network net{shape};
  auto x = net.relu(net.batch_norm(net.convolution(net.input(), {.channels = channels})));
  x = net.relu(net.batch_norm(net.convolution(x, {.channels = channels, .kernel = 3, .stride = 2})));
  net.set_output(net.linear(x, {.features = shape.classes}));
  return net;
}

const TrainingOptions quick{
    .epochs = 4, .batch = 24, .shard = 10, .learning_rate = 0.05, .augmentation = {.crop_padding = 0, .flip = true}};

// The genome is the number of channels; 0 is no network.
struct Channels {
  using Genome = std::size_t;
  static Network build(Genome channels, const gptnas::TaskShape& shape) { return small_network(channels, shape); }
};

static_assert(gptnas::Trainer<NetworkTrainer, Channels>);

NetworkTrainer trainer(TrainingOptions candidate = quick) {
  return NetworkTrainer(
      dataset(), {.candidate = candidate, .final_training = quick, .training_images = 200, .validation_images = 100});
}

TrainingResult train_bars(const TrainingOptions& options, std::size_t threads, std::uint64_t seed = 1,
                          std::stop_token stop = {}) {
  const auto images = bars(400, 1);
  const gptnas::ImageReader reader(task, gptnas::Normalization::of(images.pixels, 1));
  std::vector<std::uint32_t> numbers(images.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  RandomStream random(seed);
  return gptnas::train(small_network(8), {images, numbers, reader}, options, threads, random, stop);
}

TEST(Training, LearnsWhatCanBeLearned) {
  const TrainingResult result = train_bars(quick, 1);
  EXPECT_EQ(result.end, TrainingEnd::completed);
  const auto test = bars(300, 3);
  const gptnas::ImageReader reader(task, gptnas::Normalization::of(bars(400, 1).pixels, 1));
  std::vector<std::uint32_t> numbers(test.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  EXPECT_GT(gptnas::accuracy(small_network(8), result.weights, {test, numbers, reader}), 0.9);
}

TEST(Training, GivesTheSameBitsForAnyNumberOfThreads) {
  const TrainingResult one = train_bars(quick, 1), two = train_bars(quick, 2), five = train_bars(quick, 5);
  EXPECT_EQ(one.weights.parameters, two.weights.parameters);
  EXPECT_EQ(one.weights.statistics, two.weights.statistics);
  EXPECT_EQ(one.loss, two.loss);
  EXPECT_EQ(one.weights.parameters, five.weights.parameters);
}

TEST(Training, DependsOnTheSeed) {
  EXPECT_EQ(train_bars(quick, 1, 5).loss, train_bars(quick, 1, 5).loss);
  EXPECT_NE(train_bars(quick, 1, 5).loss, train_bars(quick, 1, 6).loss);
}

TEST(Training, EndsEarlyWhenItDivergesOrIsStopped) {
  TrainingOptions wild = quick;
  wild.learning_rate = 1e30;
  EXPECT_EQ(train_bars(wild, 2).end, TrainingEnd::diverged);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(train_bars(quick, 2, 1, stop.get_token()).end, TrainingEnd::interrupted);
}

// One step that is too long: the loss before it is finite, the weights or the scores after it are not.
TEST(Training, DivergesInItsLastStep) {
  const auto ends = [](double learning_rate) {
    return train_bars({.epochs = 1, .batch = 400, .learning_rate = learning_rate, .warm_up = 0}, 1).end;
  };
  EXPECT_EQ(ends(0.1), TrainingEnd::completed);
  EXPECT_EQ(ends(1e25), TrainingEnd::diverged);
  EXPECT_EQ(ends(1e300), TrainingEnd::diverged);
}

// Ten steps on one image, none of which changes a weight: all have the same loss.
TEST(Training, LossIsTheMeanOfTheStepsThatWereDone) {
  const auto images = bars(1, 1);
  const gptnas::ImageReader reader(task, gptnas::Normalization::of(images.pixels, 1));
  const std::vector<std::uint32_t> numbers(240);
  const TrainingOptions options{.epochs = 1, .batch = 24, .learning_rate = 0};
  const auto train_until = [&](std::stop_token stop) {
    RandomStream random(1);
    return gptnas::train(small_network(8), {images, numbers, reader}, options, 1, random, stop);
  };
  std::stop_source stop;
  stop.request_stop();
  const TrainingResult interrupted = train_until(stop.get_token()), completed = train_until({});
  EXPECT_EQ(interrupted.end, TrainingEnd::interrupted);
  EXPECT_EQ(completed.end, TrainingEnd::completed);
  EXPECT_NEAR(interrupted.loss, completed.loss, 1e-6);
}

TEST(Training, TakesTheWholeBatchAsOneShard) {
  TrainingOptions whole = quick, more = quick;
  whole.shard = quick.batch;
  more.shard = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(train_bars(more, 2).weights.parameters, train_bars(whole, 1).weights.parameters);
}

TEST(Training, NeedsNoMoreThreadsThanShards) {
  EXPECT_EQ(train_bars(quick, 1'000'000'000).weights.parameters, train_bars(quick, 1).weights.parameters);
}

// The images are normalised, so that the mean of all is 0; that of the two shards, of unequal size, is not.
TEST(Training, RunningStatisticsWeighEachImageAlike) {
  const auto images = bars(48, 1);
  const gptnas::ImageReader reader(task, gptnas::Normalization::of(images.pixels, 1));
  std::vector<std::uint32_t> numbers(images.size());
  std::iota(numbers.begin(), numbers.end(), 0u);
  Network net{task};
  net.set_output(net.linear(net.batch_norm(net.input()), {.features = 3}));
  RandomStream random(1);
  const TrainingOptions one_step{.epochs = 1, .batch = 48, .shard = 32, .augmentation = {.crop_padding = 0}};
  EXPECT_NEAR(gptnas::train(net, {images, numbers, reader}, one_step, 1, random).weights.statistics[0], 0, 1e-6);
}

// What `call()` throws, in a process of its own, which a call that never returns does not outlive.
template <class Exception, class Call>
void expect_throws(Call call) {
  const auto try_it = [&] {
    alarm(60);
    try {
      call();
    } catch (const Exception&) {
      std::_Exit(0);
    }
    std::_Exit(1);
  };
  EXPECT_EXIT(try_it(), testing::ExitedWithCode(0), "");
}

TEST(Training, ThrowsWhatTheCallbackThrows) {
  const auto train_until = [](std::size_t last_epoch) {
    RandomStream random(1);
    trainer().train_final(small_network(8), 3, random, {}, [&](const gptnas::TrainingProgress& progress) {
      if (progress.epoch == last_epoch) throw std::domain_error("enough");
    });
  };
  expect_throws<std::domain_error>([&] { train_until(1); });
  expect_throws<std::domain_error>([&] { train_until(quick.epochs); });
}

#if !GPTNAS_SANITIZED
TEST(Training, ThrowsWhenAThreadCannotBeStarted) {
  expect_throws<std::system_error>([] {
    rlimit memory{};
    getrlimit(RLIMIT_AS, &memory);
    memory.rlim_cur = 500 << 20;  // for some stacks, but not for 400
    setrlimit(RLIMIT_AS, &memory);
    train_bars({.epochs = 1, .batch = 400, .shard = 1}, 400);
  });
}
#endif

TEST(Training, RefusesWhatIsOutsideItsDomain) {
  const auto refuses = [](auto change) {
    TrainingOptions options = quick;
    change(options);
    EXPECT_THROW(train_bars(options, 1), std::invalid_argument);
  };
  refuses([](TrainingOptions& options) { options.epochs = 0; });
  refuses([](TrainingOptions& options) { options.batch = 0; });
  refuses([](TrainingOptions& options) { options.batch = 401; });
  refuses([](TrainingOptions& options) { options.shard = 0; });
  refuses([](TrainingOptions& options) { options.learning_rate = std::numeric_limits<double>::quiet_NaN(); });
  refuses([](TrainingOptions& options) { options.learning_rate = std::numeric_limits<double>::infinity(); });
  refuses([](TrainingOptions& options) { options.warm_up = 1; });
  refuses([](TrainingOptions& options) { options.label_smoothing = -0.1; });
  refuses([](TrainingOptions& options) { options.sgd.momentum = 1; });
  refuses([](TrainingOptions& options) { options.augmentation.crop_padding = 6; });
  EXPECT_THROW(train_bars(quick, 0), std::invalid_argument);
}

TEST(Training, RefusesASelectionOfWhatIsNotThere) {
  auto images = bars(48, 1);
  const gptnas::ImageReader reader(task, gptnas::Normalization::of(images.pixels, 1));
  std::vector<std::uint32_t> numbers(24);
  RandomStream random(1);
  const Network net = small_network(8);
  const auto weights = gptnas::initial_weights<float>(net, random);
  const auto train_them = [&] {
    return message_of([&] { gptnas::train(net, {images, numbers, reader}, quick, 1, random); });
  };
  const auto score_them = [&] {
    return message_of([&] { gptnas::accuracy(net, weights, {images, numbers, reader}); });
  };
  numbers.back() = 48;
  EXPECT_EQ(train_them(), "ImageSelection: number of an image is 48; expected below 48");
  EXPECT_EQ(score_them(), train_them());
  numbers.back() = 47;
  EXPECT_EQ(train_them(), "no exception");
  EXPECT_EQ(score_them(), "no exception");
  images.pixels.pop_back();
  EXPECT_EQ(train_them(), "LabelledImages: number of pixels is 1727; expected 1728, of 48 images");
  EXPECT_EQ(score_them(), train_them());
}

TEST(Training, RefusesToScoreTheWeightsOfAnotherNetwork) {
  const auto images = bars(24, 1);
  const gptnas::ImageReader reader(task, gptnas::Normalization::of(images.pixels, 1));
  const std::vector<std::uint32_t> numbers(24);
  RandomStream random(1);
  const auto weights = gptnas::initial_weights<float>(small_network(4), random);
  EXPECT_THROW(gptnas::accuracy(small_network(8), weights, {images, numbers, reader}), std::invalid_argument);
}

Outcome evaluate(const NetworkTrainer& each, std::size_t channels, double fidelity = 1, std::stop_token stop = {}) {
  RandomStream random(1);
  return each.evaluate(Individual<Channels>{.id = 0, .genome = channels}, fidelity, random, stop);
}

TEST(NetworkTrainer, MeasuresACandidate) {
  const Outcome outcome = evaluate(trainer(), 8), again = evaluate(trainer(), 8);
  ASSERT_NE(outcome.measured(), nullptr);
  const Network net = small_network(8);
  EXPECT_GT(outcome.measured()->objectives[0], 0.6);
  EXPECT_LE(outcome.measured()->objectives[0], 1);
  ASSERT_EQ(outcome.measured()->metrics.size(), NetworkTrainer::metrics.size());
  EXPECT_EQ(outcome.measured()->metrics[0], static_cast<double>(net.parameters()));
  EXPECT_EQ(outcome.measured()->metrics[1], static_cast<double>(net.multiply_accumulates()));
  EXPECT_EQ(outcome.measured()->metrics[3], 4);
  EXPECT_EQ(outcome.measured()->objectives[0], again.measured()->objectives[0]);
  EXPECT_EQ(evaluate(trainer(), 8, 0.4).measured()->metrics[3], 2);
  EXPECT_EQ(evaluate(trainer(), 8, 0.01).measured()->metrics[3], 1);
}

TEST(NetworkTrainer, MakesFailuresOfWhatFails) {
  EXPECT_EQ(evaluate(trainer(), 0).failed()->kind, FailureKind::invalid_network);
  TrainingOptions wild = quick;
  wild.learning_rate = 1e30;
  EXPECT_EQ(evaluate(trainer(wild), 8).failed()->kind, FailureKind::diverged);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(evaluate(trainer(), 8, 1, stop.get_token()).failed()->kind, FailureKind::interrupted);
}

// A space that does not look at the task, and a network of the user's.
TEST(NetworkTrainer, RefusesNetworksOfAnotherTask) {
  struct Stubborn {
    using Genome = std::size_t;
    static Network build(Genome channels, const gptnas::TaskShape&) { return small_network(channels, {1, 5, 6, 3}); }
  };
  const std::string problem =
      "the network is for images of 1 x 5 x 6 and 3 classes; expected 1 x 6 x 6 and 3 classes, as the data have";
  RandomStream random(1);
  const auto outcome = trainer().evaluate(Individual<Stubborn>{.id = 0, .genome = 8}, 1, random, {});
  ASSERT_NE(outcome.failed(), nullptr);
  EXPECT_EQ(outcome.failed()->kind, FailureKind::invalid_network);
  EXPECT_EQ(outcome.failed()->message, problem);
  EXPECT_EQ(message_of([&] { trainer().train_final(Stubborn::build(8, task), 1, random); }), problem);
}

TEST(NetworkTrainer, KeepsATrainingThatThereIsNothingToTestOn) {
  const NetworkTrainer untested({task, bars(400, 1), {}}, {.candidate = quick,
                                                           .final_training = quick,
                                                           .training_images = 200,
                                                           .validation_images = 100});
  RandomStream random(3);
  const auto training = untested.train_final(small_network(8), 1, random);
  EXPECT_EQ(training.end, TrainingEnd::completed);
  EXPECT_FALSE(training.test_accuracy.has_value());
  EXPECT_FALSE(training.trained.weights.parameters.empty());
}

TEST(NetworkTrainer, RefusesImagesThatAreNotOfTheTask) {
  const auto refused = [](auto change) {
    gptnas::ImageDataset images = dataset();
    change(images);
    return message_of([&] { NetworkTrainer{images}; });
  };
  EXPECT_EQ(refused([](auto& images) { images.training.pixels.pop_back(); }),
            "LabelledImages: number of pixels is 14399; expected 14400, of 400 images");
  EXPECT_EQ(refused([](auto& images) { images.test.labels[7] = 3; }), "LabelledImages: label is 3; expected below 3");
  EXPECT_THROW((NetworkTrainer{gptnas::ImageDataset{}}), std::invalid_argument);
}

TEST(NetworkTrainer, TrainsTheFinalNetworkOnAllImages) {
  RandomStream one(3), two(3);
  std::vector<std::size_t> epochs;
  const auto training =
      trainer().train_final(small_network(8), 1, one, {}, [&](const gptnas::TrainingProgress& progress) {
        epochs.push_back(progress.epoch);
        EXPECT_EQ(progress.epochs, 4u);
      });
  EXPECT_EQ(epochs, (std::vector<std::size_t>{1, 2, 3, 4}));
  EXPECT_EQ(training.end, TrainingEnd::completed);
  EXPECT_GT(training.test_accuracy.value(), 0.9);
  EXPECT_EQ(trainer().train_final(small_network(8), 2, two).test_accuracy, training.test_accuracy);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = trainer().train_final(small_network(8), 1, one, stop.get_token());
  EXPECT_EQ(stopped.end, TrainingEnd::interrupted);
  EXPECT_FALSE(stopped.test_accuracy.has_value());
}

TEST(NetworkTrainer, RefusesWhatIsOutsideItsDomain) {
  const auto make = [](const NetworkTrainerOptions& options) { NetworkTrainer(dataset(), options); };
  EXPECT_THROW(make({.candidate = quick, .final_training = quick, .training_images = 0, .validation_images = 0}),
               std::invalid_argument);
  EXPECT_THROW(make({.candidate = quick, .final_training = quick, .training_images = 0, .validation_images = 400}),
               std::invalid_argument);
  EXPECT_THROW(make({.candidate = quick, .final_training = quick, .training_images = 301, .validation_images = 100}),
               std::invalid_argument);
  EXPECT_THROW(make({.candidate = quick, .final_training = quick, .training_images = 20, .validation_images = 100}),
               std::invalid_argument);
  EXPECT_EQ(message_of([] { trainer({.epochs = 1, .batch = 24, .sgd = {.momentum = 1}}); }),
            "SgdOptions::momentum is 1; expected in [0, 1) as a float");
  EXPECT_EQ(message_of([] { trainer({.epochs = 1, .batch = 24, .augmentation = {.crop_padding = 6}}); }),
            "Augmentation::crop_padding is 6; expected below height and width of the images, 6 x 6");
  EXPECT_THROW(evaluate(trainer(), 8, 0), std::invalid_argument);
  EXPECT_THROW(evaluate(trainer(), 8, 1.5), std::invalid_argument);
}

}  // namespace network_trainer_test
