// One trainer out of several of different fidelity.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <gptnas/core/default_executor.hpp>
#include <gptnas/core/errors.hpp>
#include <gptnas/core/individual.hpp>
#include <gptnas/core/joined.hpp>
#include <gptnas/core/outcome.hpp>
#include <gptnas/core/random_stream.hpp>
#include <gptnas/core/stop_token.hpp>

namespace gptnas {

/// Trainers that measure the same at different fidelities, as one: the columns of a table after 12 and after 200 epochs,
/// say. What it measures at a fidelity costs so much of what the trainer says.
///
/// @tparam TrainerType  see `Trainer`.
template <class TrainerType>
class FidelityTrainer {
 public:
  using DefaultExecutor = gptnas::DefaultExecutor<TrainerType>;

  static constexpr auto& objectives = TrainerType::objectives;
  static constexpr auto& metrics = TrainerType::metrics;

  struct Level {
    double fidelity;  ///< in (0, 1]
    TrainerType trainer;
  };

  /// @param levels  at least one, of ascending fidelity, the last one 1.
  /// @throws std::invalid_argument if they are anything else.
  explicit FidelityTrainer(std::vector<Level> levels) : levels_(std::move(levels)) {
    if (levels_.empty()) throw invalid_value("FidelityTrainer: levels", levels_.size(), "at least 1");
    double last = 0;
    for (const Level& level : levels_) {
      if (!(level.fidelity > last && level.fidelity <= 1)) {
        throw invalid_value("FidelityTrainer: fidelity", level.fidelity,
                            joined({"above ", last, ", at most 1"}));
      }
      last = level.fidelity;
    }
    if (last != 1) throw invalid_value("FidelityTrainer: last fidelity", last, "1");
  }

  /// Asks the trainer of the largest fidelity that is not above the one asked for, or else the one of the least.
  ///
  /// @throws std::invalid_argument if `fidelity` is outside (0, 1]. Complexity: that of the trainer.
  template <class Space, StopToken Stop = NeverStop>
  Outcome evaluate(const Individual<Space>& individual, double fidelity, RandomStream& random, const Stop& stop) const
    requires requires(const TrainerType& each) { each.evaluate(individual, fidelity, random, stop); }
  {
    if (!(fidelity > 0 && fidelity <= 1)) {
      throw invalid_value("FidelityTrainer::evaluate: fidelity", fidelity, "in (0, 1]");
    }
    std::size_t index = levels_.size() - 1;
    while (index > 0 && levels_[index].fidelity > fidelity) --index;
    const Level& level = levels_[index];
    Outcome outcome = level.trainer.evaluate(individual, level.fidelity, random, stop);
    const Measured* measured = outcome.measured();
    if (!measured) return outcome;
    return Measured{measured->objectives, measured->metrics, level.fidelity * measured->cost};
  }

 private:
  std::vector<Level> levels_;
};

}  // namespace gptnas
