// Training a network on images, on one thread or several, with the same result.
#pragma once

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/learning_rate.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/stopwatch.hpp>
#include <gptnas/core/task_shape.hpp>
#include <gptnas/data/augmentation.hpp>
#include <gptnas/data/image_dataset.hpp>
#include <gptnas/network/engine.hpp>
#include <gptnas/network/layers/softmax_cross_entropy.hpp>
#include <gptnas/network/network.hpp>
#include <gptnas/network/sgd.hpp>
#include <gptnas/network/weights.hpp>

namespace gptnas {

/// How a network is trained: SGD with Nesterov momentum; the learning rate rises linearly, then falls along a cosine
/// to 0.
struct TrainingOptions {
  std::size_t epochs = 10;     ///< at least 1
  std::size_t batch = 64;      ///< images a step, at least 1; images that fill no batch wait for the next epoch
  std::size_t shard = 32;      ///< images that are normalised together and that one thread handles, at least 1
  double learning_rate = 0.1;  ///< the peak, finite, at least 0
  double warm_up = 0.2;        ///< the part of the steps that leads to the peak, in [0, 1)
  SgdOptions sgd = {};
  double label_smoothing = 0.05;  ///< in [0, 1)
  Augmentation augmentation = {};
};

/// What one epoch of a training came to.
struct TrainingProgress {
  std::size_t epoch, epochs;  ///< epochs done, of so many
  double loss;                ///< mean training loss of the epoch
  double seconds;             ///< since the training began
};

enum class TrainingEnd { completed, diverged, interrupted };

struct TrainingResult {
  Weights<float> weights;
  double loss = 0;  ///< mean training loss of the last epoch, as far as it came
  TrainingEnd end = TrainingEnd::completed;
};

/// Some images of a set, by number, and how a network reads them.
struct ImageSelection {
  const LabelledImages& images;
  std::span<const std::uint32_t> numbers;
  const ImageReader& reader;

  /// @throws std::invalid_argument if the images are not those of the reader's task, or if a number is of none of them.
  ///   Complexity: O(images + numbers).
  void check() const {
    images.check(reader.task());
    for (const std::uint32_t number : numbers) {
      if (number >= images.size()) {
        throw invalid_value("ImageSelection: number of an image", number, joined({"below ", images.size()}));
      }
    }
  }
};

namespace detail {

/// The state that the threads of a training share. Each batch is cut into shards of fixed size, each of which has its
/// own gradients; they are added in the order of the shards, so that the number of threads changes no bit.
class NetworkTraining {
 public:
  NetworkTraining(const Network& network, const ImageSelection& data, const TrainingOptions& options,
                  std::size_t threads, RandomStream& random)
      : options_(options),
        data_(data),
        classes_(network.task().classes),
        sgd_(network, options.sgd),
        order_(data.numbers.begin(), data.numbers.end()),
        seed_(random.bits64()),
        order_random_(seed_, 0, Purpose::shuffle),
        shards_((options.batch - 1) / options.shard + 1),
        engines_(std::min(threads, shards_.size())),
        synchronize_(static_cast<std::ptrdiff_t>(engines_.size())) {
    result_.weights = initial_weights<float>(network, random);
    for (Shard& shard : shards_) {
      shard.gradients.resize(network.parameters());
      shard.statistics.resize(result_.weights.statistics.size());
      shard.labels.resize(images(0));
    }
    for (auto& engine : engines_) {
      engine = std::make_unique<NetworkEngine<float>>(network, images(0));
    }
  }

  TrainingResult run(std::stop_token stop, const std::function<void(const TrainingProgress&)>& on_epoch) {
    stopwatch_ = {};
    {
      std::vector<std::jthread> others;
      try {
        for (std::size_t thread = 1; thread < engines_.size(); ++thread) {
          others.emplace_back([this, thread] { work(thread, {}, {}); });
        }
      } catch (...) {
        failure_ = std::current_exception();
        // Those that run wait for all: they see the failure when the missing ones are counted as there.
        const std::size_t missing = engines_.size() - 1 - others.size();
        static_cast<void>(synchronize_.arrive(static_cast<std::ptrdiff_t>(missing)));
      }
      work(0, stop, on_epoch);
    }
    if (failure_) std::rethrow_exception(failure_);
    if (result_.end == TrainingEnd::completed && !has_finite_weights()) result_.end = TrainingEnd::diverged;
    return std::move(result_);
  }

 private:
  /// Neither too small for a loop of vectors nor too large to share between threads.
  static constexpr std::size_t chunk_size = 2048;

  struct Shard {
    std::vector<float> gradients, statistics;
    std::vector<std::uint8_t> labels;
    double loss = 0;
  };

  std::size_t steps() const { return order_.size() / options_.batch; }  // an epoch
  std::size_t images(std::size_t shard) const {
    return std::min(options_.shard, options_.batch - shard * options_.shard);
  }

  /// What one thread does. Thread 0 also does what is done once, while the others wait.
  void work(std::size_t thread, std::stop_token stop, const std::function<void(const TrainingProgress&)>& on_epoch) {
    for (std::size_t epoch = 0; epoch < options_.epochs; ++epoch) {
      if (thread == 0) begin_epoch();
      synchronize_.arrive_and_wait();
      if (failure_) return;
      for (std::size_t step = 0; step < steps(); ++step) {
        for (std::size_t shard = thread; shard < shards_.size(); shard += engines_.size()) {
          run_shard(*engines_[thread], shard, epoch, step);
        }
        synchronize_.arrive_and_wait();
        const double rate = learning_rate(epoch * steps() + step);
        const std::size_t parameters = result_.weights.parameters.size();
        for (std::size_t first = thread * chunk_size; first < parameters; first += engines_.size() * chunk_size) {
          update_parameters(rate, first, std::min(chunk_size, parameters - first));
        }
        if (thread == 0) end_step(step, stop);
        synchronize_.arrive_and_wait();
        if (result_.end != TrainingEnd::completed) return;
      }
      if (thread == 0) end_epoch(epoch, on_epoch);
    }
  }

  void begin_epoch() {
    order_random_.shuffle(std::span(order_));
    result_.loss = 0;
  }

  double learning_rate(std::size_t step) const {
    const std::size_t all = options_.epochs * steps();
    const auto warm_up = static_cast<std::size_t>(options_.warm_up * static_cast<double>(all));
    return LearningRate{.peak = options_.learning_rate, .warm_up_steps = warm_up, .last = 0}.at(step, all);
  }

  void run_shard(NetworkEngine<float>& engine, std::size_t number, std::size_t epoch, std::size_t step) {
    Shard& shard = shards_[number];
    const std::size_t begin = number * options_.shard;
    const std::size_t count = images(number);
    RandomStream random(seed_, 1 + (epoch * steps() + step) * shards_.size() + number, Purpose::augment);
    const std::size_t size = data_.reader.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t image = order_[step * options_.batch + begin + i];
      shard.labels[i] = data_.images.labels[image];
      data_.reader.read(data_.images.pixels.data() + image * size, engine.images().data() + i * size,
                        options_.augmentation, random);
    }
    engine.forward(result_.weights, count, Phase::training);
    shard.loss = layers::softmax_cross_entropy(engine.logits().data(), std::span(shard.labels).first(count), classes_,
                                               options_.label_smoothing, 1.0 / static_cast<double>(options_.batch),
                                               engine.logit_gradients().data());
    engine.backward(result_.weights, count, shard.gradients);
    std::copy(engine.batch_statistics().begin(), engine.batch_statistics().end(), shard.statistics.begin());
  }

  void update_parameters(double rate, std::size_t first, std::size_t size) {
    float* sum = shards_[0].gradients.data() + first;
    for (std::size_t shard = 1; shard < shards_.size(); ++shard) {
      const float* each = shards_[shard].gradients.data() + first;
      for (std::size_t i = 0; i < size; ++i) sum[i] += each[i];
    }
    sgd_.step(result_.weights.parameters, shards_[0].gradients, rate, first, size);
  }

  void end_step(std::size_t step, const std::stop_token& stop) {
    double loss = 0;
    for (const Shard& shard : shards_) loss += shard.loss;
    result_.loss += (loss - result_.loss) / static_cast<double>(step + 1);  // the mean so far
    // Running statistics take a tenth of each batch, the mean over its images.
    for (float& running : result_.weights.statistics) running *= 0.9f;
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
      const float part = 0.1f * static_cast<float>(images(shard)) / static_cast<float>(options_.batch);
      for (std::size_t i = 0; i < result_.weights.statistics.size(); ++i) {
        result_.weights.statistics[i] += part * shards_[shard].statistics[i];
      }
    }
    if (!is_finite(loss)) {
      result_.end = TrainingEnd::diverged;
    } else if (stop.stop_requested()) {
      result_.end = TrainingEnd::interrupted;
    }
  }

  void end_epoch(std::size_t epoch, const std::function<void(const TrainingProgress&)>& on_epoch) {
    if (!on_epoch) return;
    try {
      on_epoch({epoch + 1, options_.epochs, result_.loss, stopwatch_.seconds()});
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  /// Whether the last update, after which there is no loss, left finite numbers: the weights, and the scores of the
  /// images that the first engine still holds.
  bool has_finite_weights() {
    const auto all_finite = [](std::span<const float> values) {
      return std::all_of(values.begin(), values.end(), [](float value) { return is_finite(value); });
    };
    engines_[0]->forward(result_.weights, images(0), Phase::evaluation);
    return all_finite(result_.weights.parameters) && all_finite(result_.weights.statistics) &&
           all_finite(engines_[0]->logits().first(images(0) * classes_));
  }

  const TrainingOptions options_;
  const ImageSelection data_;
  std::size_t classes_;
  Sgd<float> sgd_;
  std::vector<std::uint32_t> order_;
  std::uint64_t seed_;
  RandomStream order_random_;
  std::vector<Shard> shards_;
  std::vector<std::unique_ptr<NetworkEngine<float>>> engines_;
  TrainingResult result_;
  std::barrier<> synchronize_;
  std::exception_ptr failure_;  // written by thread 0 before an epoch, seen by all when it begins
  Stopwatch stopwatch_;
};

inline void check(const Network& network, const ImageReader& reader) {
  const TaskShape &given = network.task(), &expected = reader.task();
  if (given == expected) return;
  const auto text = [](const TaskShape& task) {
    return joined({task.channels, " x ", task.height, " x ", task.width, " and ", task.classes, " classes"});
  };
  throw std::invalid_argument(
      joined({"the network is for images of ", text(given), "; expected ", text(expected), ", as the data have"}));
}

inline void check(const TrainingOptions& options, const TaskShape& task, std::size_t images, std::size_t threads) {
  if (options.epochs == 0) throw invalid_value("TrainingOptions::epochs", options.epochs, "at least 1");
  if (options.shard == 0) throw invalid_value("TrainingOptions::shard", options.shard, "at least 1");
  if (options.batch == 0 || options.batch > images) {
    throw invalid_value("TrainingOptions::batch", options.batch,
                        joined({"in [1, ", images, "], the number of images"}));
  }
  if (!(options.learning_rate >= 0 && is_finite(options.learning_rate))) {
    throw invalid_value("TrainingOptions::learning_rate", options.learning_rate, "finite, at least 0");
  }
  if (!(options.warm_up >= 0 && options.warm_up < 1)) {
    throw invalid_value("TrainingOptions::warm_up", options.warm_up, "in [0, 1)");
  }
  if (!(options.label_smoothing >= 0 && options.label_smoothing < 1)) {
    throw invalid_value("TrainingOptions::label_smoothing", options.label_smoothing, "in [0, 1)");
  }
  options.sgd.check();
  options.augmentation.check(task);
  if (threads == 0) throw invalid_value("train: threads", threads, "at least 1");
}

}  // namespace detail

/// Trains a network from fresh weights.
///
/// @param data      the images to learn from.
/// @param threads   that share each batch, at least 1; their number changes no bit of the result. There are never more
///                  than a batch has shards.
/// @param random    draws the weights, the order of the images and their augmentation.
/// @param on_epoch  called after each epoch, in the calling thread; may be empty.
/// @return the weights; a loss that is not finite, or the token, ends the training early. A training whose last update
///         left weights or scores that are not finite has diverged, too.
/// @throws std::invalid_argument if an option is outside its domain, if there are fewer images than a batch, if
///         `data.check()` throws it, or if the network is for another task;
///         std::system_error if a thread cannot be started; what `on_epoch` throws.
inline TrainingResult train(const Network& network, const ImageSelection& data, const TrainingOptions& options,
                            std::size_t threads, RandomStream& random, std::stop_token stop = {},
                            const std::function<void(const TrainingProgress&)>& on_epoch = {}) {
  data.check();
  detail::check(network, data.reader);
  detail::check(options, network.task(), data.numbers.size(), threads);
  return detail::NetworkTraining(network, data, options, threads, random).run(stop, on_epoch);
}

/// The part of some images that a trained network names right, in [0, 1].
///
/// @throws std::invalid_argument if there are no images, if `data.check()` throws it, if the network is for another
///         task, or if the weights have other sizes than the network's.
inline double accuracy(const Network& network, const Weights<float>& weights, const ImageSelection& data) {
  if (data.numbers.empty()) throw invalid_value("accuracy: number of images", data.numbers.size(), "at least 1");
  data.check();
  detail::check(network, data.reader);
  constexpr std::size_t batch = 64;
  NetworkEngine<float> engine(network, batch);
  const std::size_t size = data.reader.size(), classes = network.task().classes;
  std::size_t right = 0;
  for (std::size_t first = 0; first < data.numbers.size(); first += batch) {
    const std::size_t count = std::min(batch, data.numbers.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      data.reader.read(data.images.pixels.data() + data.numbers[first + i] * size, engine.images().data() + i * size);
    }
    engine.forward(weights, count, Phase::evaluation);
    for (std::size_t i = 0; i < count; ++i) {
      const auto scores = engine.logits().subspan(i * classes, classes);
      const auto named = std::max_element(scores.begin(), scores.end()) - scores.begin();
      right += static_cast<std::size_t>(named) == data.images.labels[data.numbers[first + i]];
    }
  }
  return static_cast<double>(right) / static_cast<double>(data.numbers.size());
}

}  // namespace gptnas
