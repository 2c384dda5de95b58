// What is computed of the runs: shares, medians, means and tests.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <gptnas/core/objective.hpp>
#include <gptnas/proposers/call_times.hpp>
#include <gptnas/proposers/gpt_proposer.hpp>
#include <gptnas/study/censored_quartiles.hpp>
#include <gptnas/study/holm.hpp>
#include <gptnas/study/mcnemar.hpp>
#include <gptnas/study/non_inferiority.hpp>
#include <gptnas/study/summary.hpp>
#include <gptnas/study/vargha_delaney.hpp>
#include <gptnas/study/wilcoxon.hpp>
#include <gptnas/study/wilson_interval.hpp>

#include "run.hpp"
#include "studies.hpp"

namespace query_efficiency {

using Json = nlohmann::ordered_json;

inline constexpr std::size_t checkpoints[] = {25, 50, 100, 150, 192, 300};

inline Json to_json(const nas::Summary& summary) {
  return {{"mean", summary.mean}, {"standard_error", summary.standard_error}};
}

// Nothing where a quartile is infinite: the best cell was not found.
inline Json quartiles(const std::vector<double>& values) {
  const auto found = nas::censored_quartiles(values);
  const auto or_null = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
  return {{"lower_quartile", or_null(found.lower)},
          {"median", or_null(found.median)},
          {"upper_quartile", or_null(found.upper)},
          {"censored", found.censored}};
}

// Milliseconds a call, over all runs; nothing where there was no call.
inline Json milliseconds(const Arm& arm, nas::CallTimes nas::GptProposerTimes::*calls) {
  nas::CallTimes all;
  for (const Run& run : arm.runs) {
    all.calls += (run.times.*calls).calls;
    all.seconds += (run.times.*calls).seconds;
  }
  return all.calls == 0 ? Json() : Json(1000 * all.mean());
}

inline Json figures(const Study& study, const Arm& arm) {
  Json entry{{"runs", arm.runs.size()}};
  for (const std::size_t budget : checkpoints) {
    if (budget > study.limit) continue;
    const nas::Interval interval = nas::wilson_interval(arm.found_by(budget), arm.runs.size());
    const double share = static_cast<double>(arm.found_by(budget)) / static_cast<double>(arm.runs.size());
    entry["found"][std::to_string(budget)] = {{"share", share}, {"lower", interval.lower}, {"upper", interval.upper}};
    entry["regret"][std::to_string(budget)] =
        to_json(nas::summarize(arm.values([&](const Run& run) { return run.regret[budget - 1]; })));
  }
  entry["queries"] = quartiles(arm.values([](const Run& run) { return run.queries; }));
  entry["queries_by_the_other_key"] = quartiles(arm.values([](const Run& run) { return run.queries_by_other; }));
  entry["different_keys"] = nas::summarize(arm.values([](const Run& run) { return run.keys; })).mean;
  entry["different_other_keys"] = nas::summarize(arm.values([](const Run& run) { return run.other_keys; })).mean;
  entry["endpoint"] = to_json(nas::summarize(arm.values([&](const Run& run) { return run.endpoint(study.endpoint); })));
  entry["test_accuracy"] = to_json(nas::summarize(arm.values([](const Run& run) { return run.test_accuracy; })));
  entry["milliseconds_a_query"] = to_json(nas::summarize(arm.values([](const Run& run) { return run.milliseconds; })));
  entry["milliseconds_a_proposal"] = milliseconds(arm, &nas::GptProposerTimes::proposals);
  entry["milliseconds_a_lesson"] = milliseconds(arm, &nas::GptProposerTimes::lessons);
  entry["milliseconds_of_pretraining"] = milliseconds(arm, &nas::GptProposerTimes::pretraining);
  return entry;
}

inline Json figures(const Study& study, const std::vector<Arm>& arms) {
  Json record;
  for (const Arm& arm : arms) record[arm.name] = figures(study, arm);
  return record;
}

inline const Arm& find(const std::vector<Arm>& arms, const std::string& name) {
  const auto found = std::find_if(arms.begin(), arms.end(), [&](const Arm& each) { return each.name == name; });
  if (found == arms.end()) throw std::logic_error("no arm is called " + name);
  return *found;
}

// What the GPT is compared with.
inline constexpr const char* other_proposers[] = {"mutation", "uniform", "n-gram"};

// Of the factorial; that of no ranker is empty.
inline std::vector<std::string> ranker_names(const Study& study) {
  std::vector<std::string> names{""};
  for (const NamedRanker& ranker : study.rankers) names.push_back(ranker.name);
  return names;
}

// The family of comparisons, named in advance: the GPT, with the default ranker and without, against the searches
// without a proposer, and with each ranker against the other proposers with the same.
inline std::vector<std::pair<const Arm*, const Arm*>> family(const Study& study) {
  std::vector<std::pair<const Arm*, const Arm*>> pairs;
  const auto add = [&](const std::string& ranker, const std::string& other) {
    pairs.emplace_back(&find(study.arms, arm_name("GPT", ranker)), &find(study.arms, other));
  };
  for (const char* ranker : {"", default_ranker}) {
    for (const char* other : {"random search", "local search", "regularized evolution", "genetic algorithm"}) {
      add(ranker, other);
    }
  }
  for (const std::string& ranker : ranker_names(study)) {
    for (const char* other : other_proposers) add(ranker, arm_name(other, ranker));
  }
  return pairs;
}

// Each of the two tests is adjusted over the family.
inline Json comparisons(const Study& study) {
  const auto pairs = family(study);
  const auto endpoint = [&](const Run& run) { return run.endpoint(study.endpoint); };
  const auto found = [](const Arm& arm) {
    std::vector<bool> each;
    for (const Run& run : arm.runs) each.push_back(run.queries <= 100);
    return each;
  };
  std::vector<double> wilcoxon, mcnemar;
  for (const auto& [first, second] : pairs) {
    wilcoxon.push_back(nas::wilcoxon(first->values(endpoint), second->values(endpoint)).p);
    mcnemar.push_back(nas::mcnemar(found(*first), found(*second)).p);
  }
  const std::vector<double> wilcoxon_holm = nas::holm(wilcoxon), mcnemar_holm = nas::holm(mcnemar);
  Json record = Json::array();
  for (std::size_t test = 0; test < pairs.size(); ++test) {
    const auto [first, second] = pairs[test];
    record.push_back({{"first", first->name},
                      {"second", second->name},
                      {"wilcoxon_p", wilcoxon[test]},
                      {"holm_p", wilcoxon_holm[test]},
                      {"mcnemar_p", mcnemar[test]},
                      {"mcnemar_holm_p", mcnemar_holm[test]},
                      {"a12", nas::vargha_delaney(second->values(endpoint), first->values(endpoint))}});
  }
  return record;
}

// Whether the GPT is not worse than other proposals with the same ranker: by three queries, or by 0.02 points of regret
// after 150 queries. Not adjusted.
inline Json not_worse(const Study& study) {
  const bool by_queries = study.endpoint == Endpoint::queries;
  const auto value = [&](const Run& run) { return by_queries ? run.queries_or_limit() : run.regret[149]; };
  const double margin = by_queries ? 3 : 0.02;
  Json record = Json::array();
  for (const std::string& ranker : ranker_names(study)) {
    const Arm& gpt = find(study.arms, arm_name("GPT", ranker));
    const auto ours = gpt.values(value);
    for (const char* other : other_proposers) {
      const Arm& reference = find(study.arms, arm_name(other, ranker));
      const auto its = reference.values(value);
      record.push_back(
          {{"candidate", gpt.name},
           {"reference", reference.name},
           {"margin", margin},
           {"mean_difference", nas::summarize(ours).mean - nas::summarize(its).mean},
           {"p", nas::non_inferiority(ours, its, {.margin = margin, .direction = nas::Direction::minimize}).p}});
    }
  }
  return record;
}

}  // namespace query_efficiency
