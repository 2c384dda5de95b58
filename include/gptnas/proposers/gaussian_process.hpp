// Regression by a Gaussian process.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/tensor/eigen.hpp>

#include <Eigen/Cholesky>  // behind gptnas/tensor/eigen.hpp, which knows its warnings

namespace gptnas {

/// Options of a `GaussianProcess`.
struct GaussianProcessOptions {
  double noise = 0.8;  ///< first variance of the noise, where the kernels have 1 together; finite, more than 0
  double prior = 0.3;  ///< observations that the first weights are worth; finite, at least 0; 0 believes the data alone
};

/// Regression by a Gaussian process of mean 0 (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006,
/// algorithm 2.1). Its covariance is a weighted sum of kernels, and noise; it learns the weights.
///
/// The weights, equal at first, and the variance of the noise go towards the largest marginal likelihood, with an
/// inverse gamma prior on each, whose mode is the first weight: by the minorization-maximization of Zhou, Hu, Zhou
/// and Lange, "MM Algorithms for Variance Components Models", 2019. A step never lowers the posterior density.
///
/// @tparam Place    what the function is of.
/// @tparam Kernels  at least one, each with `Features`, `Features features(const Place&) const` and
///   `double operator()(const Features&, const Features&) const`, positive semidefinite, 1 for equal arguments.
template <class Place, class... Kernels>
class GaussianProcess {
  static_assert(sizeof...(Kernels) > 0,
                "gptnas::GaussianProcess needs at least one kernel; see docs/concepts.md#ranker");

 public:
  using KernelTuple = std::tuple<Kernels...>;

  static constexpr std::size_t kernel_count = sizeof...(Kernels);

  /// @throws std::invalid_argument if an option is outside its domain.
  explicit GaussianProcess(const GaussianProcessOptions& options = {}, KernelTuple kernels = {})
      : options_(options), kernels_(std::move(kernels)), noise_(options.noise) {
    if (!(options.noise > 0 && is_finite(options.noise))) {
      throw invalid_value("GaussianProcess: noise", options.noise, "finite, more than 0");
    }
    if (!(options.prior >= 0 && is_finite(options.prior))) {
      throw invalid_value("GaussianProcess: prior", options.prior, "finite, at least 0");
    }
    weights_.fill(first_weight);
  }

  /// Places whose values are known.
  std::size_t size() const { return places_.size(); }

  /// What each kernel counts, after the last `fit`: a variance.
  const std::array<double, kernel_count>& weights() const { return weights_; }

  /// The variance of the noise, after the last `fit`.
  double noise() const { return noise_; }

  /// Takes in a place; its value comes with the next `fit`. Complexity: O(size).
  ///
  /// @throws std::invalid_argument if a kernel does not say 1 of the place and itself, as with a scale of 0.
  void add(const Place& place) {
    Features features = features_of(place);
    for (const double own : likenesses(features, features)) {
      if (!(own == 1)) throw invalid_value("GaussianProcess::add: kernel of a place and itself", own, "1");
    }
    const Eigen::Index last = index(size());
    places_.push_back(std::move(features));
    for (Eigen::MatrixXd& matrix : matrices_) {
      if (matrix.rows() == last) matrix.conservativeResize(2 * last + 8, 2 * last + 8);
    }
    for (Eigen::Index i = 0; i <= last; ++i) {
      const auto likeness = likenesses(places_.back(), places_[static_cast<std::size_t>(i)]);
      for (std::size_t kernel = 0; kernel < kernel_count; ++kernel) {
        matrices_[kernel](i, last) = matrices_[kernel](last, i) = likeness[kernel];
      }
    }
  }

  /// Takes the values at all places, in the order in which these came, and moves the weights by some steps.
  ///
  /// @param values  finite.
  /// @param steps   0 keeps the weights. Complexity: O(size^3) each, and once.
  /// @throws std::invalid_argument if their number is wrong, or if what the kernels say of the places together is not
  ///   positive semidefinite.
  void fit(std::span<const double> values, std::size_t steps = 1) {
    if (values.size() != size()) {
      throw invalid_value("GaussianProcess::fit: values", values.size(), joined({size(), ", one a place"}));
    }
    if (values.empty()) return;
    const Eigen::Map<const Eigen::VectorXd> targets(values.data(), index(size()));
    solve(targets);
    for (std::size_t i = 0; i < steps; ++i) {
      step();
      solve(targets);
    }
  }

  /// What is known of the function at a place.
  struct Prediction {
    double mean, deviation;
  };

  /// What is known at some other places, after a `fit` of all that were added. Complexity: O(size^2) each.
  ///
  /// @throws std::invalid_argument if a place was added since the last `fit`.
  std::vector<Prediction> predict(std::span<const Place> places) const {
    if (solution_.size() != index(size())) {
      throw invalid_value("GaussianProcess::predict: places with a value", solution_.size(),
                          joined({size(), ", all of them"}));
    }
    Eigen::MatrixXd covariance(index(size()), index(places.size()));
    for (Eigen::Index place = 0; place < covariance.cols(); ++place) {
      const Features features = features_of(places[static_cast<std::size_t>(place)]);
      for (Eigen::Index known = 0; known < covariance.rows(); ++known) {
        const auto likeness = likenesses(places_[static_cast<std::size_t>(known)], features);
        double sum = 0;
        for (std::size_t kernel = 0; kernel < kernel_count; ++kernel) sum += weights_[kernel] * likeness[kernel];
        covariance(known, place) = sum;
      }
    }
    const Eigen::VectorXd means = covariance.transpose() * solution_;
    if (size() > 0) factor_.matrixL().solveInPlace(covariance);
    double before = 0;  // the variance at any place, if nothing is known
    for (const double weight : weights_) before += weight;
    std::vector<Prediction> predictions;
    for (Eigen::Index place = 0; place < covariance.cols(); ++place) {
      const double variance = std::max(0.0, before - covariance.col(place).squaredNorm());
      predictions.push_back({means[place], std::sqrt(variance)});
    }
    return predictions;
  }

 private:
  using Features = std::tuple<typename Kernels::Features...>;

  static constexpr double first_weight = 1.0 / kernel_count;

  static Eigen::Index index(std::size_t size) { return static_cast<Eigen::Index>(size); }

  Features features_of(const Place& place) const {
    return std::apply([&](const Kernels&... each) { return Features(each.features(place)...); }, kernels_);
  }

  // What each kernel says of two places.
  std::array<double, kernel_count> likenesses(const Features& first, const Features& second) const {
    return likenesses(first, second, std::index_sequence_for<Kernels...>());
  }
  template <std::size_t... Index>
  std::array<double, kernel_count> likenesses(const Features& first, const Features& second,
                                              std::index_sequence<Index...>) const {
    return {std::get<Index>(kernels_)(std::get<Index>(first), std::get<Index>(second))...};
  }

  auto matrix(std::size_t kernel) const { return matrices_[kernel].topLeftCorner(index(size()), index(size())); }

  void solve(const Eigen::Map<const Eigen::VectorXd>& targets) {
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Identity(targets.size(), targets.size()) * noise_;
    for (std::size_t kernel = 0; kernel < kernel_count; ++kernel) covariance += weights_[kernel] * matrix(kernel);
    factor_.compute(covariance);
    if (factor_.info() != Eigen::Success) {
      throw std::invalid_argument(
          "GaussianProcess: a kernel is not positive semidefinite; expected kernels that are, and scales above 0");
    }
    solution_ = factor_.solve(targets);
  }

  // Each weight by what the data say of it, against what the process expects.
  void step() {
    const Eigen::MatrixXd inverse = factor_.solve(Eigen::MatrixXd::Identity(solution_.size(), solution_.size()));
    const auto moved = [&](double weight, double first, double said, double expected) {
      const double prior = options_.prior;
      const double next = std::sqrt((weight * weight * said + prior * first) / (expected + prior / weight));
      return std::max(next, 1e-12 * first);  // from 0 no step would lead away
    };
    for (std::size_t kernel = 0; kernel < kernel_count; ++kernel) {
      weights_[kernel] = moved(weights_[kernel], first_weight, solution_.dot(matrix(kernel) * solution_),
                               inverse.cwiseProduct(matrix(kernel)).sum());
    }
    noise_ = moved(noise_, options_.noise, solution_.squaredNorm(), inverse.trace());
    double most = noise_;
    for (const double weight : weights_) most += weight;
    noise_ = std::max(noise_, 1e-9 * most);  // so that the factor exists
  }

  GaussianProcessOptions options_;
  KernelTuple kernels_;
  std::array<double, kernel_count> weights_;
  double noise_;
  std::vector<Features> places_;
  std::array<Eigen::MatrixXd, kernel_count> matrices_;     // of each kernel over the places, with room to grow
  Eigen::LLT<Eigen::MatrixXd> factor_{Eigen::MatrixXd()};  // of the covariance of the values; of none, for Eigen's
                                                           // default leaves a member open, which a copy reads
  Eigen::VectorXd solution_;                               // the inverse of this covariance, times the values
};

}  // namespace gptnas
