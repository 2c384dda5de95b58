// AdamW, the optimizer of the GPT.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <gptnas/concepts/backend.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/thread_team.hpp>

namespace gptnas {

/// Options of `AdamW`. Their domains hold for them as the model's scalar.
struct AdamWOptions {
  double beta1 = 0.9;           ///< decay of the first moments, in [0, 1)
  double beta2 = 0.99;          ///< decay of the second moments, in [0, 1)
  double epsilon = 1e-8;        ///< added to the root of the second moments, finite, more than 0
  double weight_decay = 0.01;   ///< of matrices; biases and layer norms are not decayed; finite, at least 0, 0 is none
  double gradient_limit = 1.0;  ///< gradients of a larger norm, over all, are scaled to it; at least 0, 0 is no limit
};

/// Adam with decoupled weight decay (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019), after
/// clipping by the global norm. Holds the moments of one model.
///
/// @tparam Model  a `Gpt`.
template <class Model>
class AdamW {
  using Scalar = typename Model::Scalar;
  using Array = typename Model::Array;

 public:
  /// @throws std::invalid_argument if an option is outside its domain.
  explicit AdamW(const AdamWOptions& options = {}) : options_(options) {
    check_decay("AdamW::beta1", options.beta1);
    check_decay("AdamW::beta2", options.beta2);
    const auto epsilon = static_cast<Scalar>(options.epsilon), weight_decay = static_cast<Scalar>(options.weight_decay);
    if (!(epsilon > 0 && is_finite(epsilon))) {
      throw invalid_value("AdamW::epsilon", options.epsilon, "finite, more than 0, as the model's scalar");
    }
    if (!(weight_decay >= 0 && is_finite(weight_decay))) {
      throw invalid_value("AdamW::weight_decay", options.weight_decay, "finite, at least 0, as the model's scalar");
    }
    const auto gradient_limit = static_cast<Scalar>(options.gradient_limit);
    if (!(options.gradient_limit >= 0) || (gradient_limit == 0 && options.gradient_limit != 0)) {
      throw invalid_value("AdamW::gradient_limit", options.gradient_limit, "0, or more than 0 as the model's scalar");
    }
  }

  /// One step against the sum of some gradients, which lie like the parameters. The sum is left in the first.
  ///
  /// @param gradients      at least one; they are added in their order.
  /// @param learning_rate  at least 0.
  /// @param team           shares the work; its size changes no bit.
  /// @throws std::invalid_argument if the learning rate is negative or not a number.
  void step(Model& model, std::span<Array> gradients, double learning_rate, ThreadTeam& team) {
    begin(model, learning_rate);
    update(model, gradients, team);
  }

  /// The first half of a step: what differs from one to the next.
  ///
  /// @throws std::invalid_argument as `step`.
  void begin(const Model& model, double learning_rate) {
    if (!(learning_rate >= 0)) throw invalid_value("AdamW::step: learning rate", learning_rate, "at least 0");
    ++steps_;
    const auto time = static_cast<double>(steps_);
    const std::array<Scalar, 4> step{static_cast<Scalar>(learning_rate),
                                     static_cast<Scalar>(1 - std::pow(options_.beta1, time)),
                                     static_cast<Scalar>(1 - std::pow(options_.beta2, time)), 1};
    model.backend().write(step_.slice(0, 4), step);
  }

  /// The second half: operations that are the same in each step, so that a backend can repeat them.
  void update(Model& model, std::span<Array> gradients, ThreadTeam& team) {
    const auto& backend = model.backend();
    team.run(parts, [&](std::size_t part, std::size_t) {
      const auto [first, count] = range(part);
      const auto sum = gradients[0].slice(first, count);
      for (const Array& other : gradients.subspan(1)) backend.add(sum, other.slice(first, count));
      if (options_.gradient_limit > 0) backend.squared_norm(squared_norms_.slice(part, 1), sum);
    });
    if (options_.gradient_limit > 0) backend.clip(step_.slice(3, 1), squared_norms_, options_.gradient_limit);
    team.run(parts, [&](std::size_t part, std::size_t) {
      const auto [first, count] = range(part);
      const double weight_decay = part < matrix_parts ? options_.weight_decay : 0;
      backend.adamw(model.parameters().slice(first, count), first_moments_.slice(first, count),
                    second_moments_.slice(first, count), std::as_const(gradients[0]).slice(first, count), step_,
                    {options_.beta1, options_.beta2, options_.epsilon, weight_decay});
    });
  }

  std::uint64_t steps() const { return steps_; }
  const Array& first_moments() const { return first_moments_; }
  const Array& second_moments() const { return second_moments_; }

  /// Takes up the state of another optimizer of the same model.
  void restore(std::uint64_t steps, Array first_moments, Array second_moments) {
    steps_ = steps;
    first_moments_ = std::move(first_moments);
    second_moments_ = std::move(second_moments);
  }

 private:
  // What rounds to 1 would never decay.
  static void check_decay(std::string_view name, double decay) {
    if (!(decay >= 0 && static_cast<Scalar>(decay) < 1)) {
      throw invalid_value(name, decay, "in [0, 1) as the model's scalar");
    }
  }

  // Threads share the parameters by parts of this size; matrices, which are decayed, and vectors have their own.
  static constexpr std::size_t part_size = Model::BackendType::update_part;
  static constexpr std::size_t matrices = Model::Sizes::matrix_parameters, vectors = Model::Sizes::vector_parameters;
  static constexpr std::size_t matrix_parts = (matrices - 1) / part_size + 1;
  static constexpr std::size_t parts = matrix_parts + (vectors - 1) / part_size + 1;

  struct Range {
    std::size_t first, count;
  };
  static Range range(std::size_t part) {
    const std::size_t first = part < matrix_parts ? part * part_size : matrices + (part - matrix_parts) * part_size;
    const std::size_t end = part < matrix_parts ? matrices : matrices + vectors;
    return {first, std::min(part_size, end - first)};
  }

  AdamWOptions options_;
  std::uint64_t steps_ = 0;
  Array first_moments_{Model::Sizes::parameters}, second_moments_{Model::Sizes::parameters};
  Array squared_norms_{parts};  // of the gradients
  Array step_{4};               // learning rate, the corrections of both moments, scale of the gradients
};

}  // namespace gptnas
