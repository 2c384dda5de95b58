// Regression by a Gaussian process.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/tensor/eigen.hpp>

namespace gptnas {

/// Regression by a Gaussian process with a fixed kernel and mean 0 (Rasmussen and Williams, "Gaussian Processes for
/// Machine Learning", 2006, algorithm 2.1).
///
/// @tparam KernelType  `Features`, and `double operator()(const Features&, const Features&) const`, positive
///   semidefinite, 1 for equal arguments.
template <class KernelType>
class GaussianProcess {
 public:
  using Features = typename KernelType::Features;

  /// @param noise  variance of the noise of a value, where the function has a variance of 1; finite, more than 0.
  /// @throws std::invalid_argument if the noise is outside its domain.
  explicit GaussianProcess(KernelType kernel = {}, double noise = 1e-2) : kernel_(std::move(kernel)), noise_(noise) {
    if (!(noise > 0 && is_finite(noise))) {
      throw invalid_value("GaussianProcess: noise", noise, "finite, more than 0");
    }
  }

  /// Places whose values are known.
  std::size_t size() const { return places_.size(); }

  /// Takes in a place; its value comes with the next `fit`. Complexity: O(size^2).
  ///
  /// @throws std::invalid_argument if the kernel does not say 1 of the place and itself, as with a scale of 0.
  void add(Features place) {
    if (const double own = kernel_(place, place); !(own == 1)) {
      throw invalid_value("GaussianProcess::add: kernel of a place and itself", own, "1");
    }
    const Eigen::Index count = index(size());
    Eigen::VectorXd row(count);  // that the Cholesky factor grows by
    for (Eigen::Index i = 0; i < count; ++i) row[i] = kernel_(place, places_[static_cast<std::size_t>(i)]);
    factor().template triangularView<Eigen::Lower>().solveInPlace(row);
    if (factor_.rows() == count) factor_.conservativeResize(2 * count + 8, 2 * count + 8);
    factor_.row(count).head(count) = row.transpose();
    factor_(count, count) = std::sqrt(std::max(noise_, 1 + noise_ - row.squaredNorm()));
    places_.push_back(std::move(place));
  }

  /// Takes the values at all places, in the order in which these came.
  ///
  /// @throws std::invalid_argument if their number is wrong. Complexity: O(size^2).
  void fit(std::span<const double> values) {
    if (values.size() != size()) {
      throw invalid_value("GaussianProcess::fit: values", values.size(), joined({size(), ", one a place"}));
    }
    weights_ = Eigen::Map<const Eigen::VectorXd>(values.data(), index(size()));
    factor().template triangularView<Eigen::Lower>().solveInPlace(weights_);
    factor().transpose().template triangularView<Eigen::Upper>().solveInPlace(weights_);
  }

  /// What is known of the function at a place.
  struct Prediction {
    double mean, deviation;
  };

  /// What is known at some other places, after a `fit` of all that were added. Complexity: O(size^2) each.
  ///
  /// @throws std::invalid_argument if a place was added since the last `fit`.
  std::vector<Prediction> predict(std::span<const Features> places) const {
    if (weights_.size() != index(size())) {
      throw invalid_value("GaussianProcess::predict: places with a value", weights_.size(),
                          joined({size(), ", all of them"}));
    }
    Eigen::MatrixXd covariance(index(size()), index(places.size()));
    for (Eigen::Index place = 0; place < covariance.cols(); ++place) {
      for (Eigen::Index known = 0; known < covariance.rows(); ++known) {
        covariance(known, place) =
            kernel_(places_[static_cast<std::size_t>(known)], places[static_cast<std::size_t>(place)]);
      }
    }
    const Eigen::VectorXd means = covariance.transpose() * weights_;
    factor().template triangularView<Eigen::Lower>().solveInPlace(covariance);
    std::vector<Prediction> predictions;
    for (Eigen::Index place = 0; place < covariance.cols(); ++place) {
      const double variance = std::max(0.0, 1 - covariance.col(place).squaredNorm());
      predictions.push_back({means[place], std::sqrt(variance)});
    }
    return predictions;
  }

 private:
  static Eigen::Index index(std::size_t size) { return static_cast<Eigen::Index>(size); }

  auto factor() const { return factor_.topLeftCorner(index(size()), index(size())); }

  KernelType kernel_;
  double noise_;
  std::vector<Features> places_;
  Eigen::MatrixXd factor_;  // Cholesky's, of the kernel and the noise, in the lower triangle; with room to grow
  Eigen::VectorXd weights_;
};

}  // namespace gptnas
