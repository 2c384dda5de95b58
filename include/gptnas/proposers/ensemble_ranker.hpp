// A choice among proposals by value heads on a GPT.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/inline_vector.hpp>
#include <gptnas/core/is_finite.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/refuse_nan.hpp>
#include <gptnas/core/standard_normal.hpp>
#include <gptnas/genome/canonical.hpp>
#include <gptnas/genome/equality.hpp>
#include <gptnas/gpt/gpt_reader.hpp>
#include <gptnas/proposers/genome_gpt.hpp>
#include <gptnas/proposers/rank_quantiles.hpp>
#include <gptnas/tensor/eigen.hpp>
#include <gptnas/tensor/eigen_backend.hpp>

#include <Eigen/Cholesky>

namespace gptnas {

/// Options of an `EnsembleRanker`.
struct EnsembleRankerOptions {
  std::size_t pool = 300;      ///< proposals to choose from, at least 1
  std::size_t initial = 10;    ///< different genomes that succeeded before the first choice, at least 1
  std::size_t members = 10;    ///< value heads, at least 2
  std::size_t features = 128;  ///< of a genome, at least 1
  std::size_t units = 128;     ///< hidden units of a head, at least 1
  double exploration = 1;      ///< deviations of the members that are added to their mean, finite, at least 0
  double noise = 0.1;  ///< variance of the noise of a value, where the function has one of 1; finite, more than 0
  GenomeGptOptions gpt = {};  ///< of a GPT of its own; what concerns lessons has no meaning: it learns none
};

namespace detail {

// A perceptron of one hidden layer, and what its output layer is fitted to.
struct ValueHead {
  Eigen::MatrixXf hidden;         // (units, features + 1)
  Eigen::VectorXd prior, output;  // (units)
  Eigen::MatrixXd moments;  // (units, units) of the units over the outcomes, as often as they count; lower triangle
  Eigen::MatrixXd counted;  // (units, outcomes) the units, times how often they count

  // (units, genomes) @param x  (features + 1, genomes)
  Eigen::MatrixXf units(const Eigen::MatrixXf& x) const { return (hidden * x).cwiseMax(0.0f); }

  void add(const Eigen::MatrixXf& x, double count) {
    const Eigen::VectorXd column = units(x).col(0).cast<double>();
    if (count > 0) moments.selfadjointView<Eigen::Lower>().rankUpdate(column, count);
    counted.conservativeResize(Eigen::NoChange, counted.cols() + 1);
    counted.col(counted.cols() - 1) = count * column;
  }

  void fit(const Eigen::VectorXd& targets, double precision) {
    Eigen::MatrixXd left = moments;
    left.diagonal().array() += precision;
    output = left.selfadjointView<Eigen::Lower>().llt().solve(precision * prior + counted * targets);
  }

  // (genomes)
  Eigen::VectorXd values(const Eigen::MatrixXf& x) const {
    return (units(x).transpose() * output.cast<float>()).cast<double>();
  }
};

}  // namespace detail

/// The GPT of an `EnsembleRanker`: of a context that lets it read the last token, too. A `QualityConditioned` with a cost
/// lets the heads know the cost.
template <class Genome, class Conditioning = Unconditioned>
using EnsembleGpt = GenomeGpt<
    Genome, EigenBackend<float>, Conditioning, LeftToRight,
    GptSize<GptFormat<Genome, Conditioning>::vocabulary, GptFormat<Genome, Conditioning>::context + 1, 32, 2, 2>>;

/// Takes the proposal of the largest upper confidence bound over a small ensemble of value heads on what a pre-trained
/// GPT makes of a genome: the last hidden states of its tokens, pooled by random weights, half of which all places
/// share. The GPT stays as it is.
///
/// Each head is a perceptron with one hidden layer, of random weights of its own and rectified linear units; its output
/// is a ridge regression on a bootstrap sample of the outcomes (each counts as often as a Poisson number of mean 1 says:
/// Oza and Russell, "Online Bagging and Boosting", 2001) around random output weights (Osband, Aslanides and Cassirer,
/// "Randomized Prior Functions for Deep Reinforcement Learning", 2018): where little is known, the heads differ. They
/// learn the ranks of the outcomes.
///
/// @tparam GptType  a `GenomeGpt` whose context has room for all tokens of a genome and what precedes them.
template <class Space, class GptType = EnsembleGpt<typename Space::Genome>>
class EnsembleRanker {
  using Genome = typename Space::Genome;
  using Model = typename GptType::Model;
  // Of the longest sequence: its heads and tokens.
  static constexpr std::size_t inputs = 1 + GptType::Format::has_cost + Layout<Genome>::max_tokens;
  static_assert(
      Model::Sizes::context >= inputs,
      "gptnas::EnsembleRanker needs a GenomeGpt with room for the last token, too; see docs/concepts.md#ranker");

 public:
  /// With a GPT of its own.
  ///
  /// @throws std::invalid_argument if an option is outside its domain.
  explicit EnsembleRanker(const EnsembleRankerOptions& options = {})
      : EnsembleRanker(GptType(checked(options).gpt), options) {}

  /// With a copy of another one's GPT, such as one that was pre-trained on genomes of the user's.
  ///
  /// @throws std::invalid_argument if an option is outside its domain.
  explicit EnsembleRanker(const GptType& gpt, const EnsembleRankerOptions& options = {})
      : options_(checked(options)), gpt_(gpt) {
    RandomStream random(options.gpt.seed, 0, Purpose::initialize);
    make_projection(random);
    const auto units = static_cast<Eigen::Index>(options.units), columns = projection_.rows() + 1;
    const double input_scale = 1 / std::sqrt(static_cast<double>(columns));
    const double output_scale = std::sqrt(2 / static_cast<double>(units));  // half of the units are above 0
    for (std::size_t member = 0; member < options.members; ++member) {
      Head head{Eigen::MatrixXf(units, columns),
                Eigen::VectorXd(units),
                {},
                Eigen::MatrixXd::Zero(units, units),
                Eigen::MatrixXd(units, 0)};
      for (float& weight : head.hidden.reshaped()) weight = static_cast<float>(input_scale * standard_normal(random));
      for (double& weight : head.prior) weight = output_scale * standard_normal(random);
      heads_.push_back(std::move(head));
    }
  }

  std::size_t pool() const { return fitness_.size() < options_.initial ? 1 : options_.pool; }

  /// Complexity: one reading of each genome; after new outcomes, O(members (units^3 + outcomes units)).
  void score(std::span<const Genome> genomes, std::span<double> scores) {
    fit();
    const Eigen::MatrixXf x = features(genomes);
    Eigen::MatrixXd values(x.cols(), static_cast<Eigen::Index>(heads_.size()));  // (genomes, members)
    for (Eigen::Index member = 0; member < values.cols(); ++member) {
      values.col(member) = heads_[static_cast<std::size_t>(member)].values(x);
    }
    const Eigen::VectorXd mean = values.rowwise().mean();
    const Eigen::VectorXd squares = (values.colwise() - mean).rowwise().squaredNorm();
    for (std::size_t i = 0; i < genomes.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      const double deviation = std::sqrt(squares[row] / static_cast<double>(heads_.size() - 1));
      scores[i] = mean[row] + options_.exploration * deviation;
    }
  }

  /// Learns from the first success of each genome, up to its canonical form. Complexity: O(members units (units +
  /// outcomes)).
  ///
  /// @param fitness  the first value counts; none is a failure.
  /// @throws std::invalid_argument if one is NaN.
  void observe(const Individual<Space>& individual, std::span<const double> fitness) {
    detail::refuse_nan("EnsembleRanker::observe: fitness", fitness);
    if (fitness.empty() || !known_.insert(canonical_of<Space>(individual.genome)).second) return;
    const Eigen::MatrixXf x = features(std::span(&individual.genome, 1));
    RandomStream random(options_.gpt.seed, fitness_.size(), Purpose::fit);
    for (Head& head : heads_) head.add(x, poisson(random));
    fitness_.push_back(fitness[0]);
    is_stale_ = true;
  }

 private:
  using Head = detail::ValueHead;

  static const EnsembleRankerOptions& checked(const EnsembleRankerOptions& options) {
    if (options.pool == 0) throw invalid_value("EnsembleRanker::pool", options.pool, "at least 1");
    if (options.initial == 0) throw invalid_value("EnsembleRanker::initial", options.initial, "at least 1");
    if (options.features == 0) throw invalid_value("EnsembleRanker::features", options.features, "at least 1");
    if (options.units == 0) throw invalid_value("EnsembleRanker::units", options.units, "at least 1");
    if (options.members < 2) throw invalid_value("EnsembleRanker::members", options.members, "at least 2");
    if (!(options.exploration >= 0 && is_finite(options.exploration))) {
      throw invalid_value("EnsembleRanker::exploration", options.exploration, "finite, at least 0");
    }
    if (!(options.noise > 0 && is_finite(options.noise))) {
      throw invalid_value("EnsembleRanker::noise", options.noise, "finite, more than 0");
    }
    return options;
  }

  // Of mean 1, by inversion.
  static double poisson(RandomStream& random) {
    double rest = random.uniform(), term = std::exp(-1.0);
    int count = 0;
    for (; rest >= term && count < 20; term /= ++count) rest -= term;
    return count;
  }

  // The last hidden states, zeros behind the last token. (inputs x width, genomes)
  Eigen::MatrixXf states(std::span<const Genome> genomes) {
    using Sequence = InlineVector<Token, inputs + 1>;
    std::vector<Sequence> sequences(genomes.size());
    for (std::size_t i = 0; i < genomes.size(); ++i) {
      for (const Token token : gpt_.sequence(genomes[i])) sequences[i].push_back(token);
      sequences[i].push_back(start_token);  // it is never read: the last of a sequence is no input
    }
    Eigen::MatrixXf states =
        Eigen::MatrixXf::Zero(inputs * Model::Sizes::width, static_cast<Eigen::Index>(genomes.size()));
    reader_.visit_last_states(gpt_.model(), sequences, [&](std::size_t i, auto values) {
      for (std::size_t k = 0; k < values.size(); ++k) {
        states(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(i)) = static_cast<float>(values[k]);
      }
    });
    return states;
  }

  // From states to features of mean 0 and variance 1 over the corpus.
  void make_projection(RandomStream& random) {
    const std::vector<Genome>& corpus = gpt_.corpus();
    Eigen::MatrixXf known = states(std::span(corpus).first(std::min<std::size_t>(corpus.size(), 500)));
    const auto inverse = [](float deviation) { return deviation > 1e-5f ? 1 / deviation : 0; };
    const float scale = 1 / std::sqrt(static_cast<float>(known.cols()));
    shift_ = known.rowwise().mean();
    known.colwise() -= shift_;
    const Eigen::VectorXf state_scale = (scale * known.rowwise().norm()).unaryExpr(inverse);
    constexpr Eigen::Index width = Model::Sizes::width;
    Eigen::MatrixXf shared(static_cast<Eigen::Index>(options_.features), width);
    projection_.resize(shared.rows(), known.rows());
    for (float& weight : shared.reshaped()) weight = static_cast<float>(standard_normal(random));
    for (float& weight : projection_.reshaped()) weight = static_cast<float>(standard_normal(random));
    for (Eigen::Index place = 0; place < known.rows(); place += width) {
      projection_.middleCols(place, width) += shared;
    }
    projection_ = projection_ * state_scale.asDiagonal();
    const Eigen::VectorXf feature_scale = (scale * (projection_ * known).rowwise().norm()).unaryExpr(inverse);
    projection_ = feature_scale.asDiagonal() * projection_;
  }

  // And a constant. (features + 1, genomes)
  Eigen::MatrixXf features(std::span<const Genome> genomes) {
    const Eigen::MatrixXf raw = states(genomes).colwise() - shift_;
    Eigen::MatrixXf x(projection_.rows() + 1, raw.cols());
    x.topRows(projection_.rows()).noalias() = projection_ * raw;
    x.bottomRows(1).setOnes();
    return x;
  }

  void fit() {
    if (!is_stale_) return;
    const std::vector<double> values = rank_quantiles(fitness_);
    const Eigen::Map<const Eigen::VectorXd> targets(values.data(), static_cast<Eigen::Index>(values.size()));
    const double precision = options_.noise * static_cast<double>(options_.units) / 2;
    for (Head& head : heads_) head.fit(targets, precision);
    is_stale_ = false;
  }

  EnsembleRankerOptions options_;
  GptType gpt_;
  GptReader<Model> reader_;
  Eigen::VectorXf shift_;
  Eigen::MatrixXf projection_;  // (features, states)
  std::vector<Head> heads_;
  std::unordered_set<Genome, Hash, Equal> known_;  // canonical forms
  std::vector<double> fitness_;
  bool is_stale_ = true;
};

}  // namespace gptnas
