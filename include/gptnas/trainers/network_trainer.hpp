// A trainer that trains each candidate for real.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/objective.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/stopwatch.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/core/thread_executor.hpp>
#include <gptnas/data/augmentation.hpp>
#include <gptnas/data/image_dataset.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/network/weights.hpp>
#include <gptnas/trainers/network_training.hpp>

namespace gptnas {

struct NetworkTrainerOptions {
  TrainingOptions candidate = {.epochs = 3};  ///< how a candidate is trained, on one thread
  TrainingOptions final_training = {
      .epochs = 7, .batch = 128, .learning_rate = 0.2};  ///< how the network that is kept is trained
  std::size_t training_images = 8000;                    ///< that candidates learn from; 0: all that are not held out
  std::size_t validation_images = 6000;  ///< held out of the training set to score candidates, at least 1
};

/// Trains a candidate by SGD on a part of the training set and scores it on another part, which is held out. The
/// test set is not looked at before `train_final`.
///
/// Copies share the data.
class NetworkTrainer {
 public:
  using DefaultExecutor = ThreadExecutor;

  static constexpr std::array objectives{Objective{"validation_accuracy", Direction::maximize}};
  static constexpr std::array<std::string_view, 4> metrics{"parameters", "multiply_accumulates", "training_loss",
                                                           "epochs"};

  /// What the final training came to.
  struct FinalTraining {
    TrainedNetwork trained;
    double training_loss = 0;
    double seconds = 0;
    TrainingEnd end = TrainingEnd::completed;
    /// In [0, 1]; none unless the training was completed and there are test images.
    std::optional<double> test_accuracy;
  };

  /// @throws std::invalid_argument if an option is outside its domain or asks for more images than there are, or if the
  ///   images are not those of the task.
  explicit NetworkTrainer(ImageDataset dataset, const NetworkTrainerOptions& options = {})
      : options_(options), data_(std::make_shared<const Data>(std::move(dataset))) {
    const std::size_t images = data_->dataset.training.size(), held_out = options.validation_images;
    if (held_out == 0 || held_out >= images) {
      throw invalid_value("NetworkTrainerOptions::validation_images", held_out,
                          joined({"at least 1 and below the number of training images, ", images}));
    }
    if (options.training_images > images - held_out) {
      throw invalid_value("NetworkTrainerOptions::training_images", options.training_images,
                          joined({"at most the number of images that are not held out, ", images - held_out}));
    }
    detail::check(options.candidate, task(), candidate_numbers().size(), 1);
    detail::check(options.final_training, task(), images, 1);
  }

  const TaskShape& task() const { return data_->dataset.task; }

  /// Trains and scores a candidate.
  ///
  /// @param fidelity  the part of the candidate's epochs, in (0, 1]; at least one epoch is trained.
  /// @return the accuracy on the held-out images, in [0, 1], and seconds as cost. A genome that `Space::build` refuses
  ///         or makes a network of another task of, a training that diverges and a request to stop are failures.
  /// @throws std::invalid_argument if `fidelity` is outside its domain.
  template <class Space>
  Outcome evaluate(const Individual<Space>& individual, double fidelity, RandomStream& random,
                   std::stop_token stop) const {
    static_assert(
        requires(const typename Space::Genome& genome, const TaskShape& shape) {
          { Space::build(genome, shape) } -> std::convertible_to<Network>;
        },
        "gptnas::NetworkTrainer: the space must have static Network build(const Genome&, const TaskShape&); see "
        "docs/concepts.md#space");
    if (!(fidelity > 0 && fidelity <= 1)) {
      throw invalid_value("NetworkTrainer::evaluate: fidelity", fidelity, "in (0, 1]");
    }
    const Stopwatch stopwatch;
    std::optional<Network> network;
    try {
      network.emplace(Space::build(individual.genome, task()));
      detail::check(*network, data_->reader);
    } catch (const std::invalid_argument& error) {
      return Failed{FailureKind::invalid_network, error.what()};
    }
    TrainingOptions training = options_.candidate;
    const double epochs = std::round(fidelity * static_cast<double>(training.epochs));
    training.epochs = std::max<std::size_t>(1, static_cast<std::size_t>(epochs));
    const TrainingResult result = train(*network, select(candidate_numbers()), training, 1, random, stop);
    if (result.end == TrainingEnd::diverged)
      return Failed{FailureKind::diverged, "the loss, a weight or a score is not finite"};
    if (result.end == TrainingEnd::interrupted) return Failed{FailureKind::interrupted, "the run was stopped"};
    const double score = accuracy(*network, result.weights, select(validation_numbers()));
    return Measured{{score},
                    {static_cast<double>(network->parameters()), static_cast<double>(network->multiply_accumulates()),
                     result.loss, static_cast<double>(training.epochs)},
                    stopwatch.seconds()};
  }

  /// Trains a network on the whole training set, held-out images too, and tests it once on the test set, if any.
  ///
  /// @param threads   at least 1; their number changes no bit of the result.
  /// @param on_epoch  called after each epoch, in the calling thread; may be empty.
  /// @throws std::invalid_argument if `threads` is 0, or if the network is for another task; std::system_error if a
  ///         thread cannot be started; what `on_epoch` throws.
  FinalTraining train_final(const Network& network, std::size_t threads, RandomStream& random,
                            std::stop_token stop = {},
                            const std::function<void(const TrainingProgress&)>& on_epoch = {}) const {
    const Stopwatch stopwatch;
    TrainingResult result =
        train(network, select(data_->order), options_.final_training, threads, random, stop, on_epoch);
    FinalTraining training{{network, std::move(result.weights)}, result.loss, 0, result.end, std::nullopt};
    if (result.end == TrainingEnd::completed && data_->dataset.test.size() > 0) {
      std::vector<std::uint32_t> numbers(data_->dataset.test.size());
      std::iota(numbers.begin(), numbers.end(), 0u);
      training.test_accuracy =
          accuracy(network, training.trained.weights, {data_->dataset.test, numbers, data_->reader});
    }
    training.seconds = stopwatch.seconds();
    return training;
  }

 private:
  struct Data {
    explicit Data(ImageDataset images)
        : dataset(checked(std::move(images))),
          reader(dataset.task, Normalization::of(dataset.training.pixels, dataset.task.channels)),
          order(dataset.training.size()) {
      std::iota(order.begin(), order.end(), 0u);
      RandomStream random(0, 0, Purpose::shuffle);  // the same split in every run
      random.shuffle(std::span(order));
    }

    static ImageDataset checked(ImageDataset images) {
      images.training.check(images.task);
      images.test.check(images.task);
      return images;
    }

    ImageDataset dataset;
    ImageReader reader;
    std::vector<std::uint32_t> order;  // of the training images; the held-out ones come first
  };

  ImageSelection select(std::span<const std::uint32_t> numbers) const {
    return {data_->dataset.training, numbers, data_->reader};
  }

  std::span<const std::uint32_t> validation_numbers() const {
    return std::span(data_->order).first(options_.validation_images);
  }
  std::span<const std::uint32_t> candidate_numbers() const {
    const auto others = std::span(data_->order).subspan(options_.validation_images);
    return options_.training_images == 0 ? others : others.first(options_.training_images);
  }

  NetworkTrainerOptions options_;
  std::shared_ptr<const Data> data_;
};

}  // namespace gptnas
